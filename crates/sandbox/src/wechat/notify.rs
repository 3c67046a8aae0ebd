//! The payment notification: encrypted resource, signed headers (gateways.md A8, G1.14).

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, USER_AGENT};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{query, reply};
use crate::book::OrderState;
use crate::faults::Faults;
use crate::notify::{Event, Message};
use crate::server::Shared;
use crate::{clock, crypto, random};

/// One try's message, freshly encrypted and signed; `None` if the order is not paid.
pub(crate) fn message(
    shared: &Shared,
    event: &Event,
    faults: &Faults,
    first_try: bool,
) -> Option<Message> {
    let keys = &shared.keys.wechat_pay;
    let (mut resource, paid_at) = {
        let book = shared.book();
        let order = book.wechat.by_number(&event.out_trade_no)?;
        let OrderState::Success(paid) = &order.state else { return None };
        (query::transaction(keys, order), paid.at)
    };
    if faults.notification_wrong_amount {
        for member in ["/amount/total", "/amount/payer_total"] {
            if let Some(amount) = resource.pointer_mut(member) {
                *amount = json!(amount.as_i64().unwrap_or_default().saturating_add(1));
            }
        }
    }
    let body = envelope(keys.api_v3_key.expose(), event, &resource, &clock::wechat(paid_at))?;
    let probe = faults.signtest_notification && first_try;
    let mut headers = reply::signed_headers(shared, &body, probe);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("Mozilla/4.0"));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(&format!("{}-0", random::upper_hex(38))) {
        headers.insert(HeaderName::from_static("request-id"), value);
    }
    Some(Message { headers, body })
}

fn envelope(
    api_v3_key: &str,
    event: &Event,
    resource: &Value,
    create_time: &str,
) -> Option<String> {
    let nonce = random::alphanumerics(12);
    let ciphertext = crypto::seal(api_v3_key, &nonce, "transaction", &resource.to_string())?;
    let body = json!({
        "id": event.id,
        "create_time": create_time,
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": "transaction",
            "nonce": nonce,
        },
    });
    Some(body.to_string())
}
