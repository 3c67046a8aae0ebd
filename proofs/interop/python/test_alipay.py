"""Alipay v2: Alipay's own client for Python against our sandbox and our client."""

import csv
import datetime
import io
import json
import re
import urllib.parse
import urllib.request
import zipfile
from http.client import HTTPConnection

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.exception.Exception import ResponseException
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest,
)
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import AlipayTradeFastpayRefundQueryRequest
from alipay.aop.api.request.AlipayTradePagePayRequest import AlipayTradePagePayRequest
from alipay.aop.api.request.AlipayTradePrecreateRequest import AlipayTradePrecreateRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.util import WebUtils
from alipay.aop.api.util.SignatureUtils import get_sign_content, sign_with_rsa2, verify_with_rsa
from cryptography.hazmat.primitives import serialization

from stage import DESCRIPTION, Case, config, order, order_number, ours, private_key, public_key_of

CONFIG = ("app_id", "seller_id", "app_private_key", "alipay_public_key")
# A subject may hold none of `/`, `=`, `&` (gateways.md B5.1).
SUBJECT = re.sub("[/=&]", "", DESCRIPTION)


def connection_to_any_port(url, query_string, timeout):
    """Connects to any port: their client supports only 80 and 443."""
    parts = urllib.parse.urlparse(url)
    return f"{url}?{query_string}", HTTPConnection(parts.hostname, parts.port, timeout=timeout)


WebUtils.get_http_connection = connection_to_any_port


def pkcs1(pem):
    """Converts a private key to the only format that their client reads."""
    return private_key(pem).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption(),
    ).decode()


def form(text):
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))


