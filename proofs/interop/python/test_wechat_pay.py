"""WeChat Pay v3: `wechatpayv3`, a third-party client, against our sandbox and our client."""

import json
import re
import time
from base64 import b64encode
from unittest import mock

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import build_authorization, rsa_sign, rsa_verify

from stage import DESCRIPTION, Case, config, order, order_number, ours, private_key, public_key_of

CONFIG = ("mchid", "appid", "merchant_serial", "merchant_private_key", "api_v3_key", "public_key_id", "public_key")


class WechatPay(Case):
    def theirs(self, gateway=None, **more):
        written = self.sandbox.wechat
        client = WeChatPay(**{
            "wechatpay_type": WeChatPayType.NATIVE, "mchid": written["mchid"], "appid": written["appid"],
            "private_key": written["merchant_private_key"], "cert_serial_no": written["merchant_serial"],
            "apiv3_key": written["api_v3_key"], "public_key": written["public_key"],
            "public_key_id": written["public_key_id"], "timeout": (10, 30),
        } | more)
        # It has only the real gateway's URL.
        client._core._gate_way = gateway or self.sandbox.url
        return client

    def paid(self, number):
        """Their client orders, the phone pays, and the shop is notified."""
        self.phone_pays(self.ordered(number))
        return self.shop.take(f"/{number}")

    def ordered(self, number):
        status, body = self.theirs().pay(
            description=DESCRIPTION, out_trade_no=number, amount={"total": 12_800, "currency": "CNY"},
            attach="a=1&b=%20+ 二", notify_url=f"{self.shop.url}/{number}",
        )
        self.assertEqual(status, 200, body)
        return json.loads(body)["code_url"]

    def phone_pays(self, code):
        self.sandbox.phone("approve", code)

    def refund(self, number, refund_number):
        status, body = self.theirs().refund(
            out_trade_no=number, out_refund_no=refund_number, reason="不要了 +1",
            notify_url=f"{self.shop.url}/{refund_number}",
            amount={"refund": 800, "total": 12_800, "currency": "CNY"},
        )
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_their_client_orders_queries_refunds_and_closes_and_accepts_the_answers(self):
        number = order_number("N-")
        code = self.ordered(number)
        self.assertTrue(code.startswith("weixin://wxpay/bizpayurl"))
        status, body = self.theirs().query(out_trade_no=number)
        self.assertEqual((status, json.loads(body)["trade_state"]), (200, "NOTPAY"))
        self.phone_pays(code)
        done = json.loads(self.theirs().query(out_trade_no=number)[1])
        self.assertEqual((done["trade_state"], done["amount"]["total"], done["attach"]), ("SUCCESS", 12_800, "a=1&b=%20+ 二"))
        by_id = json.loads(self.theirs().query(transaction_id=done["transaction_id"])[1])
        self.assertEqual(by_id, done)

        refund_number = f"{number}-R"
        self.assertEqual(self.refund(number, refund_number)["status"], "PROCESSING")
        self.shop.take(f"/{refund_number}")
        status, body = self.theirs().query_refund(out_refund_no=refund_number)
        self.assertEqual((status, json.loads(body)["status"]), (200, "SUCCESS"))

        other = order_number()
        self.ordered(other)
        self.assertEqual(self.theirs().close(out_trade_no=other)[0], 204)
        self.assertEqual(json.loads(self.theirs().query(out_trade_no=other)[1])["trade_state"], "CLOSED")

    def test_our_sandbox_refuses_their_signature_by_another_key(self):
        wrong = self.theirs(private_key=self.sandbox.platform_wechat)
        status, body = wrong.query(out_trade_no=order_number())
        self.assertEqual((status, json.loads(body)["code"]), (401, "SIGN_ERROR"))

    def test_their_client_refuses_answers_with_a_wrong_signature(self):
        number = order_number()
        self.ordered(number)
        self.sandbox.spoil_next("query", "bad_signature")
        with self.assertRaisesRegex(Exception, "failed to verify the signature"):
            self.theirs().query(out_trade_no=number)
        with self.assertRaisesRegex(Exception, "failed to verify the signature"):
            self.theirs(public_key=public_key_of(self.sandbox.wechat["merchant_private_key"])).query(out_trade_no=number)
        self.assertEqual(self.theirs().query(out_trade_no=number)[0], 200)

    def test_they_verify_and_decrypt_our_notifications(self):
        number = order_number()
        notification = self.paid(number)
        message = self.theirs().callback(notification.headers, notification.body)
        self.assertEqual(message["event_type"], "TRANSACTION.SUCCESS")
        self.assertEqual(message["resource"], json.loads(self.theirs().query(out_trade_no=number)[1]))

        refund_number = f"{number}-R"
        refund = self.refund(number, refund_number)
        notification = self.shop.take(f"/{refund_number}")
        message = self.theirs().callback(notification.headers, notification.body)
        self.assertEqual(message["event_type"], "REFUND.SUCCESS")
        self.assertEqual(message["resource"]["refund_id"], refund["refund_id"])
        self.assertEqual(message["resource"]["refund_status"], "SUCCESS")

    def test_they_refuse_a_modified_notification(self):
        notification = self.paid(order_number())
        theirs = self.theirs()
        for at in (1, len(notification.body) // 2, len(notification.body) - 2):
            body = bytearray(notification.body)
            body[at] ^= 1
            self.assertIsNone(theirs.callback(notification.headers, bytes(body)), f"a changed byte {at}")
        self.assertIsNone(self.theirs(apiv3_key="0" * 32).callback(notification.headers, notification.body))
        self.assertIsNotNone(theirs.callback(notification.headers, notification.body))

    def ask(self, call):
        return ours("wechat_pay", config(self.sandbox.wechat, CONFIG, base_url=self.platform.url), call)

    def check_signed_by_us(self, kept):
        """PKCS#1 v1.5 is deterministic, so their function must produce the same header."""
        written = self.sandbox.wechat
        claim = dict(re.findall(r'(\w+)="([^"]*)"', kept.headers["authorization"]))
        with mock.patch.object(time, "time", lambda: int(claim["timestamp"])):
            header = build_authorization(
                kept.url, kept.method, written["mchid"], written["merchant_serial"],
                private_key(written["merchant_private_key"]), data=kept.body.decode(), nonce_str=claim["nonce_str"],
            )
        self.assertEqual(kept.headers["authorization"], header)

    def signed_by_them(self, value, status=200, key=None):
        body = "" if value is None else json.dumps(value, ensure_ascii=False)
        timestamp, nonce = str(int(time.time())), "c5ac7061fccab6bf3e254dcf98995b8c"
        key = private_key(key or self.sandbox.platform_wechat)
        signature = rsa_sign(key, f"{timestamp}\n{nonce}\n{body}\n")
        self.assertTrue(rsa_verify(timestamp, nonce, body, signature, key.public_key()))
        return status, {
            "Content-Type": "application/json; charset=utf-8", "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce, "Wechatpay-Serial": self.sandbox.wechat["public_key_id"],
            "Wechatpay-Signature": signature, "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }, body.encode()

    def transaction(self, number):
        return {
            "appid": self.sandbox.wechat["appid"], "mchid": self.sandbox.wechat["mchid"], "out_trade_no": number,
            "transaction_id": "4200001863202305068344507881", "trade_type": "NATIVE", "trade_state": "SUCCESS",
            "trade_state_desc": "支付成功", "success_time": "2026-11-28T13:29:35+08:00", "attach": DESCRIPTION,
            "amount": {"total": 12_800, "payer_total": 12_000, "currency": "CNY"},
        }

    def test_our_client_signs_like_theirs_and_accepts_what_they_sign(self):
        number = order_number("O|*-")[:32]
        refund_number = f"{number}-R@1"
        refund = {
            "refund_id": "50300001", "out_refund_no": refund_number, "out_trade_no": number, "status": "PROCESSING",
            "transaction_id": "4200001863202305068344507881", "amount": {"refund": 800, "total": 12_800},
        }
        calls = [
            ({"native_order": order(number)}, self.signed_by_them({"code_url": "weixin://wxpay/bizpayurl?pr=1"})),
            ({"query": number}, self.signed_by_them(self.transaction(number))),
            ({"close": number}, self.signed_by_them(None, status=204)),
            ({"refund": {
                "out_trade_no": number, "out_refund_no": refund_number, "amount": 800, "total": 12_800, "reason": "不要了",
            }}, self.signed_by_them(refund)),
            ({"query_refund": refund_number}, self.signed_by_them(refund)),
        ]
        for call, answer in calls:
            self.platform.answer = answer
            self.assertIn("ok", self.ask(call), call)
            kept = self.platform.take_any()
            self.check_signed_by_us(kept)
            kept.url += "1"
            with self.assertRaises(AssertionError):
                self.check_signed_by_us(kept)
        self.platform.answer = self.signed_by_them(
            self.transaction(number), key=self.sandbox.wechat["merchant_private_key"],
        )
        self.assertEqual(self.ask({"query": number})["error"]["code"], "unverified")

    def test_our_client_and_theirs_agree_about_which_notifications_are_genuine(self):
        number = order_number()

        def message(key=self.sandbox.wechat["api_v3_key"]):
            nonce, about = "61f9c719728a", "transaction"
            sealed = AESGCM(key.encode()).encrypt(
                nonce.encode(), json.dumps(self.transaction(number), ensure_ascii=False).encode(), about.encode(),
            )
            _, headers, body = self.signed_by_them({
                "id": "EV-1", "create_time": "2026-11-28T13:29:35+08:00", "resource_type": "encrypt-resource",
                "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
                "resource": {
                    "original_type": about, "algorithm": "AEAD_AES_256_GCM", "associated_data": about, "nonce": nonce,
                    "ciphertext": b64encode(sealed).decode(),
                },
            })
            return {"headers": headers, "body": body.decode()}

        genuine = message()
        cases = [
            (genuine, None),
            ({**genuine, "body": genuine["body"].replace("EV-1", "EV-2")}, "bad_signature"),
            ({**genuine, "body": genuine["body"] + "\n"}, "bad_signature"),
            (message(key="0" * 32), "undecryptable"),
        ]
        for notification, refusal in cases:
            theirs = self.theirs().callback(notification["headers"], notification["body"])
            result = self.ask({"notification": notification})
            self.assertEqual(theirs is None, refusal is not None, refusal)
            self.assertEqual(result.get("error", {}).get("code"), refusal)
            if theirs:
                self.assertEqual(result["ok"]["trade"]["amount"], theirs["resource"]["amount"]["total"])
                self.assertEqual(result["ok"]["trade"]["out_trade_no"], theirs["resource"]["out_trade_no"])
