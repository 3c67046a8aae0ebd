"""Verifies webhooks after the Standard Webhooks convention."""

import base64
import binascii
import hashlib
import hmac
import json

# Limit of the difference between a webhook's time and now.
TOLERANCE_S = 300


class WebhookRefused(Exception):
    """The webhook is not the backend's, or not of now: answer 400 and do nothing."""


def verify_webhook(body, headers, secret, now):
    """Verifies a webhook and returns its event.

    `body` are the bytes as they were received, before any parser; `headers` has a method `get` that
    ignores case.
    """
    try:
        prefix, key = secret[:6], base64.b64decode(secret[6:], validate=True)
    except binascii.Error:
        prefix = key = ""
    if prefix != "whsec_" or not key:
        raise ValueError("WEBHOOK_SECRET must be the whsec_… of the backend's configuration")
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    is_number = timestamp.isascii() and timestamp.isdigit()
    if not event_id or not is_number or abs(now - int(timestamp)) > TOLERANCE_S:
        raise WebhookRefused("the webhook has no id, or its time is not now")
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signatures = headers.get("webhook-signature", "").split(" ")
    # While secrets are changed there is a signature by each. Compares in constant time.
    if not any([hmac.compare_digest(expected.encode(), signature.encode()) for signature in signatures]):
        raise WebhookRefused("the webhook is not signed by this secret")
    return json.loads(body)
