//! Messages signed as the gateways sign them, with any content: by ring, independently of the
//! clients and the sandbox.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use merchant::Clock;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use sandbox::{DesktopFlow, Keys, Options, Sandbox};
use serde_json::{Value, json};

use merchant_test_support::stored::Database;

use crate::bench::{Answer, Bench, Shop, call, unique};

/// Personal data of a shopper in a gateway's message.
pub(crate) const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
pub(crate) const BUYER_ID: &str = "2088101117955611";
pub(crate) const BUYER_LOGON_ID: &str = "zhan***@tea-lover.example";

/// The keys that sign.
#[derive(Clone)]
pub(crate) struct Forger {
    pub(crate) keys: Keys,
    /// The gateways' own private keys, which a real attacker does not have.
    pub(crate) wechat: Arc<RsaKeyPair>,
    pub(crate) alipay: Arc<RsaKeyPair>,
    /// A key of the right kind and length, but not the gateway's.
    pub(crate) other_key: Arc<RsaKeyPair>,
}

/// A WeChat Pay notification before it is signed.
#[derive(Clone)]
pub(crate) struct WechatNotification {
    pub(crate) id: String,
    pub(crate) event_type: &'static str,
    pub(crate) resource: Value,
    pub(crate) algorithm: &'static str,
}

/// A request to a notification address.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Returns the forger, made once because RSA keys take seconds.
pub(crate) fn forger() -> Forger {
    static FORGER: OnceLock<Forger> = OnceLock::new();
    FORGER.get_or_init(Forger::new).clone()
}

/// Starts both gateways and a shop with the forger's keys. No gateway sends notifications itself.
pub(crate) async fn bench(more: &str) -> Bench {
    bench_with(DesktopFlow::Precreate, more).await
}

