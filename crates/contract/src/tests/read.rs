//! The reasons that are given for answers that cannot be read.

use serde_json::{Value, json};

use super::*;

fn session() -> Value {
    json!({
        "id": "cs_1", "status": "open", "revision": 7,
        "amount": { "value": 12_800, "currency": "CNY" },
        "description": "Tea", "merchant_name": "Tea House", "payment_methods": ["alipay"],
        "payment": {
            "id": "pay_1", "payment_method": "alipay", "flow": "qr_code",
            "status": "requires_action", "created_at": "2026-11-23T00:00:00Z",
            "next_action": {
                "type": "submit_form", "url": "https://openapi.alipay.com/gateway.do",
                "fields": [{ "name": "a", "value": "b" }],
            },
        },
        "expires_at": "2026-11-23T00:30:00.000Z", "server_time": "2026-11-23T00:00:00.000Z",
        "hosted_url": "https://shop.example/x",
    })
}

fn read_session(json: Value) -> Result<Session, String> {
    crate::read::<Session, _>(json).map_err(|error| error.to_string())
}

/// The session without the member at `pointer`.
fn without(pointer: &str) -> Value {
    let mut json = session();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member).unwrap();
    json
}

/// The session with another value at `pointer`.
fn with(pointer: &str, value: Value) -> Value {
    let mut json = session();
    *json.pointer_mut(pointer).unwrap() = value;
    json
}

#[test]
fn a_missing_member_is_named_by_its_path() {
    assert!(read_session(session()).is_ok());
    for (pointer, expected) in [
        ("/id", "missing: id"),
        ("/amount", "missing: amount"),
        ("/amount/currency", "missing: amount.currency"),
        ("/payment/created_at", "missing: payment.created_at"),
        ("/payment/flow", "missing: payment.flow"),
        ("/payment/next_action/type", "missing: payment.next_action.type"),
        ("/payment/next_action/fields/0/name", "missing: payment.next_action.fields[0].name"),
    ] {
        assert_eq!(read_session(without(pointer)), Err(expected.to_owned()));
    }
}

#[test]
fn a_member_of_another_type_or_value_is_named_with_what_it_must_be() {
    let time = "a time is RFC 3339 text such as 2026-11-23T08:00:00.000Z";
    for (pointer, value, path, reason) in [
        ("/amount/currency", json!("cny"), "amount.currency", "a currency is three upper-case"),
        ("/amount/value", json!(128.5), "amount.value", "invalid type: floating point `128.5`"),
        ("/amount/value", json!("128"), "amount.value", "invalid type: string \"128\""),
        ("/amount/value", json!(1_i64 << 53), "amount.value", "an amount beyond 2^53 - 1"),
        ("/expires_at", json!("tomorrow"), "expires_at", time),
        ("/expires_at", json!(1_795_392_000), "expires_at", "invalid type: integer"),
        ("/payment/created_at", json!("2026-02-30T00:00:00Z"), "payment.created_at", time),
        ("/payment/status", json!(1), "payment.status", "invalid type: integer `1`"),
        ("/payment_methods", json!("alipay"), "payment_methods", "invalid type: string"),
        ("/revision", json!(-1), "revision", "invalid value: integer `-1`"),
    ] {
        let error = read_session(with(pointer, value)).unwrap_err();
        assert!(error.starts_with(&format!("{path}: {reason}")), "{error}");
    }
    assert!(read_session(json!([])).is_err());
    assert_eq!(read_session(json!({})), Err("missing: id".to_owned()));
}

#[test]
fn optional_members_may_be_null() {
    let mut json = session();
    for member in ["payment", "refund", "payment_method_options"] {
        json.as_object_mut().unwrap().insert(member.to_owned(), Value::Null);
    }
    let read = read_session(json).unwrap();
    assert!(read.payment.is_none() && read.payment_method_options.is_empty());
    let nulls = json!({ "type": "display_qr_code", "data": null, "url": null, "fields": null,
        "expires_at": null });
    let read = read_session(with("/payment/next_action", nulls)).unwrap();
    assert!(read.payment.unwrap().next_action.unwrap().fields.is_empty());
}

#[test]
fn an_exact_amount_round_trips() {
    for value in [0, 1, -1, (1_i64 << 53) - 1, -((1_i64 << 53) - 1)] {
        let json = json!({ "value": value, "currency": "CNY" });
        let amount: Amount = crate::read(json.clone()).unwrap();
        assert_eq!(amount, Amount::fen(value));
        assert_eq!(serde_json::to_value(amount).unwrap(), json);
    }
    for value in [1_i64 << 53, i64::MAX, i64::MIN] {
        assert!(crate::read::<Amount, _>(json!({ "value": value, "currency": "CNY" })).is_err());
    }
}

#[test]
fn a_start_is_written_without_absent_members() {
    let full = StartPayment {
        payment_method: PaymentMethod::WechatPay,
        environment: Environment::Desktop,
        flow: Some(Flow::QrCode),
        return_url: Some("https://shop.example/".to_owned()),
    };
    assert_eq!(
        serde_json::to_string(&full).unwrap(),
        r#"{"payment_method":"wechat_pay","environment":"desktop","flow":"qr_code","return_url":"https://shop.example/"}"#
    );
    let bare = StartPayment { flow: None, return_url: None, ..full };
    let text = serde_json::to_string(&bare).unwrap();
    assert_eq!(text, r#"{"payment_method":"wechat_pay","environment":"desktop"}"#);
    assert_eq!(serde_json::from_str::<StartPayment>(&text).unwrap(), bare);
}

#[test]
fn a_value_of_another_version_is_read_and_named() {
    assert_eq!(read_session(session()).unwrap().unknown_member(), None);
    for (pointer, value, member) in [
        ("/status", json!("paid"), "status"),
        ("/payment_methods", json!(["alipay", "wechat"]), "payment_methods"),
        ("/payment/status", json!("paid"), "payment.status"),
        ("/payment/next_action/type", json!("open_app"), "payment.next_action.type"),
    ] {
        let session = read_session(with(pointer, value)).unwrap();
        assert_eq!(session.unknown_member(), Some(member));
    }
}
