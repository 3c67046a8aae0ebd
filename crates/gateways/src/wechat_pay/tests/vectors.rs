//! The published vectors F1.2 to F1.11.

use http::HeaderMap;
use time::OffsetDateTime;
use time::macros::datetime;

use super::super::resource::{Undecryptable, decrypt};
use super::super::signature::{PlatformKeys, answer_message, invocation_message, request_message};
use super::{config, header_map};
use crate::keys::VerifyingKey;
use crate::published_test_vectors::*;
use crate::wechat_pay::{Client, Config};
use crate::{Fen, NotificationError, SignatureError, TradeState};

fn key(text: &str) -> VerifyingKey {
    VerifyingKey::load("key", text).unwrap()
}

#[test]
fn documented_request_signatures_are_over_our_messages() {
    let timestamp = K_DOC_TIMESTAMP.parse().unwrap();
    for (method, target, body, signature) in [
        ("POST", "/v3/pay/transactions/jsapi", ORDER_BODY, ORDER_SIGNATURE),
        (
            "GET",
            "/v3/pay/transactions/out-trade-no/ORDER_0001?mchid=1900007291",
            "",
            QUERY_SIGNATURE,
        ),
        (
            "POST",
            "/v3/pay/transactions/out-trade-no/ORDER_0001/close",
            r#"{"mchid":"1900007291"}"#,
            CLOSE_SIGNATURE,
        ),
    ] {
        let message = request_message(method, target, timestamp, K_DOC_NONCE, body.as_bytes());
        assert!(key(K_DOC_PUBLIC_KEY).verifies(&message, signature), "{target}");
    }
}

#[test]
fn documented_invocation_signatures_verify() {
    for (package, signature) in [
        ("prepay_id=wx201410272009395522657a690389285100", JSAPI_PAY_SIGNATURE),
        ("wx201410272009395522657a690389285100", APP_PAY_SIGNATURE),
    ] {
        let message =
            invocation_message("wx2421b1c4370ec43b", K_DOC_TIMESTAMP, K_DOC_NONCE, package);
        assert!(key(K_DOC_PUBLIC_KEY).verifies(message.as_bytes(), signature), "{package}");
    }
}

#[test]
fn documented_answer_signatures_verify() {
    let empty = answer_message(K_DOC_TIMESTAMP, K_DOC_NONCE, b"");
    assert!(key(K_DOC_PUBLIC_KEY).verifies(&empty, NO_CONTENT_SIGNATURE));

    let body = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;
    let message = answer_message("1722850421", "d824f2e086d3c1df967785d13fcd22ef", body);
    assert!(key(WECHAT_PAY_SAMPLE_PUBLIC_KEY).verifies(&message, ANSWER_SIGNATURE));
    assert!(!key(K_DOC_PUBLIC_KEY).verifies(&message, ANSWER_SIGNATURE));
}

#[test]
fn documented_resources_decrypt() {
    for (key, nonce, associated_data, ciphertext, plain) in [
        (
            "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb",
            "uluk4a9R25RW",
            "associatedData",
            "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=",
            "message",
        ),
        (
            "testAPIv3Key0000",
            "wCq51qZv4Yfg",
            "Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8",
            "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC",
            "Hello World",
        ),
        (
            "0123456789abcdef0123456789abcdef",
            "fdasflkja484",
            "",
            "DUcSwf+vGgCHAxQyaCT2vCwoCTL73Hg=",
            r#"{"a":1}"#,
        ),
    ] {
        assert_eq!(
            decrypt(key.as_bytes(), nonce, associated_data, ciphertext),
            Ok(plain.as_bytes().to_vec())
        );
    }
}

