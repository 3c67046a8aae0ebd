"""docs/openapi.json against our backend and the sandbox: schemathesis calls every operation with data of
the schemas, and beyond them, and compares the answers with the document."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from merchant import Merchant
from stage import OUT, ROOT, Sandbox

DOCUMENT = ROOT / "docs" / "openapi.json"
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance",
]
TIMEOUT_S = 500


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        # Without the limits for each address, which would answer most calls.
        limits = {"calls_per_minute": 0, "sessions_per_minute": 0, "wrong_secrets_per_minute": 0}
        cls.merchant = Merchant(cls.sandbox, limits=limits)
        cls.addClassCleanup(cls.merchant.stop)

    def compare(self, document, *options):
        """Calls the operations of a document; returns the exit status and what schemathesis reports."""
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", document, "--url", self.merchant.url,
            "--checks", ",".join(CHECKS), "--seed", "1", "--generation-database", "none",
            "--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off", "--no-color",
            "--request-timeout", "30", *options,
        ]
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("openapi_hooks.py")),
            "OPENAPI_API": self.merchant.url, "OPENAPI_KEY": self.merchant.secret_key,
            "OPENAPI_SANDBOX": self.sandbox.url,
        }
        run = subprocess.run(command, env=environment, cwd=OUT, capture_output=True, text=True, timeout=TIMEOUT_S)
        return run.returncode, run.stdout + run.stderr

    def test_the_backend_answers_as_the_document_says(self):
        status, report = self.compare(
            DOCUMENT, "--phases", "examples,coverage,fuzzing", "--max-examples", "50", "--max-time", "60",
            # The stream of an open session does not end; the merchant's own tests read it.
            "--exclude-operation-id", "streamSession",
        )
        self.assertEqual(status, 0, report)

    def test_an_answer_that_the_document_does_not_have_is_found(self):
        document = json.loads(DOCUMENT.read_text("utf-8"))
        call = document["paths"]["/v1/checkout/sessions"]["get"]
        wrong = [
            lambda: document["components"]["schemas"]["SessionCreated"]["required"].append("price"),
            lambda: call["responses"]["200"]["headers"].update({"X-Total": {"required": True, "schema": {"type": "string"}}}),
            lambda: call["responses"].update({"201": call["responses"].pop("200")}),
        ]
        for change, found in zip(wrong, ['"price" is a required property', "X-Total", "Undocumented status code"], strict=True):
            change()
            with tempfile.NamedTemporaryFile("w", suffix=".json", dir=OUT) as file:
                json.dump(document, file)
                file.flush()
                status, report = self.compare(
                    file.name, "--phases", "fuzzing", "--max-examples", "10", "--mode", "positive",
                    "--include-operation-id", "listSessions",
                )
            self.assertEqual(status, 1, report)
            self.assertIn(found, report)


if __name__ == "__main__":
    unittest.main()
