//! The events for the merchant's systems, written with the change itself.
//!
//! An event has the state at that moment and carries no personal data.

use super::sql::Connection;
use contract::{
    PaymentEvent, PaymentStatus, RefundEvent, SessionEvent, SessionStatus, WebhookEvent,
    WebhookPayment, WebhookType,
};
use serde::Serialize;

use super::outbox;
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
    let kind = match session.status {
        SessionStatus::Complete => WebhookType::SessionCompleted,
        SessionStatus::Expired => WebhookType::SessionExpired,
        SessionStatus::Open | SessionStatus::Canceled | SessionStatus::Unknown => return Ok(()),
    };
    let data = SessionEvent {
        id: session.id.clone(),
        order_id: session.order_id.clone(),
        status: session.status,
        amount: session.amount,
        metadata: session.metadata.clone(),
        payment: paid.map(of_payment),
    };
    notify(connection, context, &session.id, kind, &data)
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
    let data = PaymentEvent {
        session_id: session.id.clone(),
        order_id: session.order_id.clone(),
        payment: of_payment(payment),
    };
    notify(connection, context, &session.id, WebhookType::PaymentFailed, &data)
}

/// Writes the events of a refund that was created or has ended: `refund.updated`, and
/// `payment.duplicate_refunded` if a second payment of a session was refunded.
pub(crate) fn refund_updated(
    connection: &Connection,
    context: WriteContext,
    refund: &RefundRow,
) -> Result<(), DbError> {
    let data = RefundEvent { order_id: refund.order_id.clone(), refund: refund.document() };
    notify(connection, context, &refund.session_id, WebhookType::RefundUpdated, &data)?;
    if refund.is_duplicate_returned() {
        notify(connection, context, &refund.session_id, WebhookType::DuplicateRefunded, &data)?;
    }
    Ok(())
}

fn of_payment(payment: &PaymentRow) -> WebhookPayment {
    WebhookPayment {
        id: payment.id.clone(),
        payment_method: payment.payment_method,
        status: payment.status,
        amount: payment.amount,
        out_trade_no: payment.out_trade_no.clone(),
        transaction_id: payment.transaction_id.clone(),
        paid_at: payment.paid_at,
        failure_code: payment.failure_code.clone(),
    }
}

fn notify<Data: Serialize>(
    connection: &Connection,
    context: WriteContext,
    session_id: &str,
    kind: WebhookType,
    data: &Data,
) -> Result<(), DbError> {
    let event = WebhookEvent { kind, timestamp: context.now, data };
    // Strings, integers and maps of strings only: serialisation cannot fail.
    let payload = serde_json::to_string(&event).unwrap_or_default();
    outbox::put_event(connection, kind, session_id, &payload, context.now)
}