pub(crate) async fn bench_with(flow: DesktopFlow, more: &str) -> Bench {
    let keys = Some(forger().keys);
    let options = Options { keys, notify_speed: 1_000, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let shop = Shop::start(&sandbox, flow, more, Database::new(), Clock::default()).await;
    let bench = Bench { sandbox, shop };
    bench.faults(json!({ "drop_notifications": true })).await;
    bench
}

impl Forger {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(unique("opencashier-forger"));
        let keys = Keys::load_or_generate(&folder).unwrap();
        let text = std::fs::read_to_string(folder.join("keys.json")).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        let stored: Value = serde_json::from_str(&text).unwrap();
        let pair = |name: &str| Arc::new(pair(stored[name].as_str().unwrap()));
        Self {
            wechat: pair("wechat_pay_private_key"),
            alipay: pair("alipay_private_key"),
            other_key: pair("app_private_key"),
            keys,
        }
    }

    /// Returns WeChat Pay's notification of a paid order.
    pub(crate) fn wechat_paid(&self, out_trade_no: &str, fen: i64) -> WechatNotification {
        let keys = &self.keys.wechat_pay;
        WechatNotification {
            id: unique("EV"),
            event_type: "TRANSACTION.SUCCESS",
            algorithm: "AEAD_AES_256_GCM",
            resource: json!({
                "appid": keys.appid, "mchid": keys.mchid, "out_trade_no": out_trade_no,
                "transaction_id": format!("42000{out_trade_no}"), "trade_type": "NATIVE",
                "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS",
                "attach": "", "success_time": "2026-11-23T10:34:56+08:00",
                "payer": { "openid": OPENID },
                "amount": { "total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY" },
            }),
        }
    }

    /// Encrypts and signs a notification as the gateway would now.
    pub(crate) fn wechat(&self, notification: &WechatNotification) -> Message {
        let body = self.wechat_body(notification, self.keys.wechat_pay.api_v3_key.expose());
        self.wechat_signed(&self.wechat, &now_s().to_string(), body)
    }

    pub(crate) fn wechat_body(
        &self,
        notification: &WechatNotification,
        api_v3_key: &str,
    ) -> String {
        let nonce = "0123456789ab";
        let key = UnboundKey::new(&AES_256_GCM, api_v3_key.as_bytes()).unwrap();
        let mut bytes = notification.resource.to_string().into_bytes();
        let nonce_bytes = Nonce::try_assume_unique_for_key(nonce.as_bytes()).unwrap();
        LessSafeKey::new(key)
            .seal_in_place_append_tag(nonce_bytes, Aad::from(b"transaction"), &mut bytes)
            .unwrap();
        json!({
            "id": notification.id, "create_time": "2026-11-23T10:34:56+08:00",
            "resource_type": "encrypt-resource", "event_type": notification.event_type,
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction", "algorithm": notification.algorithm,
                "ciphertext": STANDARD.encode(bytes), "associated_data": "transaction",
                "nonce": nonce,
            },
        })
        .to_string()
    }

    pub(crate) fn wechat_signed(&self, key: &RsaKeyPair, time: &str, body: String) -> Message {
        let nonce = unique("nonce");
        let signature = sign(key, format!("{time}\n{nonce}\n{body}\n").as_bytes());
        Message {
            path: "/v1/notifications/wechat_pay",
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("wechatpay-timestamp", time.to_owned()),
                ("wechatpay-nonce", nonce),
                ("wechatpay-signature", signature),
                ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
                ("wechatpay-serial", self.keys.wechat_pay.public_key_id.clone()),
            ],
            body,
        }
    }

    /// Returns the fields of Alipay's notification of a paid order.
    pub(crate) fn alipay_paid(&self, out_trade_no: &str, yuan: &str) -> Vec<(String, String)> {
        let keys = &self.keys.alipay;
        [
            ("app_id", keys.app_id.as_str()),
            ("seller_id", keys.seller_id.as_str()),
            ("out_trade_no", out_trade_no),
            ("trade_no", &format!("20261123{out_trade_no}")),
            ("trade_status", "TRADE_SUCCESS"),
            ("total_amount", yuan),
            ("receipt_amount", yuan),
            ("buyer_pay_amount", yuan),
            ("buyer_id", BUYER_ID),
            ("buyer_logon_id", BUYER_LOGON_ID),
            ("gmt_create", "2026-11-23 10:30:00"),
            ("gmt_payment", "2026-11-23 10:34:56"),
            ("notify_time", "2026-11-23 10:34:57"),
            ("notify_type", "trade_status_sync"),
            ("notify_id", &unique("2026112300222")),
            ("charset", "utf-8"),
            ("version", "1.0"),
            ("sign_type", "RSA2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    pub(crate) fn alipay(&self, pairs: &[(String, String)]) -> Message {
        self.alipay_signed(&self.alipay, pairs)
    }

    pub(crate) fn alipay_signed(&self, key: &RsaKeyPair, pairs: &[(String, String)]) -> Message {
        let mut all = pairs.to_vec();
        all.push(("sign".to_owned(), sign(key, canonical(pairs).as_bytes())));
        alipay_message(&all)
    }
}

/// Encodes the form unchanged.
pub(crate) fn alipay_message(pairs: &[(String, String)]) -> Message {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
    Message { path: "/v1/notifications/alipay", headers: vec![("content-type", kind)], body }
}

/// Replaces some of the fields.
pub(crate) fn with(pairs: &[(String, String)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = pairs.to_vec();
    for (name, value) in changes {
        all.retain(|(known, _)| known != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

impl Message {
    pub(crate) async fn to(&self, base: &str) -> Answer {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call(Method::POST, &format!("{base}{}", self.path), &headers, &self.body).await
    }

    /// Replaces a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        for header in &mut self.headers {
            if header.0 == name {
                value.clone_into(&mut header.1);
            }
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn body(mut self, change: impl FnOnce(String) -> String) -> Self {
        let before = self.body.clone();
        self.body = change(self.body);
        assert_ne!(before, self.body, "the change found nothing");
        self
    }
}

pub(crate) fn now_s() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// Reads the private key of a PEM.
fn pair(pem: &str) -> RsaKeyPair {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap()
}

fn sign(key: &RsaKeyPair, message: &[u8]) -> String {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    STANDARD.encode(signature)
}

fn canonical(pairs: &[(String, String)]) -> String {
    let mut kept: Vec<_> = pairs
        .iter()
        .filter(|(name, value)| {
            !["sign", "sign_type"].contains(&name.as_str()) && !value.is_empty()
        })
        .collect();
    kept.sort_unstable();
    kept.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Returns a folder for one test.
pub(crate) fn folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(unique("opencashier-security"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Removes what a test wrote.
pub(crate) fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
}
