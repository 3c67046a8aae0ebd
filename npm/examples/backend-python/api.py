"""Calls of the merchant API by the merchant's own server."""

import json
import os
import time
import urllib.error
import urllib.request

TRIES = 3
TIMEOUT_S = 20
LONGEST_WAIT_S = 30


class ApiProblem(Exception):
    """A call was refused, or its outcome is not known: repeat it with the same idempotency key."""


def call_api(method, address, body=None, idempotency_key=None):
    """Makes a call and returns the answer.

    Repeats it, under the same key, after connection errors and where the backend says that it may
    succeed later.
    """
    headers = {"Authorization": f"Bearer {os.environ['SECRET_KEY']}"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    for attempt in range(1, TRIES + 1):
        request = urllib.request.Request(address, data, headers, method=method)
        problem, wait = {}, None
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After", "")
            may_repeat = error.code == 429 or error.code >= 500
            try:
                problem = json.load(error)
            except ValueError:
                pass  # A proxy has answered.
            may_repeat = problem.get("retryable", may_repeat)
            reason = f"{error.code} {problem.get('code')} {problem.get('detail')} {problem.get('request_id')}"
        except (OSError, ValueError) as error:
            may_repeat, reason = True, f"not answered: {error}"
        if not may_repeat or attempt == TRIES:
            raise ApiProblem(f"{method} {address}: {reason}")
        time.sleep(min(LONGEST_WAIT_S, int(wait) if wait and wait.isdigit() else attempt))
