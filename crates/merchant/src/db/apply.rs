//! Applies updates: the only code that changes the status of a payment or a session.

use super::sql::{Transaction, params};
use contract::{PaymentStatus, SessionStatus, Timestamp};

use super::payments::{self, PaymentRow};
use super::{DbError, WriteContext, events, record, sessions};
use crate::action::Action;
use crate::rules::{self, Alarm, Change, Comparison, Signal, Standing};

/// A signal for a payment, with the data to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Update {
    /// A signal without data.
    Plain(Signal),
    /// A proved capture; `is_refunded` if a part or all of it was refunded elsewhere.
    Captured { transaction_id: String, paid_at: Option<Timestamp>, is_refunded: bool },
    /// The gateway accepted the order; the action is for the shopper.
    Ordered { action: Action, expires_at: Timestamp },
    /// The gateway refused the order; the code is one of [`contract::code`].
    Refused { failure_code: &'static str },
}

impl Update {
    const fn signal(&self) -> Signal {
        match self {
            Self::Plain(signal) => *signal,
            Self::Captured { is_refunded: false, .. } => Signal::Captured,
            Self::Captured { is_refunded: true, .. } => Signal::Refunded,
            Self::Ordered { .. } => Signal::Ordered,
            Self::Refused { .. } => Signal::Refused,
        }
    }
}

/// The state after the update.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) session_id: String,
    pub(crate) payment: PaymentStatus,
    pub(crate) session: SessionStatus,
    /// The session's new revision, if the change is visible to the shopper.
    pub(crate) revision: Option<u32>,
    pub(crate) alarm: Option<Alarm>,
}

/// Writes the changes that the rules derive from `update`.
pub(crate) fn apply(
    transaction: &Transaction<'_>,
    payment_id: &str,
    update: &Update,
    context: WriteContext,
) -> Result<Outcome, DbError> {
    let now = context.now;
    let payment = payments::find(transaction, payment_id)?.ok_or(DbError::Missing("payment"))?;
    let session = sessions::of_payment(transaction, &payment.session_id)?;
    let kept = payments::kept(transaction, &session)?;
    let mut outcome = Outcome {
        session_id: session.id.clone(),
        payment: payment.status,
        session: session.status,
        revision: None,
        alarm: None,
    };
    if let Update::Captured { transaction_id, .. } = update {
        outcome.alarm = contradiction(transaction, &payment, transaction_id)?;
        if outcome.alarm.is_some() {
            return Ok(outcome);
        }
    }
    let standing = Standing {
        payment: payment.status,
        session: session.status,
        is_handed_out: payment.is_handed_out(),
        is_captured: payment.is_captured(),
        is_paid_otherwise: kept.is_some_and(|kept| kept != payment.id),
        is_time_up: now >= session.expires_at,
    };
    let change = rules::change(standing, update.signal());
    outcome.alarm = change.alarm;
    let mut is_visible = write(transaction, &payment, update, change, now)?;
    if let Some(due) = change.refund_due {
        is_visible = true;
        record::open(transaction, context, &payment, payment.amount.value, due.reason(), None)?;
    }
    if let Some(status) = change.payment {
        outcome.payment = status;
    }
    if let Some(status) = change.session {
        outcome.session = status;
    }
    if is_visible || change.session.is_some() {
        outcome.revision = Some(sessions::touch(transaction, &session.id, change.session)?);
    }
    notify(transaction, context, &payment.id, change)?;
    Ok(outcome)
}

/// Counts a query of a payment and writes the changes that the rules derive from its answer.
pub(crate) fn apply_answer(
    transaction: &Transaction<'_>,
    payment_id: &str,
    update: &Update,
    context: WriteContext,
) -> Result<Outcome, DbError> {
    payments::note_check(transaction, payment_id, context.now)?;
    apply(transaction, payment_id, update, context)
}

