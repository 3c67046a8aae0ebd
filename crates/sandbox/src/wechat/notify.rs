//! Notifications of payments and refunds: encrypted resource, signed headers (gateways.md A8, G1.14).

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, USER_AGENT};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{query, reply};
use crate::book::{Order, RefundState};
use crate::event::{About, Event, Message};
use crate::faults::Faults;
use crate::keys::WechatPayKeys;
use crate::state::Shared;
use crate::{clock, crypto, random};

/// The message of one try, freshly encrypted and signed; `None` if there is nothing to send.
/// `bad_signature` makes the signature a probe (gateways.md A6).
pub(crate) fn message(
    shared: &Shared,
    event: &Event,
    faults: &Faults,
    bad_signature: bool,
) -> Option<Message> {
    let keys = &shared.keys.wechat_pay;
    let mut content = {
        let book = shared.book();
        let order = book.wechat.by_number(&event.out_trade_no)?;
        match &event.about {
            About::Payment => payment(keys, order)?,
            About::Opened | About::Closed(_) => return None,
            About::Refund(number) => refund_end(keys, order, number)?,
        }
    };
    if faults.notification_wrong_amount {
        for member in ["/amount/total", "/amount/payer_total", "/amount/refund"] {
            if let Some(amount) = content.resource.pointer_mut(member) {
                *amount = json!(amount.as_i64().unwrap_or_default().saturating_add(1));
            }
        }
    }
    let body = envelope(keys.api_v3_key.expose(), event, &content)?;
    let mut headers = reply::signed_headers(shared, &body, bad_signature);
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

/// The content of an envelope.
struct Content {
    event_type: &'static str,
    summary: &'static str,
    /// `original_type` and `associated_data`.
    subject: &'static str,
    resource: Value,
    at: OffsetDateTime,
}

/// The payment at the time of its capture: a late retry does not contain refunds.
fn payment(keys: &WechatPayKeys, order: &Order) -> Option<Content> {
    Some(Content {
        event_type: "TRANSACTION.SUCCESS",
        summary: "支付成功",
        subject: "transaction",
        resource: query::transaction(keys, order, "SUCCESS"),
        at: order.paid()?.at,
    })
}

/// The end of a refund (gateways.md A8.1): its state is `refund_status` here.
fn refund_end(keys: &WechatPayKeys, order: &Order, number: &str) -> Option<Content> {
    let refund = order.refunds.find(number)?;
    let at = refund.done_at?;
    let (event_type, summary) = match refund.state {
        RefundState::Processing => return None,
        RefundState::Success => ("REFUND.SUCCESS", "退款成功"),
        RefundState::Abnormal => ("REFUND.ABNORMAL", "退款异常"),
        RefundState::Closed => ("REFUND.CLOSED", "退款关闭"),
    };
    let mut resource = json!({
        "amount": {
            "payer_refund": refund.amount, "payer_total": order.total,
            "refund": refund.amount, "total": order.total,
        },
        "mchid": keys.mchid,
        "out_refund_no": refund.number,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund.id,
        "refund_status": refund.state.word(),
        "transaction_id": order.paid()?.transaction_id,
        "user_received_account": RECEIVED_BY,
    });
    if let (Value::Object(members), RefundState::Success) = (&mut resource, refund.state) {
        members.insert("success_time".into(), json!(clock::wechat(at)));
    }
    Some(Content { event_type, summary, subject: "refund", resource, at })
}

fn envelope(api_v3_key: &str, event: &Event, content: &Content) -> Option<String> {
    let nonce = random::alphanumerics(12);
    let ciphertext =
        crypto::seal(api_v3_key, &nonce, content.subject, &content.resource.to_string())?;
    let body = json!({
        "id": event.id,
        "create_time": clock::wechat(content.at),
        "resource_type": "encrypt-resource",
        "event_type": content.event_type,
        "summary": content.summary,
        "resource": {
            "original_type": content.subject,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext,
            "associated_data": content.subject,
            "nonce": nonce,
        },
    });
    Some(body.to_string())
}

/// The account that a refund goes to, as the buyer's wallet calls it.
pub(super) const RECEIVED_BY: &str = "支付用户零钱";
