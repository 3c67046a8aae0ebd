//! Examples. Tests parse each with its type; those of requests are sent to the reference backend.

use serde_json::{Map, Value, json};

use crate::WebhookType;

/// Returns the example of a request's body.
pub(super) fn of_request(schema: &str) -> Option<Value> {
    Some(match schema {
        "CreateSession" => json!({
            "order_id": "order-1001",
            "amount": { "value": 12_800, "currency": "CNY" },
            "description": "Longjing tea, 250 g",
            "return_url": "https://shop.example/orders/1001",
            "metadata": { "shop": "7" },
        }),
        "StartPayment" => json!({ "payment_method": "wechat_pay", "environment": "desktop" }),
        "CreateRefund" => json!({
            "payment_id": PAYMENT_ID,
            "amount": { "value": 800, "currency": "CNY" },
            "reason": "One tin was broken",
        }),
        _ => return None,
    })
}

/// Returns the example of an answer: that of its schema, in the state after the call.
pub(super) fn of_answer(operation_id: &str, schema: &str) -> Option<Value> {
    Some(match (operation_id, schema) {
        ("getSession", "Session") => session("open", 1, None),
        ("checkPayment", "Session") => session("complete", 4, Some(payment("succeeded"))),
        ("cancelPayment", "Session") => session("open", 4, Some(payment("canceled"))),
        (_, "Session") => session("open", 3, Some(payment("requires_action"))),
        ("createSession", _) => {
            order(session("open", 1, None), json!({ "client_secret": CLIENT_SECRET }))
        }
        ("expireSession", _) => order(session("expired", 2, None), json!({})),
        (_, "SessionCreated") => paid_order(),
        (_, "SessionCreatedList") => json!({ "data": [paid_order()], "has_more": false }),
        ("createRefund", _) => refund("pending"),
        (_, "Refund") => refund("succeeded"),
        (_, "RefundList") => json!({ "data": [refund("succeeded")], "has_more": false }),
        (_, "OrderRecord") => json!({
            "order_id": "order-1001", "sessions": [paid_order()],
            "refunds": [refund("succeeded")], "events": [event("delivered")],
        }),
        ("resendEvent", "Event") => event("pending"),
        (_, "EventList") => json!({ "data": [event("delivered")], "has_more": false }),
        (_, "Reconciliation") => reconciliation(),
        (_, "EventStream") => Value::String(format!(
            "retry: 3000\n\nevent: session.updated\nid: 3\ndata: {}\n\n",
            session("open", 3, Some(payment("requires_action")))
        )),
        ("getHealth", _) => json!({ "status": "ok" }),
        ("getReadiness", _) => {
            json!({ "status": "ok", "late": { "payment_s": 0, "refund_s": 0, "event_s": 0 } })
        }
        _ => return None,
    })
}

/// Returns the example of an event's body.
pub(super) fn of_webhook(kind: WebhookType) -> Value {
    let payment = |status: &str, failure_code: Value| {
        let is_paid = status == "succeeded";
        json!({
            "id": PAYMENT_ID, "payment_method": "wechat_pay", "status": status, "amount": price(),
            "out_trade_no": "OC20261123KX7Q2M", "failure_code": failure_code,
            "transaction_id": if is_paid { json!("4200002611232026112312345678") } else { Value::Null },
            "paid_at": if is_paid { json!("2026-11-23T08:02:09.000Z") } else { Value::Null },
        })
    };
    let session = |status: &str| json!({ "id": SESSION_ID, "order_id": "order-1001", "status": status, "amount": price(), "metadata": { "shop": "7" } });
    let data = match kind {
        WebhookType::SessionCompleted => {
            with(session("complete"), json!({ "payment": payment("succeeded", Value::Null) }))
        }
        WebhookType::SessionExpired => session("expired"),
        WebhookType::PaymentFailed => json!({
            "session_id": SESSION_ID, "order_id": "order-1001",
            "payment": payment("failed", json!("gateway_rejected")),
        }),
        WebhookType::DuplicateRefunded => json!({
            "order_id": "order-1001",
            "refund": with(refund("succeeded"), json!({ "reason": "duplicate" })),
        }),
        WebhookType::RefundUpdated | WebhookType::Unknown => {
            json!({ "order_id": "order-1001", "refund": refund("succeeded") })
        }
    };
    json!({ "type": kind.as_str(), "timestamp": "2026-11-23T08:02:10.114Z", "data": data })
}

