"""Our backend as a process."""

import json
import secrets
import socket
import subprocess
import tempfile
import urllib.request
import uuid
from pathlib import Path

from stage import BIN, TIMEOUT_S, address_of


class Merchant:
    """Our backend as a process, which sends webhooks if it is given an address for them."""

    def __init__(self, sandbox, url=None, webhook_secrets=(), **sections):
        self._folder = tempfile.TemporaryDirectory(dir=sandbox.folder)
        self.secret_key = f"sk_test_{secrets.token_hex(24)}"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        server = {
            "listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}", "allowed_origins": ["http://127.0.0.1:9"],
            "secret_key": self.secret_key, "signing_key": secrets.token_hex(32),
            "database": f"{self._folder.name}/merchant.sqlite", "merchant_name": "清禾茶铺",
        }
        config = Path(self._folder.name) / "merchant.toml"
        sections["server"] = server
        if url:
            sections["webhooks"] = {"url": url, "secret": webhook_secrets}
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
        self.url = address_of(self._process, self._log.name)

    def expired_session(self, **more):
        """Opens a session and expires it at once, so that an event is sent."""
        body = {"amount": {"value": 12_800, "currency": "CNY"}, "description": "龙井茶"} | more
        session = self.ask("/v1/checkout/sessions", body)["session"]
        return self.ask(f"/v1/checkout/sessions/{session['id']}/expire")

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"{self.url}{path}", method="POST", data=b"" if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.secret_key}", "Content-Type": "application/json",
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
