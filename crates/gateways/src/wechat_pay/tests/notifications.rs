use proptest::prelude::*;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{API_V3_KEY, client, config, header_map, signed_headers};
use crate::wechat_pay::{Client, Config, Notification};
use crate::{NotificationError, TradeState, test_keys};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00:00 UTC);
const PAID: &str = r#"{"mchid":"1900007291","appid":"wxd678efh567hg6787","out_trade_no":"ORDER_0001",
    "transaction_id":"42","trade_state":"SUCCESS","amount":{"total":100,"payer_total":1,"currency":"CNY"}}"#;

/// A notification's body with `plain` encrypted for us.
pub(super) fn body(event_type: &str, plain: &str) -> String {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(b"fdasflkja484").unwrap();
    let mut data = plain.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut data).unwrap();
    serde_json::json!({
        "id": "EV-1",
        "event_type": event_type,
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": STANDARD.encode(data),
            "associated_data": "transaction",
            "nonce": "fdasflkja484",
        },
    })
    .to_string()
}

/// Delivers a genuinely signed body.
pub(super) fn deliver(body: &str) -> Result<Notification, NotificationError> {
    client("http://127.0.0.1:9").notification(
        &header_map(&signed_headers(NOW, body.as_bytes())),
        body.as_bytes(),
        NOW,
    )
}

#[test]
fn the_ordered_amount_counts_not_what_the_payer_paid() {
    let trade = deliver(&body("TRANSACTION.SUCCESS", PAID)).unwrap().trade.unwrap();
    assert_eq!(trade.state, TradeState::Paid);
    assert_eq!(trade.amount.map(crate::Fen::value), Some(100));
}

#[test]
fn other_events_are_genuine_but_carry_no_trade() {
    let notification = deliver(&body("COUPON.USE", "{}")).unwrap();
    assert_eq!(notification.event_type, "COUPON.USE");
    assert_eq!(notification.trade, None);
}

#[test]
fn a_genuine_message_may_still_be_unusable() {
    use NotificationError::{Malformed, Undecryptable};
    let with = |from: &str, to: &str| deliver(&body("TRANSACTION.SUCCESS", PAID).replace(from, to));
    assert_eq!(with("fdasflkja484", "fdasflkja485"), Err(Undecryptable));
    assert_eq!(with("\"transaction\"", "\"refund\""), Err(Undecryptable));
    assert!(matches!(with("AEAD_AES_256_GCM", "AEAD_SM4_GCM"), Err(Malformed(_))));
    assert!(matches!(with("\"resource\"", "\"source\""), Err(Malformed(_))));
    assert!(matches!(deliver(""), Err(Malformed(_))));
    assert!(matches!(deliver(&body("TRANSACTION.SUCCESS", "not JSON")), Err(Malformed(_))));
    let negative = PAID.replace("\"total\":100", "\"total\":-100");
    assert_eq!(
        deliver(&body("TRANSACTION.SUCCESS", &negative)),
        Err(Malformed("an amount that is negative or too large"))
    );
    let fraction = PAID.replace("\"total\":100", "\"total\":1.5");
    assert!(matches!(deliver(&body("TRANSACTION.SUCCESS", &fraction)), Err(Malformed(_))));
}

#[test]
fn a_wrong_api_v3_key_is_named() {
    let other = Config { api_v3_key: "fedcba9876543210fedcba9876543210".into(), ..config() };
    let text = body("TRANSACTION.SUCCESS", PAID);
    let headers = header_map(&signed_headers(NOW, text.as_bytes()));
    let refused = Client::new(other).unwrap().notification(&headers, text.as_bytes(), NOW);
    assert_eq!(refused, Err(NotificationError::Undecryptable));
}