fn price() -> Value {
    json!({ "value": 12_800, "currency": "CNY" })
}

fn session(status: &str, revision: u32, payment: Option<Value>) -> Value {
    let session = json!({
        "id": SESSION_ID, "status": status, "revision": revision, "amount": price(),
        "description": "Longjing tea, 250 g", "merchant_name": "Lakeside Tea",
        "payment_methods": ["alipay", "wechat_pay"],
        "payment_method_options": [
            { "payment_method": "alipay", "flows": ["qr_code", "redirect"] },
            { "payment_method": "wechat_pay", "flows": ["qr_code"] },
        ],
        "expires_at": "2026-11-23T08:30:00.000Z", "server_time": "2026-11-23T08:01:12.345Z",
        "hosted_url": "https://shop.example/checkout/v1/checkout/hosted/7c1f0a9e2b",
    });
    match payment {
        Some(payment) => with(session, json!({ "payment": payment })),
        None => session,
    }
}

fn payment(status: &str) -> Value {
    let payment = json!({
        "id": PAYMENT_ID, "payment_method": "wechat_pay", "flow": "qr_code", "status": status,
        "created_at": "2026-11-23T08:01:10.020Z",
    });
    if status != "requires_action" {
        return payment;
    }
    let action = json!({
        "type": "display_qr_code", "data": "weixin://wxpay/bizpayurl?pr=NwY5Mz9",
        "expires_at": "2026-11-23T08:30:00.000Z",
    });
    with(payment, json!({ "next_action": action }))
}

fn order(session: Value, more: Value) -> Value {
    let order =
        json!({ "session": session, "order_id": "order-1001", "metadata": { "shop": "7" } });
    with(order, more)
}

fn paid_order() -> Value {
    let record = json!({
        "id": PAYMENT_ID, "payment_method": "wechat_pay", "status": "succeeded", "amount": price(),
        "refunded": { "value": 0, "currency": "CNY" }, "out_trade_no": "OC20261123KX7Q2M",
        "transaction_id": "4200002611232026112312345678", "paid_at": "2026-11-23T08:02:09.000Z",
        "created_at": "2026-11-23T08:01:10.020Z",
    });
    order(session("complete", 4, Some(payment("succeeded"))), json!({ "payments": [record] }))
}

fn refund(status: &str) -> Value {
    json!({
        "id": "re_90c2e5f16a", "session_id": SESSION_ID, "payment_id": PAYMENT_ID,
        "amount": { "value": 800, "currency": "CNY" }, "reason": "requested_by_merchant",
        "reason_text": "One tin was broken", "status": status,
        "created_at": "2026-11-24T02:10:00.000Z",
    })
}

fn event(status: &str) -> Value {
    let delivery = json!({ "endpoint": "default", "status": status, "attempts": 1 });
    let more = match status {
        "pending" => json!({ "next_attempt_at": "2026-11-24T09:00:00.000Z" }),
        _ => json!({ "ended_at": "2026-11-23T08:02:10.480Z" }),
    };
    json!({
        "id": "msg_3b8d51f07e", "type": "checkout.session.completed", "session_id": SESSION_ID,
        "created_at": "2026-11-23T08:02:10.114Z", "deliveries": [with(delivery, more)],
    })
}

fn reconciliation() -> Value {
    let difference = json!({
        "difference": "other_kind", "entry": "payment", "number": "OC20261128A1B2C3", "id": PAYMENT_ID,
        "here": price(), "there": price(), "repaired": true,
    });
    let report = json!({
        "payment_method": "wechat_pay", "lines": 41, "matched": 40, "foreign": 0,
        "differences": [difference], "further_differences": 0,
        "created_at": "2026-11-29T02:00:07.000Z",
    });
    json!({ "date": "2026-11-28", "reports": [report] })
}

/// `value` with the members of `more`.
fn with(value: Value, more: Value) -> Value {
    let (Value::Object(mut members), Value::Object(more)) = (value, more) else {
        return Map::new().into();
    };
    members.extend(more);
    members.into()
}

const SESSION_ID: &str = "cs_7c1f0a9e2b";
const PAYMENT_ID: &str = "pay_41d6b7c803";
const CLIENT_SECRET: &str = "cs_7c1f0a9e2b_secret_5d0e8f3a";
