"""Our backend's webhooks, verified by the Standard Webhooks convention's own library for Python."""

import base64
import datetime
import os
import secrets
import unittest

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from merchant import Merchant
from stage import DESCRIPTION, Listener, Sandbox, order_number


def new_secret():
    return f"whsec_{base64.b64encode(os.urandom(32)).decode()}"


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
