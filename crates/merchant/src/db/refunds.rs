//! The rows of refunds, and the only code that changes their status.

use contract::{Amount, Currency, PaymentMethod, Refund, RefundReason, RefundStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::outbox::{self, Kind};
use super::payments::{self, PaymentRow};
use super::{DbError, WriteContext, events, execute, sessions};
use crate::identity::Identity;
use crate::keys::new_id;
use crate::rules::{self, AfterRefund, RefundSignal, RefundStanding};

/// A refund as stored, with the data of the payment that its gateway needs.
#[derive(Clone, Debug)]
pub(crate) struct RefundRow {
    pub(crate) id: String,
    pub(crate) payment_id: String,
    pub(crate) out_refund_no: String,
    pub(crate) amount: Amount,
    pub(crate) reason: RefundReason,
    /// The merchant's own text, which the payer reads.
    pub(crate) reason_text: Option<String>,
    pub(crate) status: RefundStatus,
    pub(crate) is_held: bool,
    pub(crate) failure_code: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) session_id: String,
    pub(crate) order_id: String,
    pub(crate) payment_method: PaymentMethod,
    /// The merchant's identity at the gateway when the payment was ordered.
    pub(crate) identity: Option<Identity>,
    pub(crate) out_trade_no: String,
    /// The amount of the whole payment.
    pub(crate) total: Amount,
    pub(crate) notify_url: String,
}

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

impl RefundRow {
    /// Returns the refund for the merchant's own servers.
    pub(crate) fn document(&self) -> Refund {
        Refund {
            id: self.id.clone(),
            session_id: self.session_id.clone(),
            payment_id: self.payment_id.clone(),
            amount: self.amount,
            reason: self.reason,
            reason_text: self.reason_text.clone(),
            status: self.status,
            failure_code: self.failure_code.clone(),
            created_at: self.created_at,
        }
    }

