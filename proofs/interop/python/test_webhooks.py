"""Our backend's webhooks, verified by the Standard Webhooks convention's own library for Python."""

import base64
import datetime
import json
import os
import secrets
import subprocess
import tempfile
import unittest
import urllib.request
import uuid
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from stage import BIN, DESCRIPTION, TIMEOUT_S, Listener, Sandbox, address_of, order_number


def new_secret():
    return f"whsec_{base64.b64encode(os.urandom(32)).decode()}"


class Merchant:
    """Our backend as a process, which sends webhooks."""

    def __init__(self, sandbox, url, webhook_secrets):
        self._folder = tempfile.TemporaryDirectory(dir=sandbox.folder)
        self._secret_key = f"sk_test_{secrets.token_hex(24)}"
        server = {
            "listen": "127.0.0.1:0", "public_url": "http://127.0.0.1:9", "allowed_origins": ["http://127.0.0.1:9"],
            "secret_key": self._secret_key, "signing_key": secrets.token_hex(32),
            "database": f"{self._folder.name}/merchant.sqlite", "merchant_name": "清禾茶铺",
        }
        config = Path(self._folder.name) / "merchant.toml"
        sections = {"server": server, "webhooks": {"url": url, "secret": webhook_secrets}}
        # JSON's texts and arrays are TOML's, too.
        config.write_text("\n".join(
            line for name, settings in sections.items()
            for line in [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
        ))
        self._log = open(Path(self._folder.name) / "log", "w+")
        self._process = subprocess.Popen(
            [BIN / "merchant", "--config", config, "--config", sandbox.folder / "gateways.toml"],
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )
        self._url = address_of(self._process, self._log.name)

    def expired_session(self, **more):
        """Opens a session and expires it at once, so that an event is sent."""
        body = {"amount": {"value": 12_800, "currency": "CNY"}, "description": "龙井茶"} | more
        session = self._ask("/v1/checkout/sessions", body)["session"]
        return self._ask(f"/v1/checkout/sessions/{session['id']}/expire")

    def _ask(self, path, body=None):
        request = urllib.request.Request(
            f"{self._url}{path}", method="POST", data=b"" if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._secret_key}", "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
            },
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return json.load(response)

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.receiver = Listener(status=204)
        cls.addClassCleanup(cls.receiver.stop)
        # While a secret is changed, events are signed by both.
        cls.secrets = [new_secret(), new_secret()]
        cls.merchant = Merchant(cls.sandbox, f"{cls.receiver.url}/hooks", cls.secrets)
        cls.addClassCleanup(cls.merchant.stop)

    def received(self, **more):
        """An event of our backend, as the receiver got it."""
        self.merchant.expired_session(**more)
        kept = self.receiver.take("/hooks")
        return kept.body.decode(), {name.lower(): value for name, value in kept.headers.items()}

    def test_their_verifier_accepts_our_backends_events_by_each_of_two_secrets(self):
        number = order_number()
        body, headers = self.received(order_id=number, metadata={"note": DESCRIPTION})
        at = datetime.datetime.fromtimestamp(int(headers["webhook-timestamp"]), datetime.timezone.utc)
        signed = []
        for secret in self.secrets:
            event = Webhook(secret).verify(body, headers)
            self.assertEqual(event["type"], "checkout.session.expired")
            self.assertEqual((event["data"]["order_id"], event["data"]["metadata"]["note"]), (number, DESCRIPTION))
            signed.append(Webhook(secret).sign(headers["webhook-id"], at, body))
        self.assertEqual(headers["webhook-signature"], " ".join(signed))

    def test_their_verifier_refuses_a_changed_event_another_secret_and_an_old_timestamp(self):
        body, headers = self.received(order_id=order_number())
        verifier = Webhook(self.secrets[0])
        verifier.verify(body, headers)
        timestamp = int(headers["webhook-timestamp"])
        for changed, more in [
            (body.replace("12800", "12801"), {}),
            (f"{body} ", {}),
            (body, {"webhook-id": f"{headers['webhook-id']}1"}),
            (body, {"webhook-timestamp": str(timestamp + 1)}),
        ]:
            with self.assertRaisesRegex(WebhookVerificationError, "No matching signature"):
                verifier.verify(changed, headers | more)
        with self.assertRaisesRegex(WebhookVerificationError, "too old"):
            verifier.verify(body, headers | {"webhook-timestamp": str(timestamp - 301)})
        with self.assertRaisesRegex(WebhookVerificationError, "No matching signature"):
            Webhook(new_secret()).verify(body, headers)