#[test]
fn what_is_not_signed_by_the_platform_is_refused_by_cause() {
    use NotificationError::{BadSignature, MissingHeader, StaleTimestamp, UnknownSerial};
    let text = body("TRANSACTION.SUCCESS", PAID);
    let client = client("http://127.0.0.1:9");
    let with = |name: &'static str, value: Option<&str>| {
        let mut headers = header_map(&signed_headers(NOW, text.as_bytes()));
        headers.remove(name);
        if let Some(value) = value {
            headers.insert(name, value.parse().unwrap());
        }
        client.notification(&headers, text.as_bytes(), NOW).unwrap_err()
    };
    let ahead = (NOW.unix_timestamp() + 1000).to_string();
    for name in
        ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"]
    {
        assert_eq!(with(name, None), MissingHeader(name));
    }
    assert_eq!(
        with("Wechatpay-Serial", Some("PUB_KEY_ID_1")),
        UnknownSerial { serial: "PUB_KEY_ID_1".to_owned() }
    );
    assert_eq!(with("Wechatpay-Timestamp", Some(&ahead)), StaleTimestamp { skew_s: -1000 });
    assert!(matches!(
        with("Wechatpay-Timestamp", Some("-9223372036854775808")),
        StaleTimestamp { .. }
    ));
    assert_eq!(with("Wechatpay-Timestamp", Some("now")), BadSignature);
    assert_eq!(with("Wechatpay-Nonce", Some("other")), BadSignature);
    assert_eq!(with("Wechatpay-Signature-Type", Some("WECHATPAY2-SM2-WITH-SM3")), BadSignature);
    for wrong in ["", "%%%", "AAAA"] {
        assert_eq!(with("Wechatpay-Signature", Some(wrong)), BadSignature, "{wrong}");
    }
    let own = test_keys::merchant().sign(text.as_bytes());
    assert_eq!(with("Wechatpay-Signature", Some(&own)), BadSignature);
}

/// D12: never skipped, never a crash; the valid one follows.
#[test]
fn d12_a_probe_signature_is_a_typed_error() {
    let text = body("TRANSACTION.SUCCESS", PAID);
    for probe in ["WECHATPAY/SIGNTEST/abcdefgh", "WECHATPAY/SIGNTEST/a", "WECHATPAY/SIGNTEST/"] {
        let mut headers = header_map(&signed_headers(NOW, text.as_bytes()));
        headers.insert("Wechatpay-Signature", probe.parse().unwrap());
        let refused = client("http://127.0.0.1:9").notification(&headers, text.as_bytes(), NOW);
        assert_eq!(refused, Err(NotificationError::BadSignature), "{probe}");
    }
}

/// D7: the same JSON in other bytes is not what was signed.
#[test]
fn d07_raw_bytes_are_verified_never_reserialised() {
    let text = body("TRANSACTION.SUCCESS", PAID);
    let headers = header_map(&signed_headers(NOW, text.as_bytes()));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let refused = client("http://127.0.0.1:9").notification(&headers, pretty.as_bytes(), NOW);
    assert_eq!(refused, Err(NotificationError::BadSignature));
}

#[test]
fn both_keys_are_good_while_the_platform_changes_them() {
    let serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    let old = (serial.to_owned(), test_keys::platform().public_pem.clone());
    let client = Client::new(Config {
        public_key: Some(crate::published_test_vectors::K_DOC_PUBLIC_KEY.to_owned()),
        platform_keys: vec![old],
        ..config()
    })
    .unwrap();
    let text = body("TRANSACTION.SUCCESS", PAID);
    let mut headers = header_map(&signed_headers(NOW, text.as_bytes()));
    headers.insert("Wechatpay-Serial", serial.parse().unwrap());
    assert!(client.notification(&headers, text.as_bytes(), NOW).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_body_panics(text in "\\PC{0,200}") {
        let _signed = deliver(&text);
    }

    #[test]
    fn no_resource_panics(plain in "\\PC{0,100}") {
        let _opened = deliver(&body("TRANSACTION.SUCCESS", &plain));
    }

    #[test]
    fn no_header_panics(values in proptest::array::uniform4("[ -~]{0,80}"), bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
        let names = ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"];
        let headers: Vec<_> = names.into_iter().zip(values).collect();
        let refused = client_once().notification(&header_map(&headers), &bytes, NOW);
        prop_assert!(refused.is_err());
    }
}

fn client_once() -> &'static Client {
    static CLIENT: std::sync::OnceLock<Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| client("http://127.0.0.1:9"))
}
