"""Both platforms' certificates: created, decrypted and numbered by third-party code."""

import datetime
import json
import subprocess
import time
import urllib.parse
from base64 import b64encode
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.utils import rsa_sign

from stage import ROOT, Case, config, order_number, ours, private_key

MERCHANT = ("mchid", "appid", "merchant_serial", "merchant_private_key", "api_v3_key")


def name(common, unit="测试 Unit", organization="Ant, Financial \"Test\""):
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ])


def certificate(key, subject, issuer, issuer_key, serial=None, is_authority=False):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return builder.sign(issuer_key, hashes.SHA256())


def pem(*certificates):
    return "".join(made.public_bytes(serialization.Encoding.PEM).decode() for made in certificates)


class WechatPay(Case):
    def test_their_client_fetches_our_platform_certificates_and_follows_a_rotation(self):
        self.sandbox.faults(wechat_trust="certificate")
        written = self.sandbox.wechat
        # It downloads when it is constructed, and has only the real gateway's URL.
        with mock.patch.object(Core, "_init_certificates"):
            theirs = WeChatPay(
                wechatpay_type=WeChatPayType.NATIVE, mchid=written["mchid"], appid=written["appid"],
                private_key=written["merchant_private_key"], cert_serial_no=written["merchant_serial"],
                apiv3_key=written["api_v3_key"], timeout=(10, 30),
            )
        theirs._core._gate_way = self.sandbox.url
        theirs._core._init_certificates()
        for rotation in range(2):
            number = order_number()
            status, body = theirs.pay(
                description="茶", out_trade_no=number, amount={"total": 1}, notify_url=f"{self.shop.url}/{number}",
            )
            self.assertEqual(status, 200, body)
            self.sandbox.phone("approve", json.loads(body)["code_url"])
            notification = self.shop.take(f"/{number}")
            message = theirs.callback(notification.headers, notification.body)
            self.assertEqual(message["resource"]["out_trade_no"], number, f"after {rotation} rotations")
            self.sandbox.rotate()

    def test_our_client_accepts_certificates_of_third_party_code(self):
        written = self.sandbox.wechat
        key = rsa.generate_private_key(65537, 2048)
        made = certificate(key, name("Tenpay.com sign"), name("Tenpay.com Root CA"), key)
        serial = f"{made.serial_number:040X}"
        nonce, about = "61f9c719728a", "certificate"
        sealed = AESGCM(written["api_v3_key"].encode()).encrypt(nonce.encode(), pem(made).encode(), about.encode())
        listed = {"data": [{
            "serial_no": serial, "effective_time": "2026-01-01T00:00:00+08:00",
            "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": about,
                "ciphertext": b64encode(sealed).decode(),
            },
        }]}
        number = order_number()
        trade = {
            "appid": written["appid"], "mchid": written["mchid"], "out_trade_no": number, "trade_state": "NOTPAY",
            "trade_state_desc": "订单未支付", "amount": {"total": 1},
        }

        def answer(kept, key=key):
            body = json.dumps(listed if kept.url == "/v3/certificates" else trade, ensure_ascii=False)
            timestamp = str(int(time.time()))
            return 200, {
                "Content-Type": "application/json", "Wechatpay-Timestamp": timestamp, "Wechatpay-Nonce": "n",
                "Wechatpay-Serial": serial, "Wechatpay-Signature": rsa_sign(key, f"{timestamp}\nn\n{body}\n"),
            }, body.encode()

        trusting = config(written, MERCHANT, base_url=self.platform.url, platform_certificates=True)
        self.platform.answer = answer
        result = ours("wechat_pay", trusting, {"learn_and_query": number})
        self.assertEqual(result.get("ok", result)["state"], "AwaitingPayer")
        self.platform.answer = lambda kept: answer(kept, private_key(self.sandbox.platform_wechat))
        result = ours("wechat_pay", trusting, {"learn_and_query": number})
        self.assertEqual(result["error"]["code"], "unverified")


class Alipay(Case):
    def test_our_client_and_alipays_compute_the_same_certificate_numbers(self):
        written = self.sandbox.alipay
        root_key = rsa.generate_private_key(65537, 2048)
        other_key = rsa.generate_private_key(65537, 2048)
        curve_key = ec.generate_private_key(ec.SECP256R1())
        root = name("Ant Test Root CA")
        roots = pem(
            certificate(other_key, name("Older Root"), name("Older Root"), other_key, serial=7, is_authority=True),
            certificate(curve_key, name("Curve Root"), name("Curve Root"), curve_key, is_authority=True),
            certificate(root_key, root, root, root_key, serial=2**158 + 1, is_authority=True),
        )
        alipay_key = private_key(self.sandbox.platform_alipay)
        app_key = private_key(written["app_private_key"])
        texts = {
            "app_cert": pem(certificate(app_key, name("2088000000000001-2021"), root, root_key)),
            "alipay_cert": pem(certificate(alipay_key, name("支付宝(中国)网络技术有限公司"), root, root_key)),
            "alipay_root_cert": roots,
        }
        asked = json.dumps(texts | {"private_key": written["app_private_key"]})
        script = ROOT / "proofs" / "interop" / "stage" / "certificate-numbers.mjs"
        theirs = json.loads(subprocess.run(
            ["node", script], input=asked, capture_output=True, text=True, check=True, timeout=60,
        ).stdout)

        with_certificates = config(
            written, ("app_id", "seller_id", "app_private_key"),
            gateway_url=f"{self.platform.url}/gateway.do", certificates=texts,
        )
        self.platform.answer = (200, {}, b"{}")
        ours("alipay", with_certificates, {"query": order_number()})
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.platform.take_any().url).query))
        self.assertEqual(query["app_cert_sn"], theirs["app_cert_sn"])
        self.assertEqual(query["alipay_root_cert_sn"], theirs["alipay_root_cert_sn"])
        self.assertEqual(len(theirs["alipay_root_cert_sn"].split("_")), 2, "the root on a curve does not count")
