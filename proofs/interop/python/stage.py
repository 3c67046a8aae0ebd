"""Our sandbox, our clients and an HTTP server that records requests, for third-party clients in Python."""

import faulthandler
import json
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import tomllib
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives import serialization

# Their Alipay client sends the machine's local time, which Alipay reads as China's.
os.environ["TZ"] = "Asia/Shanghai"
time.tzset()

# Prints all stacks and exits if a test hangs.
faulthandler.dump_traceback_later(600, exit=True)

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ["OPENCASHIER_BIN_DIR"])
OUT = Path(os.environ.get("OPENCASHIER_INTEROP_OUT", tempfile.gettempdir()))
TIMEOUT_S = 60
# A text that a missing, repeated or re-serialized encoding would change.
DESCRIPTION = '龙井茶 100% + "礼盒" <1> \\ \U0001f375'


def address_of(process, log):
    """The address that one of our programs prints once it listens."""
    line = process.stdout.readline()
    found = re.search(r"listening on (http://\S+)", line)
    if not found:
        raise RuntimeError(f"{process.args[0]} does not listen: {line}{Path(log).read_text()}")
    return found[1]


class Sandbox:
    """The sandbox as a process, with the keys of the merchant and of the platforms."""

    def __init__(self):
        OUT.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="keys-", dir=OUT))
        # Generating RSA keys takes seconds; those of the last run are reused.
        stored_keys = OUT / "keys.json"
        if stored_keys.exists():
            shutil.copy(stored_keys, self.folder / "keys.json")
        self._log = open(self.folder / "log", "wb")
        self._process = subprocess.Popen(
            [BIN / "sandbox", "--listen", "127.0.0.1:0", "--keys-dir", self.folder, "--speed", "1000"],
            stdout=subprocess.PIPE, stderr=self._log, text=True,
        )
        self.url = address_of(self._process, self._log.name)
        gateways = tomllib.loads((self.folder / "gateways.toml").read_text())
        self.wechat, self.alipay = gateways["wechat_pay"], gateways["alipay"]
        secrets = json.loads((self.folder / "keys.json").read_text())
        # The private keys that only the platforms hold.
        self.platform_wechat = secrets["wechat_pay_private_key"]
        self.platform_alipay = secrets["alipay_private_key"]

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self.folder)

    def phone(self, verb, code):
        """Acts on a code like a phone."""
        return self._ask("POST", verb, {"code": code})

    def faults(self, **switches):
        self._ask("POST", "faults", switches)

    def spoil_next(self, kind, fault):
        self._ask("POST", "chaos", {"next": {kind: {fault: 1}}})

    def rotate(self):
        """WeChat Pay signs by a new platform certificate from now on."""
        self._ask("POST", "certificates/rotate", {})

    def all_is_well(self):
        self._ask("DELETE", "faults")
        self._ask("DELETE", "chaos")

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/sandbox/{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} /sandbox/{path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None


class Kept:
    """A recorded request."""

    def __init__(self, method, url, headers, body):
        self.method, self.url, self.headers, self.body = method, url, headers, body


class Listener:
    """An HTTP server that records every request: a merchant's notification address, or a gateway."""

    def __init__(self, status=200, headers=None, body=b""):
        # The answer, or a function that returns it for a request.
        self.answer = (status, headers or {}, body)
        self._kept = {}
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _keep(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kept = Kept(self.command, self.path, dict(self.headers), body)
                # Recorded before the answer, as a client may ask for it right after.
                listener._at(self.path).put(kept)
                answer = listener.answer
                status, headers, answer = answer(kept) if callable(answer) else answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _keep

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._lock = threading.Lock()
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _at(self, url):
        with self._lock:
            return self._kept.setdefault(url, queue.Queue())

    def take(self, url):
        """Removes and returns the oldest recorded request to this path, or waits for one."""
        return self._at(url).get(timeout=TIMEOUT_S)

    def take_any(self):
        """Removes and returns the only recorded request."""
        with self._lock:
            waiting = [waiting for waiting in self._kept.values() if not waiting.empty()]
        (only,) = waiting
        return only.get_nowait()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Case(unittest.TestCase):
    """A test case with a sandbox, a shop that receives notifications, and an emulated platform."""

    SHOP = {"status": 204}

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.shop = Listener(**cls.SHOP)
        cls.addClassCleanup(cls.shop.stop)
        cls.platform = Listener()
        cls.addClassCleanup(cls.platform.stop)

    def tearDown(self):
        self.sandbox.all_is_well()


def ours(gateway, config, call):
    """Makes a call with one of our clients: `crates/gateways/examples/one_call.rs`."""
    asked = json.dumps({"gateway": gateway, "config": config, "call": call})
    ended = subprocess.run(
        [BIN / "examples" / "one_call"], input=asked, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )
    if ended.returncode != 0:
        raise AssertionError(f"our client ended with {ended.returncode}: {ended.stderr}")
    return json.loads(ended.stdout)


def config(written, names, **more):
    """Our client's configuration, from what the sandbox wrote for the merchant."""
    return {name: written[name] for name in names} | more


def order(number, **more):
    """An order as our clients take it."""
    return {
        "out_trade_no": number, "amount": 12_800, "description": DESCRIPTION,
        "expires_at": int(time.time()) + 1800, "notify_url": "http://127.0.0.1:9/notify",
    } | more


_numbers = count(1)


def order_number(prefix="P"):
    """An order number that no other test has."""
    return f"{prefix}{os.getpid()}_{next(_numbers)}_{time.time_ns() % 10**9}"


def private_key(pem):
    return serialization.load_pem_private_key(pem.encode(), password=None)


def public_key_of(pem):
    """Returns the public key of a private key."""
    return private_key(pem).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo,
    ).decode()