    /// True if it has no final status yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == RefundStatus::Pending
    }

    /// True if a second or late capture has been refunded.
    pub(crate) fn is_duplicate_returned(&self) -> bool {
        self.is_by_itself() && self.status == RefundStatus::Succeeded
    }

    /// True if the backend refunds it without a request, which the shopper is shown.
    fn is_by_itself(&self) -> bool {
        !matches!(self.reason, RefundReason::RequestedByMerchant | RefundReason::MadeElsewhere)
    }
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
    execute(
connection,
        "INSERT INTO refunds (id, payment_id, out_refund_no, amount_value, reason, status, held_value,
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
pub(crate) fn record_elsewhere(
    transaction: &Transaction<'_>,
    context: WriteContext,
    payment: &PaymentRow,
    made: &MadeElsewhere,
) -> Result<Option<RefundRow>, DbError> {
    let id = new_id("re_")?;
    let inserted = execute(
        transaction,
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
pub(crate) fn record(
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
    let changed = execute(
        transaction,
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

pub(crate) fn find(connection: &Connection, id: &str) -> Result<Option<RefundRow>, DbError> {
    one(connection, &format!("{SELECT} WHERE refunds.id = ?1"), id)
}

/// Returns the refund with a number, ours or not, of the payment with this order number.
pub(crate) fn find_by_number(
    connection: &Connection,
    out_trade_no: &str,
    out_refund_no: &str,
) -> Result<Option<RefundRow>, DbError> {
    let sql = format!("{SELECT} WHERE refunds.out_refund_no = ?1 AND payments.out_trade_no = ?2");
    let found = connection
        .prepare_cached(&sql)?
        .query_row([out_refund_no, out_trade_no], read)
        .optional()?;
    Ok(found)
}

/// True if we made the refund with this number.
pub(crate) fn is_ours(connection: &Connection, out_refund_no: &str) -> Result<bool, DbError> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM refunds
                 WHERE out_refund_no = ?1 AND reason <> 'made_elsewhere')",
        )?
        .query_row([out_refund_no], |row| row.get(0))?)
}

/// Returns a page of refunds, the newest first, and true if there are more; `None` if there is no
/// refund `after`.
pub(crate) fn list(
    connection: &Connection,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<(Vec<RefundRow>, bool)>, DbError> {
    let Some(before) = sessions::page_start(connection, "refunds", after)? else {
        return Ok(None);
    };
    let sql = format!("{SELECT} WHERE refunds.rowid < ?1 ORDER BY refunds.rowid DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([before, i64::from(limit) + 1], read)?;
    Ok(Some(sessions::page(rows.collect::<Result<_, _>>()?, limit)))
}

/// Returns the amount of a payment that is refunded or being refunded, in fen.
pub(crate) fn held(connection: &Connection, payment_id: &str) -> Result<i64, DbError> {
    Ok(connection
        .prepare_cached("SELECT COALESCE(SUM(held_value), 0) FROM refunds WHERE payment_id = ?1")?
        .query_row([payment_id], |row| row.get(0))?)
}

/// Returns the refunded amount of a payment, in fen.
pub(crate) fn returned(connection: &Connection, payment_id: &str) -> Result<i64, DbError> {
    Ok(connection
        .prepare_cached(
            "SELECT COALESCE(SUM(amount_value), 0) FROM refunds
             WHERE payment_id = ?1 AND status = 'succeeded'",
        )?
        .query_row([payment_id], |row| row.get(0))?)
}

/// Returns the amount of a payment that was refunded elsewhere, in fen.
fn elsewhere(connection: &Connection, payment_id: &str) -> Result<i64, DbError> {
    Ok(connection
        .prepare_cached(
            "SELECT COALESCE(SUM(held_value), 0) FROM refunds
             WHERE payment_id = ?1 AND reason = 'made_elsewhere'",
        )?
        .query_row([payment_id], |row| row.get(0))?)
}

/// Returns how many refunds of the same reason its payment has had, this one included.
fn numbers(connection: &Connection, refund: &RefundRow) -> Result<u32, DbError> {
    Ok(connection
        .prepare_cached("SELECT COUNT(*) FROM refunds WHERE payment_id = ?1 AND reason = ?2")?
        .query_row(params![refund.payment_id, refund.reason.as_str()], |row| row.get(0))?)
}

/// Returns the status of the owed refunds of a session: failed before pending, and pending before
/// succeeded. A refund that was replaced by a renewed one does not count, and one of money that was
/// refunded elsewhere counts as succeeded for the shopper.
pub(crate) fn of_session(
    connection: &Connection,
    session_id: &str,
) -> Result<Option<RefundStatus>, DbError> {
    let status = connection
        .prepare_cached(
            "SELECT CASE WHEN payments.amount_value <= (
                     SELECT COALESCE(SUM(elsewhere.held_value), 0) FROM refunds AS elsewhere
                     WHERE elsewhere.payment_id = payments.id
                         AND elsewhere.reason = 'made_elsewhere')
                 THEN 'succeeded' ELSE refunds.status END AS known
             FROM refunds JOIN payments ON payments.id = refunds.payment_id
             WHERE payments.session_id = ?1 AND refunds.reason NOT IN ('requested_by_merchant', 'made_elsewhere')
                 AND NOT EXISTS (SELECT 1 FROM refunds AS newer
                     WHERE newer.payment_id = refunds.payment_id
                         AND newer.reason = refunds.reason AND newer.rowid > refunds.rowid)
             ORDER BY known = 'failed' DESC, known = 'pending' DESC LIMIT 1",
        )?
        .query_row([session_id], |row| Ok(RefundStatus::parse(row.get_ref(0)?.as_str()?)))
        .optional()?;
    Ok(status)
}

const SELECT: &str = "SELECT refunds.*, payments.session_id, payments.payment_method,
    payments.app_id, payments.merchant_id, payments.out_trade_no,
    payments.amount_value AS total_value, payments.currency, payments.notify_url,
    sessions.order_id
    FROM refunds JOIN payments ON payments.id = refunds.payment_id
    JOIN sessions ON sessions.id = payments.session_id";

fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<RefundRow>, DbError> {
    Ok(connection.prepare_cached(sql)?.query_row([key], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<RefundRow> {
    let currency: String = row.get("currency")?;
    let currency = Currency::parse(&currency).unwrap_or(Currency::CNY);
    let held: i64 = row.get("held_value")?;
    Ok(RefundRow {
        id: row.get("id")?,
        payment_id: row.get("payment_id")?,
        out_refund_no: row.get("out_refund_no")?,
        amount: Amount { value: row.get("amount_value")?, currency },
        reason: RefundReason::parse(row.get_ref("reason")?.as_str()?),
        reason_text: row.get("reason_text")?,
        status: RefundStatus::parse(row.get_ref("status")?.as_str()?),
        is_held: held > 0,
        failure_code: row.get("failure_code")?,
        created_at: Timestamp::from_unix_ms(row.get("created_at")?),
        session_id: row.get("session_id")?,
        order_id: row.get("order_id")?,
        payment_method: PaymentMethod::parse(row.get_ref("payment_method")?.as_str()?),
        identity: payments::identity(row)?,
        out_trade_no: row.get("out_trade_no")?,
        total: Amount { value: row.get("total_value")?, currency },
        notify_url: row.get("notify_url")?,
    })
}
