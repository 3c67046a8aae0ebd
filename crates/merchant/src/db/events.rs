//! The events for the merchant's systems, written with the change itself.
//!
//! An event has the state at that moment and carries no personal data. `data` has the relevant
//! members of the contract's own types.

use contract::{PaymentStatus, SessionStatus, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::outbox::{self, Kind};
use super::payments::PaymentRow;
use super::refunds::RefundRow;
use super::sessions::SessionRow;
use super::{DbError, WriteContext};

/// Writes the event of an ended session: `checkout.session.completed` or
/// `checkout.session.expired`.
pub(crate) fn session_ended(
    connection: &Connection,
    context: WriteContext,
    session: &SessionRow,
    paid: Option<&PaymentRow>,
) -> Result<(), DbError> {
    let name = match session.status {
        SessionStatus::Complete => "checkout.session.completed",
        SessionStatus::Expired => "checkout.session.expired",
        SessionStatus::Open | SessionStatus::Canceled | SessionStatus::Unknown => return Ok(()),
    };
    let mut data = json!({
        "id": session.id,
        "order_id": session.order_id,
        "status": session.status,
        "amount": session.amount,
        "metadata": session.metadata,
    });
    if let (Some(payment), Some(data)) = (paid, data.as_object_mut()) {
        data.insert("payment".to_owned(), of_payment(payment));
    }
    notify(connection, context, &session.id, name, &data)
}

/// Writes the event of a payment that its gateway refused: `payment.failed`.
pub(crate) fn payment_failed(
    connection: &Connection,
    context: WriteContext,
    session: &SessionRow,
    payment: &PaymentRow,
) -> Result<(), DbError> {
    if payment.status != PaymentStatus::Failed {
        return Ok(());
    }
    let data = json!({
        "session_id": session.id,
        "order_id": session.order_id,
        "payment": of_payment(payment),
    });
    notify(connection, context, &session.id, "payment.failed", &data)
}

/// Writes the events of a refund that was created or has ended: `refund.updated`, and
/// `payment.duplicate_refunded` if a second payment of a session was refunded.
pub(crate) fn refund_updated(
    connection: &Connection,
    context: WriteContext,
    refund: &RefundRow,
) -> Result<(), DbError> {
    let data = json!({ "order_id": refund.order_id, "refund": refund.document() });
    notify(connection, context, &refund.session_id, "refund.updated", &data)?;
    if refund.is_duplicate_returned() {
        notify(connection, context, &refund.session_id, "payment.duplicate_refunded", &data)?;
    }
    Ok(())
}

fn of_payment(payment: &PaymentRow) -> Value {
    json!({
        "id": payment.id,
        "payment_method": payment.payment_method,
        "status": payment.status,
        "amount": payment.amount,
        "out_trade_no": payment.out_trade_no,
        "transaction_id": payment.transaction_id,
        "paid_at": payment.paid_at,
        "failure_code": payment.failure_code,
    })
}

fn notify(
    connection: &Connection,
    context: WriteContext,
    session_id: &str,
    name: &str,
    data: &Value,
) -> Result<(), DbError> {
    if !context.has_webhooks {
        return Ok(());
    }
    let timestamp: Timestamp = context.now;
    let payload = json!({ "type": name, "timestamp": timestamp.to_text(), "data": data });
    outbox::put(connection, Kind::Webhook, session_id, &payload.to_string(), context.now)
}
