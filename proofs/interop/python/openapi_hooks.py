"""Gives schemathesis the secrets, and sessions, payments and refunds that exist. Run by test_openapi.py."""

import itertools
import json
import os
import time
import urllib.error
import urllib.request

import schemathesis

API, KEY, SANDBOX = os.environ["OPENAPI_API"], os.environ["OPENAPI_KEY"], os.environ["OPENAPI_SANDBOX"]
# A session serves so many calls before the next one is opened: some end it.
CALLS_OF_A_SESSION = 15
EXAMPLE_KEY = "order-1001"
# Other runs may call the same backend.
RUN = f"hook-{os.getpid()}"
_numbers = itertools.count()
_current = {}


def ask(path, body, secret=KEY, base=API):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}", "Idempotency-Key": f"{RUN}-{next(_numbers)}"}
    request = urllib.request.Request(f"{base}{path}", json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def opened():
    """A session with a payment under way."""
    order = {"order_id": f"{RUN}-{next(_numbers)}", "amount": {"value": 12_800, "currency": "CNY"}, "description": "Tea"}
    created = ask("/v1/checkout/sessions", order)
    found = {"session_id": created["session"]["id"], "secret": created["client_secret"]}
    start = {"payment_method": "alipay", "environment": "desktop"}
    session = ask(f"/v1/checkout/sessions/{found['session_id']}/payments", start, found["secret"])
    return found | {"payment_id": session["payment"]["id"], "code": session["payment"]["next_action"]["data"]}


def refunded():
    """A payment that is paid, and a refund of a part of it."""
    found = opened()
    ask("/sandbox/approve", {"code": found["code"]}, base=SANDBOX)
    for _ in range(300):
        try:
            refund = ask("/v1/refunds", {"payment_id": found["payment_id"], "amount": {"value": 1, "currency": "CNY"}})
            return {"paid_id": found["payment_id"], "refund_id": refund["id"]}
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            time.sleep(0.05)
    raise AssertionError("the payment was not paid")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts what exists into most calls. Some keep their generated ids, and some have the other secret."""
    number = next(_numbers)
    if not _current:
        _current.update(refunded())
    if number % CALLS_OF_A_SESSION == 0 or "session_id" not in _current:
        _current.update(opened())
    if number % 5:
        for name in ["session_id", "payment_id", "refund_id"]:
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = _current[name]
        if isinstance(case.body, dict) and case.path == "/v1/refunds" and isinstance(case.body.get("payment_id"), str):
            case.body["payment_id"] = _current["paid_id"]
    # Under the key of the example, most bodies would be those of a key that was used before.
    if number % 10 and (case.headers or {}).get("Idempotency-Key") == EXAMPLE_KEY:
        case.headers["Idempotency-Key"] = f"{RUN}-{number}"
    security = [name for each in case.operation.definition.raw.get("security", []) for name in each]
    secrets = [{"clientSecret": _current["secret"], "secretKey": KEY}[name] for name in security]
    if secrets:
        secret = secrets[number % len(secrets)] if number % 11 else "sk_0000"
        case.headers = dict(case.headers or {}) | {"Authorization": f"Bearer {secret}"}