#[test]
fn a_damaged_resource_does_not_decrypt() {
    let key = b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb".as_slice();
    let (nonce, data, sound) =
        ("uluk4a9R25RW", "associatedData", "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=");
    for (why, key, nonce, data, ciphertext) in [
        ("flipped bit", key, nonce, data, "u1wSiIajGClcvcOYvOQ7+l+0PAbzzwI="),
        ("flipped tag", key, nonce, data, "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwM="),
        ("wrong associated data", key, nonce, "associateddata", sound),
        ("no associated data", key, nonce, "", sound),
        ("nonce of 11 bytes", key, "uluk4a9R25R", data, sound),
        ("nonce of 13 bytes", key, "uluk4a9R25RWW", data, sound),
        ("shorter than a tag", key, nonce, data, "ulwSiIajGClcvcOYvOQ="),
        ("empty", key, nonce, data, ""),
        ("not base64", key, nonce, data, "!!!"),
        ("other key", b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gc".as_slice(), nonce, data, sound),
        ("key of 31 bytes", b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8G".as_slice(), nonce, data, sound),
        ("no key", b"".as_slice(), nonce, data, sound),
    ] {
        assert_eq!(decrypt(key, nonce, data, ciphertext), Err(Undecryptable), "{why}");
    }
}

#[test]
fn the_official_sdks_notification_verifies_and_decrypts() {
    let mut keys = PlatformKeys::default();
    keys.insert("D7CE59D1F522D701", key(SDK_NOTIFICATION_PUBLIC_KEY));
    let headers = header_map(&[
        ("Wechatpay-Timestamp", "1624523846".to_owned()),
        ("Wechatpay-Nonce", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz".to_owned()),
        ("Wechatpay-Signature", SDK_NOTIFICATION_SIGNATURE.to_owned()),
        ("Wechatpay-Serial", "d7ce59d1f522d701".to_owned()),
    ]);
    let now = OffsetDateTime::from_unix_timestamp(1_624_523_846).unwrap();
    assert_eq!(keys.verify(&headers, SDK_NOTIFICATION_BODY.as_bytes(), now), Ok(()));
    assert_eq!(
        keys.verify(&headers, SDK_NOTIFICATION_BODY.replace("成功", "失败").as_bytes(), now),
        Err(SignatureError::BadSignature)
    );

    let envelope: serde_json::Value = serde_json::from_str(SDK_NOTIFICATION_BODY).unwrap();
    let text = |name: &str| envelope["resource"][name].as_str().unwrap();
    let plain =
        decrypt(b"testMchAPIv3Key0", text("nonce"), text("associated_data"), text("ciphertext"));
    assert_eq!(plain, Ok(SDK_NOTIFICATION_PLAINTEXT.as_bytes().to_vec()));
}

fn published_notification() -> (Client, HeaderMap) {
    let client =
        Client::new(Config { public_key: Some(K_DOC_PUBLIC_KEY.to_owned()), ..config() }).unwrap();
    let headers = header_map(&[
        ("Wechatpay-Timestamp", "1577851201".to_owned()),
        ("Wechatpay-Nonce", K_DOC_NONCE.to_owned()),
        ("Wechatpay-Signature", NOTIFICATION_SIGNATURE.to_owned()),
        ("Wechatpay-Serial", super::KEY_ID.to_owned()),
    ]);
    (client, headers)
}

#[test]
fn the_complete_payment_notification_opens() {
    let (client, headers) = published_notification();
    let now = OffsetDateTime::from_unix_timestamp(1_577_851_201 + 299).unwrap();
    let notification = client.notification(&headers, NOTIFICATION_BODY.as_bytes(), now).unwrap();
    assert_eq!(notification.id, "EV-2018022511223320873");
    assert_eq!(notification.event_type, "TRANSACTION.SUCCESS");
    let trade = notification.trade.unwrap();
    assert_eq!(trade.state, TradeState::Paid);
    assert_eq!(trade.app_id.as_deref(), Some("wxd678efh567hg6787"));
    assert_eq!(trade.merchant_id.as_deref(), Some("1900007291"));
    assert_eq!(trade.out_trade_no, "ORDER_0001");
    assert_eq!(trade.transaction_id.as_deref(), Some("4200000000202001010000000001"));
    assert_eq!(trade.amount, Fen::new(100));
    assert_eq!(trade.currency.as_deref(), Some("CNY"));
    assert_eq!(trade.paid_at, Some(datetime!(2020-01-01 12:00:00 +8)));
    assert_eq!(
        super::super::wire::trade(NOTIFICATION_PLAINTEXT.as_bytes())
            .map(|trade| trade.out_trade_no),
        Ok("ORDER_0001".to_owned())
    );
}

/// D17, for received messages.
#[test]
fn d17_clock_skew_of_a_notification_is_reported() {
    let (client, headers) = published_notification();
    for skew_s in [300, -300, 86_400] {
        let now = OffsetDateTime::from_unix_timestamp(1_577_851_201 + skew_s).unwrap();
        let refused = client.notification(&headers, NOTIFICATION_BODY.as_bytes(), now);
        assert_eq!(refused, Err(NotificationError::StaleTimestamp { skew_s }));
    }
}
