"""A shop's server in Python, without a framework: opens a session for an order, writes the checkout
into the order page, and receives webhooks.

Usage: API_BASE=http://127.0.0.1:8001 SECRET_KEY=sk_… WEBHOOK_SECRET=whsec_… DIST=dist python3 server.py
"""

import base64
import json
import mimetypes
import os
import re
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from api import ApiProblem, call_api
from embed import Selector
from webhook import WebhookRefused, verify_webhook

# The orders of the shop; a real one has a database. Prices never come from the browser.
ORDERS = {"1001": (12_800, "Longjing tea, 250 g"), "1002": (9_900, 'A <b> & "cup"')}
API_BASE = os.environ["API_BASE"].rstrip("/")
DIST = Path(os.environ["DIST"])
WEBHOOK_SECRET = os.environ.get("WEBHOOK_SECRET", "")
SELECTOR = Selector(json.loads((DIST / "selector.json").read_text("utf-8")))
# The same event may come again: a set does not change by it.
PAID_ORDERS = set()
MAX_BODY_BYTES = 64 * 1024


class Shop(BaseHTTPRequestHandler):
    """Answers the shop's pages, the widget's files and the backend's webhooks."""

    def do_GET(self):
        order = re.fullmatch(r"/orders/(\d+)", urlsplit(self.path).path)
        file = re.fullmatch(r"/opencashier/(\w[\w.-]*(?:/\w[\w.-]*)?)", urlsplit(self.path).path)
        if order and order[1] in ORDERS:
            self.order_page(order[1])
        elif file and (DIST / file[1]).is_file():
            # A real shop lets its web server send the widget's files.
            kind = "application/wasm" if file[1].endswith(".wasm") else mimetypes.guess_type(file[1])[0]
            self.answer(200, (DIST / file[1]).read_bytes(), {"Content-Type": kind or "application/octet-stream"})
        else:
            self.answer(204 if self.path == "/favicon.ico" else 404)

    def do_POST(self):
        length = self.headers.get("Content-Length") or ""
        if self.path != "/webhooks":
            return self.answer(404)
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            return self.answer(400)
        try:
            # The bytes as they were received, before any parser.
            event = verify_webhook(self.rfile.read(int(length)), self.headers, WEBHOOK_SECRET, time.time())
        except WebhookRefused as refused:
            self.log_error("%s", refused)
            return self.answer(400)
        if event["type"] == "checkout.session.completed":
            PAID_ORDERS.add(event["data"]["order_id"])
        self.answer(204)

    def order_page(self, order_id):
        """The order page, with the checkout in it."""
        price, description = ORDERS[order_id]
        order = {"order_id": order_id, "amount": {"value": price, "currency": "CNY"}, "description": description}
        try:
            # The same key for the same order: a page that is loaded again gets the same session.
            opened = call_api("POST", f"{API_BASE}/v1/checkout/sessions", order, idempotency_key=f"order-{order_id}")
        except ApiProblem as problem:
            self.log_error("%s", problem)
            return self.answer(502, b"The checkout is not available now. Please try again.", {"Content-Type": "text/plain"})
        nonce = base64.b64encode(secrets.token_bytes(16)).decode()
        checkout = SELECTOR.html(opened["session"], opened["client_secret"], API_BASE, "en", nonce)
        title = "Thank you" if order_id in PAID_ORDERS else "Pay for your order"
        api = "{0.scheme}://{0.netloc}".format(urlsplit(API_BASE))
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Your order</title>'
            '<script type="module" src="/opencashier/opencashier.js"></script></head>'
            f"<body><main><h1>{title}</h1>{checkout}</main></body></html>"
        )
        self.answer(200, page.encode(), {
            "Content-Type": "text/html; charset=utf-8",
            # The page has the client secret.
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; "
                f"connect-src 'self' {api}; form-action 'self' {api}; base-uri 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'; trusted-types 'none'"
            ),
        })

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "4321"))), Shop)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