class Alipay(Case):
    SHOP = {"body": b"success"}

    def theirs(self, **more):
        written = self.sandbox.alipay
        settings = AlipayClientConfig()
        settings.server_url = written["gateway_url"]
        settings.app_id = written["app_id"]
        settings.app_private_key = pkcs1(written["app_private_key"])
        settings.alipay_public_key = written["alipay_public_key"]
        for name, value in more.items():
            setattr(settings, name, value)
        return DefaultAlipayClient(settings)

    def call(self, request, by=None, notify_url=None, **content):
        """A call by their client, which verifies the answer."""
        request = request()
        request.biz_content = content
        request.notify_url = notify_url
        return json.loads((by or self.theirs()).execute(request))

    def ordered(self, number):
        node = self.call(
            AlipayTradePrecreateRequest, notify_url=f"{self.shop.url}/{number}",
            out_trade_no=number, total_amount="128.00", subject=SUBJECT, body="二 & 三 = 五",
        )
        self.assertEqual(node["code"], "10000", node)
        return node["qr_code"]

    def query(self, number, by=None):
        return self.call(AlipayTradeQueryRequest, by, out_trade_no=number)

    def paid(self, number):
        """Their client orders, the phone pays, and the shop is notified."""
        self.sandbox.phone("approve", self.ordered(number))
        return form(self.shop.take(f"/{number}").body.decode())

    def test_their_client_orders_queries_refunds_and_closes_and_accepts_the_answers(self):
        number = order_number("N-")
        code = self.ordered(number)
        self.assertTrue(code.startswith("https://qr.alipay.com/"), code)
        self.assertEqual(self.query(number)["sub_code"], "ACQ.TRADE_NOT_EXIST")
        self.sandbox.phone("scan", code)
        self.assertEqual(self.query(number)["trade_status"], "WAIT_BUYER_PAY")
        self.sandbox.phone("approve", code)
        done = self.query(number)
        self.assertEqual((done["trade_status"], done["total_amount"]), ("TRADE_SUCCESS", "128.00"))

        refund = self.call(
            AlipayTradeRefundRequest, out_trade_no=number, refund_amount="8.00", out_request_no="R-1",
            refund_reason="不要了 +1",
        )
        self.assertEqual((refund["fund_change"], refund["refund_fee"]), ("Y", "8.00"))
        found = self.call(AlipayTradeFastpayRefundQueryRequest, out_trade_no=number, out_request_no="R-1")
        self.assertEqual((found["refund_status"], found["refund_amount"]), ("REFUND_SUCCESS", "8.00"))

        other = order_number()
        self.sandbox.phone("scan", self.ordered(other))
        self.assertEqual(self.call(AlipayTradeCloseRequest, out_trade_no=other)["out_trade_no"], other)
        self.assertEqual(self.query(other)["trade_status"], "TRADE_CLOSED")

    def test_their_payment_page_leads_to_our_cashier_whose_return_they_verify(self):
        number = order_number()
        request = AlipayTradePagePayRequest()
        request.biz_content = {
            "out_trade_no": number, "total_amount": "128.00", "subject": SUBJECT,
            "product_code": "FAST_INSTANT_TRADE_PAY",
        }
        request.return_url = f"{self.shop.url}/back"
        request.notify_url = f"{self.shop.url}/{number}"
        with urllib.request.urlopen(self.theirs().page_execute(request, "GET"), timeout=30) as cashier:
            address = cashier.geturl()
            self.assertIn("¥128.00", cashier.read().decode())
        # The shop's server records the URL that the browser returned to.
        with urllib.request.urlopen(f"{address}/pay", data=b"", timeout=30) as back:
            query = urllib.parse.urlparse(back.geturl()).query
        self.assertTrue(self.genuine(form(query)))
        self.assertFalse(self.genuine(form(query) | {"total_amount": "0.01"}))

    def genuine(self, message, key=None):
        """Verifies as their documentation describes: without `sign` and `sign_type`."""
        signed = {name: value for name, value in message.items() if name not in ("sign", "sign_type")}
        return self.verified(signed, message["sign"], key or self.sandbox.alipay["alipay_public_key"])

    def verified(self, signed, signature, key):
        try:
            return verify_with_rsa(key, get_sign_content(signed).encode(), signature)
        except Exception as error:
            self.assertEqual(type(error).__name__, "VerificationError")
            return False

    def test_our_sandbox_refuses_their_signature_by_another_key(self):
        wrong = self.theirs(app_private_key=pkcs1(self.sandbox.platform_alipay))
        refused = self.query(order_number(), wrong)
        self.assertEqual((refused["code"], refused["sub_code"]), ("40002", "isv.invalid-signature"))

    def test_their_client_refuses_answers_with_a_wrong_or_no_signature(self):
        number = order_number()
        self.paid(number)
        self.sandbox.spoil_next("query", "bad_signature")
        with self.assertRaisesRegex(ResponseException, "sign verify failed"):
            self.query(number)
        blind = self.theirs(alipay_public_key=public_key_of(self.sandbox.alipay["app_private_key"]))
        with self.assertRaisesRegex(ResponseException, "sign verify failed"):
            self.query(number, blind)
        self.sandbox.faults(alipay_unsigned=True)
        with self.assertRaises(ResponseException):
            self.query(number)
        self.sandbox.faults(alipay_unsigned=False, alipay_plain_slashes=True)
        self.assertEqual(self.query(number)["trade_status"], "TRADE_SUCCESS")

    def test_they_verify_our_notifications_and_refuse_modified_ones(self):
        number = order_number()
        message = self.paid(number)
        self.assertTrue(self.genuine(message))
        self.assertEqual((message["trade_status"], message["subject"]), ("TRADE_SUCCESS", SUBJECT))
        for name in message.keys() - {"sign_type"}:
            other = ("2" if message[name][0] == "1" else "1") + message[name][1:]
            self.assertFalse(self.genuine(message | {name: other}), f"another {name}")
        self.call(AlipayTradeRefundRequest, out_trade_no=number, refund_amount="128.00", out_request_no="R-1")
        about = form(self.shop.take(f"/{number}").body.decode())
        self.assertTrue(self.genuine(about))
        self.assertEqual((about["trade_status"], about["refund_fee"]), ("TRADE_CLOSED", "128.00"))

    def ask(self, call):
        return ours("alipay", config(self.sandbox.alipay, CONFIG, gateway_url=f"{self.platform.url}/gateway.do"), call)

    def check_signed_by_us(self, parameters):
        """Verifies a request as Alipay does: with `sign_type`, by the application's public key."""
        signed = {name: value for name, value in parameters.items() if name != "sign"}
        key = public_key_of(self.sandbox.alipay["app_private_key"])
        self.assertTrue(self.verified(signed, parameters["sign"], key), parameters)
        self.assertFalse(self.genuine(parameters, key))
        # PKCS#1 v1.5 is deterministic, so their function must produce the same signature.
        written = sign_with_rsa2(pkcs1(self.sandbox.alipay["app_private_key"]), get_sign_content(signed), "utf-8")
        self.assertEqual(parameters["sign"], written)

    def answer_with(self, method, node, key=None):
        name = f"alipay_trade_{method.replace('.', '_')}_response"
        signature = sign_with_rsa2(pkcs1(key or self.sandbox.platform_alipay), node, "utf-8")
        body = f'{{"{name}":{node},"sign":"{signature}"}}'
        self.platform.answer = (200, {"Content-Type": "text/html;charset=utf-8"}, body.encode())

    def test_their_check_accepts_what_our_client_signs_and_our_client_what_they_sign(self):
        number = order_number("O-")
        calls = [
            ({"precreate": order(number, description=SUBJECT)}, "precreate",
             f'{{"code":"10000","msg":"Success","out_trade_no":"{number}","qr_code":"https:\\/\\/qr.alipay.com\\/bax0"}}'),
            ({"query": number}, "query",
             f'{{"code":"10000", "msg":"Success","out_trade_no":"{number}","subject":"\\u9f99 {{","total_amount":"128.00",'
             f'"trade_status":"TRADE_SUCCESS"}}'),
            ({"close": number}, "close", f'{{"code":"10000","msg":"Success","out_trade_no":"{number}"}}'),
            ({"refund": {"out_trade_no": number, "out_refund_no": "R-1", "amount": 800, "total": 12_800, "reason": "不要了"}},
             "refund", f'{{"code":"10000","out_trade_no":"{number}","fund_change":"Y","refund_fee":"8.00"}}'),
            ({"query_refund": {"out_trade_no": number, "out_refund_no": "R-1"}}, "fastpay.refund.query",
             f'{{"code":"10000","out_trade_no":"{number}","out_request_no":"R-1","refund_status":"REFUND_SUCCESS",'
             f'"refund_amount":"8.00"}}'),
        ]
        for call, method, node in calls:
            self.answer_with(method, node)
            self.assertIn("ok", self.ask(call), method)
            kept = self.platform.take_any()
            parameters = form(urllib.parse.urlparse(kept.url).query) | form(kept.body.decode())
            self.assertEqual(parameters["method"], f"alipay.trade.{method}")
            self.check_signed_by_us(parameters)
            with self.assertRaises(AssertionError):
                self.check_signed_by_us(parameters | {"version": "2.0"})
        self.answer_with(*calls[1][1:], key=self.sandbox.alipay["app_private_key"])
        self.assertEqual(self.ask({"query": number})["error"]["code"], "unverified")

    def test_their_check_accepts_the_payment_pages_that_our_client_signs(self):
        for call in ("page_pay_url", "wap_pay_url"):
            more = {"return_url": "http://127.0.0.1:9/back", "quit_url": "http://127.0.0.1:9/cart?a=1&b=2"}
            url = self.ask({call: order(order_number(), **more)})["ok"]["url"]
            self.check_signed_by_us(form(urllib.parse.urlparse(url).query))

    def test_their_functions_and_our_client_agree_about_which_notifications_are_genuine(self):
        number = order_number()
        plain = {
            "notify_id": "ac05", "app_id": self.sandbox.alipay["app_id"], "seller_id": self.sandbox.alipay["seller_id"],
            "out_trade_no": number, "total_amount": "128.00", "trade_no": "2026112822001434021425786415",
            "trade_status": "TRADE_SUCCESS", "gmt_payment": "2026-11-28 13:29:35", "charset": "utf-8",
            "fund_bill_list": '[{"amount":"128.00","fundChannel":"ALIPAYACCOUNT"}]', "subject": "龙井茶",
        }

        def signed(message):
            signature = sign_with_rsa2(pkcs1(self.sandbox.platform_alipay), get_sign_content(message), "utf-8")
            return message | {"sign_type": "RSA2", "sign": signature}

        cases = [
            (signed(plain), True),
            (signed(plain | {"subject": DESCRIPTION, "body": "a+b c&d", "passback_params": "a%3D1%26b%3D2"}), True),
            (signed(plain | {"zzz": "1", "_a": "2", "A": "3"}), True),
            (signed(plain) | {"total_amount": "129.00"}, False),
            (signed(plain) | {"zzz": "1"}, False),
            (signed(plain) | {"sign": signed(plain | {"charset": "gbk"})["sign"]}, False),
        ]
        for message, is_genuine in cases:
            body = urllib.parse.urlencode(message)
            self.assertEqual(self.genuine(form(body)), is_genuine, f"theirs: {message}")
            result = self.ask({"notification": body})
            self.assertEqual("ok" in result, is_genuine, f"ours: {result}")
            if not is_genuine:
                self.assertEqual(result["error"]["code"], "bad_signature")

    def test_our_client_and_pythons_parsers_read_the_same_lines_of_our_bill(self):
        self.sandbox.faults(bills_of_today=True)
        number = order_number()
        self.paid(number)
        self.call(AlipayTradeRefundRequest, out_trade_no=number, refund_amount="8.01", out_request_no="B-1")
        self.shop.take(f"/{number}")
        day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat()
        node = self.call(AlipayDataDataserviceBillDownloadurlQueryRequest, bill_type="trade", bill_date=day)
        with urllib.request.urlopen(node["bill_download_url"], timeout=30) as download:
            archive = zipfile.ZipFile(io.BytesIO(download.read()))
        # File names in the archive are in GBK without the flag for it.
        names = {entry.filename.encode("cp437").decode("gbk"): entry for entry in archive.infolist()}
        (details,) = [entry for name, entry in names.items() if name.endswith("_业务明细.csv")]
        lines = [line for line in archive.read(details).decode("gbk").splitlines() if not line.startswith("#")]
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(lines)]
        read = {(row["商户订单号"], row["退款批次号/请求号"]): row["订单金额（元）"] for row in rows if row["商户订单号"] == number}

        config_of_ours = config(self.sandbox.alipay, CONFIG, gateway_url=self.sandbox.alipay["gateway_url"])
        result = ours("alipay", config_of_ours, {"trade_bill": day})
        mine = {
            (line["out_trade_no"], line["out_refund_no"] or ""): line["amount"]
            for line in result["ok"] if line["out_trade_no"] == number
        }
        self.assertEqual(mine, {(number, ""): 12_800, (number, "B-1"): 801})
        self.assertEqual({key: abs(int(yuan.replace(".", ""))) for key, yuan in read.items()}, mine)
