//! Records refunds and their outcomes: the only code that changes the status of a refund.

use super::sql::{Connection, Transaction, params};
use contract::{RefundReason, RefundStatus};

use super::outbox::{self, Kind};
use super::payments::{self, PaymentRow};
use super::refunds::{RefundRow, elsewhere, find, numbers};
use super::{DbError, WriteContext, events, sessions};
use crate::keys::new_id;
use crate::rules::{self, AfterRefund, RefundSignal, RefundStanding};

/// A gateway's answer or notification about a refund.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefundUpdate {
    pub(crate) signal: RefundSignal,
    /// The gateway's number of the refund, if it has one.
    pub(crate) gateway_refund_id: Option<String>,
    /// The gateway's code of a refusal.
    pub(crate) failure_code: Option<String>,
}

/// The state of a refund after an update.
#[derive(Clone, Debug)]
pub(crate) struct RefundOutcome {
    pub(crate) after: AfterRefund,
    pub(crate) refund: RefundRow,
    /// The session's new revision, if the change is visible to the shopper.
    pub(crate) revision: Option<u32>,
}

/// Writes a refund of a captured payment, the task for its gateway and the event for the merchant.
/// The database refuses it if more would be refunded than was captured.
pub(crate) fn open(
    connection: &Connection,
    context: WriteContext,
    payment: &PaymentRow,
    amount_value: i64,
    reason: RefundReason,
    reason_text: Option<&str>,
) -> Result<RefundRow, DbError> {
    let id = new_id("re_")?;
    let number = id.trim_start_matches("re_").to_ascii_uppercase();
    connection.execute("INSERT INTO refunds (id, payment_id, out_refund_no, amount_value, reason, status, held_value,
             created_at, reason_text)
         VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?4, ?6, ?7)",
        params![
            id,
            payment.id,
            format!("OR{number}"),
            amount_value,
            reason.as_str(),
            context.now.unix_ms(),
            reason_text,
        ],
    )?;
    outbox::put(connection, Kind::Refund, &id, "", context.now)?;
    let refund = find(connection, &id)?.ok_or(DbError::Missing("refund"))?;
    events::refund_updated(connection, context, &refund)?;
    Ok(refund)
}

/// A refund that was made in the wallet's console, or by another system of the merchant's.
#[derive(Clone, Debug)]
pub(crate) struct MadeElsewhere {
    pub(crate) out_refund_no: String,
    pub(crate) amount_value: i64,
    pub(crate) gateway_refund_id: Option<String>,
}

/// Writes a refund that was made elsewhere, and its event; `None` if it is recorded already.
pub(crate) fn made_elsewhere(
    transaction: &Transaction<'_>,
    context: WriteContext,
    payment: &PaymentRow,
    made: &MadeElsewhere,
) -> Result<Option<RefundRow>, DbError> {
    let id = new_id("re_")?;
    let inserted = transaction.execute(
        "INSERT INTO refunds (id, payment_id, out_refund_no, amount_value, reason, status,
             held_value, gateway_refund_id, created_at, ended_at)
         VALUES (?1, ?2, ?3, ?4, 'made_elsewhere', 'succeeded', ?4, ?5, ?6, ?6)
         ON CONFLICT (payment_id, out_refund_no) DO NOTHING",
        params![
            id,
            payment.id,
            made.out_refund_no,
            made.amount_value,
            made.gateway_refund_id,
            context.now.unix_ms()
        ],
    )?;
    if inserted == 0 {
        return Ok(None);
    }
    let refund = find(transaction, &id)?.ok_or(DbError::Missing("refund"))?;
    events::refund_updated(transaction, context, &refund)?;
    Ok(Some(refund))
}

/// Writes the changes that the rules derive from an update.
pub(crate) fn update(
    transaction: &Transaction<'_>,
    context: WriteContext,
    id: &str,
    update: &RefundUpdate,
) -> Result<RefundOutcome, DbError> {
    let refund = find(transaction, id)?.ok_or(DbError::Missing("refund"))?;
    let numbers = numbers(transaction, &refund)?;
    // An amount that was refunded elsewhere cannot be refunded again.
    let left = refund.total.value.saturating_sub(elsewhere(transaction, &refund.payment_id)?);
    let is_owed = refund.is_by_itself() && left > 0;
    let standing = RefundStanding {
        status: refund.status,
        is_held: refund.is_held,
        is_owed,
        is_too_much: is_owed && refund.amount.value > left,
        is_renewable: left > 0 && rules::may_be_renewed(refund.reason, numbers),
    };
    let after = rules::after_refund(standing, update.signal);
    let changed = transaction.execute(
        "UPDATE refunds SET status = COALESCE(?3, status),
             ended_at = CASE WHEN ?3 IS NULL THEN ended_at ELSE ?7 END,
             held_value = CASE WHEN ?4 THEN 0 ELSE held_value END,
             gateway_refund_id = COALESCE(gateway_refund_id, ?5),
             failure_code = CASE ?3 WHEN 'failed' THEN ?6 WHEN 'succeeded' THEN NULL
                 ELSE failure_code END
         WHERE id = ?1 AND status = ?2",
        params![
            id,
            refund.status.as_str(),
            after.status.map(RefundStatus::as_str),
            after.is_released,
            update.gateway_refund_id,
            update.failure_code,
            context.now.unix_ms(),
        ],
    )?;
    if changed != 1 {
        return Err(DbError::Missing("refund in this status"));
    }
    let refund = find(transaction, id)?.ok_or(DbError::Missing("refund"))?;
    let mut revision = None;
    if refund.status != RefundStatus::Pending {
        outbox::finish_refund(transaction, id, context.now)?;
    }
    if after.status.is_some() {
        events::refund_updated(transaction, context, &refund)?;
        if after.is_renewed {
            let payment = payments::find(transaction, &refund.payment_id)?;
            let payment = payment.ok_or(DbError::Missing("payment"))?;
            let amount = refund.amount.value.min(left);
            open(transaction, context, &payment, amount, refund.reason, None)?;
        }
        if refund.is_by_itself() {
            revision = Some(sessions::touch(transaction, &refund.session_id, None)?);
        }
    }
    Ok(RefundOutcome { after, refund, revision })
}
