"""Alipay v2: `python-alipay-sdk`, a third-party client, against our sandbox and our client."""

import importlib.util
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from stage import DESCRIPTION, Case, config, order, order_number, ours, public_key_of

CONFIG = ("app_id", "seller_id", "app_private_key", "alipay_public_key")
# A subject may hold none of `/`, `=`, `&` (gateways.md B5.1).
SUBJECT = "".join(letter for letter in DESCRIPTION if letter not in "/=&")


def their_module():
    """Loads it under another name, because Alipay's own client is called `alipay`, too."""
    file = Path(sys.prefix) / "source-packages" / "alipay" / "__init__.py"
    name = "python_alipay_sdk"
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=[str(file.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


THEIRS = their_module()


def form(text):
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))


class PythonAlipaySdk(Case):
    SHOP = {"body": b"success"}

    def theirs(self, **more):
        written = self.sandbox.alipay
        client = THEIRS.AliPay(**{
            "appid": written["app_id"], "app_private_key_string": written["app_private_key"],
            "alipay_public_key_string": written["alipay_public_key"],
        } | more)
        # It has only the real gateway's URL.
        client._gateway = written["gateway_url"]
        return client

    def ordered(self, number):
        node = self.theirs().api_alipay_trade_precreate(
            SUBJECT, number, "128.00", notify_url=f"{self.shop.url}/{number}", body="二 & 三 = 五",
        )
        self.assertEqual(node["code"], "10000", node)
        return node["qr_code"]

    def paid(self, number):
        """Their client orders, the phone pays, and the shop is notified."""
        self.sandbox.phone("approve", self.ordered(number))
        return form(self.shop.take(f"/{number}").body.decode())

    def query(self, number, by=None):
        return (by or self.theirs()).api_alipay_trade_query(out_trade_no=number)

    def genuine(self, message, by=None):
        """Verifies a notification as their documentation describes."""
        members = dict(message)
        return (by or self.theirs()).verify(members, members.pop("sign"))

    def test_their_client_orders_queries_refunds_and_closes_and_accepts_the_answers(self):
        number = order_number("N-")
        code = self.ordered(number)
        self.assertEqual(self.query(number)["sub_code"], "ACQ.TRADE_NOT_EXIST")
        self.sandbox.phone("approve", code)
        done = self.query(number)
        self.assertEqual((done["trade_status"], done["total_amount"]), ("TRADE_SUCCESS", "128.00"))
        refund = self.theirs().api_alipay_trade_refund(
            "8.00", out_trade_no=number, out_request_no="R-1", refund_reason="不要了 +1",
            query_options=["refund_detail_item_list"],
        )
        self.assertEqual((refund["fund_change"], refund["refund_fee"], refund["send_back_fee"]), ("Y", "8.00", "8.00"))
        found = self.theirs().api_alipay_trade_fastpay_refund_query("R-1", out_trade_no=number)
        self.assertEqual((found["refund_status"], found["refund_amount"]), ("REFUND_SUCCESS", "8.00"))

        other = order_number()
        self.sandbox.phone("scan", self.ordered(other))
        self.assertEqual(self.theirs().api_alipay_trade_close(out_trade_no=other)["out_trade_no"], other)
        self.assertEqual(self.query(other)["trade_status"], "TRADE_CLOSED")

    def test_their_payment_page_leads_to_our_cashier_whose_return_they_verify(self):
        number = order_number()
        signed = self.theirs().api_alipay_trade_page_pay(
            SUBJECT, number, "128.00", return_url=f"{self.shop.url}/back", notify_url=f"{self.shop.url}/{number}",
        )
        with urllib.request.urlopen(f"{self.sandbox.alipay['gateway_url']}?{signed}", timeout=30) as cashier:
            address = cashier.geturl()
            self.assertIn("¥128.00", cashier.read().decode())
        # The shop's server records the URL that the browser returned to.
        with urllib.request.urlopen(f"{address}/pay", data=b"", timeout=30) as back:
            message = form(urllib.parse.urlparse(back.geturl()).query)
        self.assertTrue(self.genuine(message))
        self.assertFalse(self.genuine(message | {"total_amount": "0.01"}))

    def test_signatures_by_another_key_are_refused_on_both_sides(self):
        number = order_number()
        self.paid(number)
        wrong = self.theirs(app_private_key_string=self.sandbox.platform_alipay)
        refused = self.query(number, wrong)
        self.assertEqual((refused["code"], refused["sub_code"]), ("40002", "isv.invalid-signature"))
        self.sandbox.spoil_next("query", "bad_signature")
        with self.assertRaises(THEIRS.AliPayValidationError):
            self.query(number)
        blind = self.theirs(alipay_public_key_string=public_key_of(self.sandbox.alipay["app_private_key"]))
        with self.assertRaises(THEIRS.AliPayValidationError):
            self.query(number, blind)

    def test_they_verify_our_notifications_and_refuse_modified_ones(self):
        message = self.paid(order_number())
        self.assertTrue(self.genuine(message))
        self.assertEqual((message["trade_status"], message["subject"]), ("TRADE_SUCCESS", SUBJECT))
        for name in message.keys() - {"sign_type"}:
            other = ("2" if message[name][0] == "1" else "1") + message[name][1:]
            self.assertFalse(self.genuine(message | {name: other}), f"another {name}")

    def test_their_functions_sign_the_same_text_as_our_client(self):
        number = order_number("O-")
        calls = [
            {"precreate": order(number, description=SUBJECT)}, {"query": number}, {"close": number},
            {"refund": {"out_trade_no": number, "out_refund_no": "R-1", "amount": 800, "total": 12_800, "reason": "不要了"}},
            {"query_refund": {"out_trade_no": number, "out_refund_no": "R-1"}},
        ]
        settings = config(self.sandbox.alipay, CONFIG, gateway_url=f"{self.platform.url}/gateway.do")
        for call in calls:
            # Our client refuses the empty answer; only its request is looked at.
            self.assertIn("error", ours("alipay", settings, call))
            kept = self.platform.take_any()
            parameters = form(urllib.parse.urlparse(kept.url).query) | form(kept.body.decode())
            signature = parameters.pop("sign")
            written = form(self.theirs().sign_data(dict(parameters)))
            self.assertEqual(written["sign"], signature, call)
            self.assertEqual(written | {"sign": ""}, parameters | {"sign": ""})