/// Writes the events that notify the merchant of `change`.
fn notify(
    transaction: &Transaction<'_>,
    context: WriteContext,
    payment_id: &str,
    change: Change,
) -> Result<(), DbError> {
    if change.session.is_none() && change.payment != Some(PaymentStatus::Failed) {
        return Ok(());
    }
    let payment = payments::find(transaction, payment_id)?.ok_or(DbError::Missing("payment"))?;
    let session = sessions::of_payment(transaction, &payment.session_id)?;
    if change.payment == Some(PaymentStatus::Failed) {
        events::payment_failed(transaction, context, &session, &payment)?;
    }
    if change.session.is_some() {
        let paid = (payment.status == PaymentStatus::Succeeded).then_some(&payment);
        events::session_ended(transaction, context, &session, paid)?;
    }
    Ok(())
}

/// Returns an alarm if a reported capture contradicts what is recorded.
fn contradiction(
    transaction: &Transaction<'_>,
    payment: &PaymentRow,
    transaction_id: &str,
) -> Result<Option<Alarm>, DbError> {
    let recorded = payment.transaction_id.as_deref();
    let recorded = recorded
        .map_or(Comparison::Nothing, |known| Comparison::compare(Some(known), transaction_id));
    let is_reused: bool = transaction.query_one(
        "SELECT EXISTS (SELECT 1 FROM payments
             WHERE transaction_id = ?1 AND id <> ?2) AS is_reused",
        params![transaction_id, payment.id],
        |row| row.get("is_reused"),
    )?;
    Ok(rules::contradiction(recorded, is_reused))
}

/// Writes the change to the payment; returns true if it is visible to the shopper.
fn write(
    transaction: &Transaction<'_>,
    payment: &PaymentRow,
    update: &Update,
    change: Change,
    now: Timestamp,
) -> Result<bool, DbError> {
    if change.is_overtaking {
        overtake(transaction, payment, now)?;
    }
    let mut is_visible = change.payment.is_some();
    if let Some(status) = change.payment {
        // Conditional on the status that the rules used, although the transaction holds the
        // only write lock: a second connection must never be able to break this.
        let changed = transaction.execute(
            "UPDATE payments SET status = ?3, checks = 0 WHERE id = ?1 AND status = ?2",
            params![payment.id, payment.status.as_str(), status.as_str()],
        )?;
        if changed != 1 {
            return Err(DbError::Missing("payment in this status"));
        }
    }
    match update {
        Update::Captured { transaction_id, paid_at, .. } if !payment.is_captured() => {
            transaction.execute(
                "UPDATE payments SET transaction_id = ?2, paid_at = ?3 WHERE id = ?1",
                params![payment.id, transaction_id, paid_at.unwrap_or(now).unix_ms()],
            )?;
        }
        Update::Ordered { action, expires_at } if !payment.status.is_final() => {
            is_visible = true;
            transaction.execute(
                "UPDATE payments SET action = ?2, action_type = ?3, action_expires_at = ?4
                 WHERE id = ?1",
                params![payment.id, action.text, action.kind.as_str(), expires_at.unix_ms()],
            )?;
        }
        Update::Refused { failure_code } if change.payment.is_some() => {
            transaction.execute(
                "UPDATE payments SET failure_code = ?2 WHERE id = ?1",
                params![payment.id, failure_code],
            )?;
        }
        _ => {}
    }
    if let Some(is_wanted) = change.is_close_wanted {
        transaction.execute(
            "UPDATE payments SET is_close_wanted = ?2 WHERE id = ?1",
            params![payment.id, is_wanted],
        )?;
    }
    if change.is_settled && !payment.is_settled {
        transaction.execute(
            "UPDATE payments SET is_settled = 1, is_close_wanted = 0 WHERE id = ?1",
            params![payment.id],
        )?;
    }
    payments::plan(transaction, &payment.id, now)?;
    Ok(is_visible)
}

/// Cancels every other active payment of the session that `payment` paid, and makes its close due.
fn overtake(
    transaction: &Transaction<'_>,
    payment: &PaymentRow,
    now: Timestamp,
) -> Result<(), DbError> {
    transaction.execute("UPDATE payments SET status = 'canceled', is_close_wanted = 1, checks = 0, next_check_at = ?3
         WHERE session_id = ?1 AND id <> ?2 AND status IN ('requires_action', 'processing')",
        params![payment.session_id, payment.id, now.unix_ms()],
    )?;
    Ok(())
}
