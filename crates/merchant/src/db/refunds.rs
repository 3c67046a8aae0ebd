//! The rows of refunds. They are written by [`super::record`] only.

use super::sql::{Connection, Row, params};
use contract::{Amount, Currency, PaymentMethod, Refund, RefundReason, RefundStatus, Timestamp};

use super::{DbError, payments, sessions};
use crate::identity::Identity;

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
    pub(super) fn is_by_itself(&self) -> bool {
        !matches!(self.reason, RefundReason::RequestedByMerchant | RefundReason::MadeElsewhere)
    }
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
    connection.query_optional(&sql, params![out_refund_no, out_trade_no], read)
}

/// True if we made the refund with this number.
pub(crate) fn is_ours(connection: &Connection, out_refund_no: &str) -> Result<bool, DbError> {
    connection.query_one(
        "SELECT EXISTS (SELECT 1 FROM refunds
             WHERE out_refund_no = ?1 AND reason <> 'made_elsewhere') AS found",
        params![out_refund_no],
        |row| row.get("found"),
    )
}

/// Returns the refunds of an order's payments, the oldest first.
pub(crate) fn of_order(connection: &Connection, order_id: &str) -> Result<Vec<RefundRow>, DbError> {
    let sql =
        format!("{SELECT} WHERE sessions.order_id = ?1 ORDER BY refunds.created_at, refunds.id");
    connection.query_all(&sql, params![order_id], read)
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
    let rows = connection.query_all(&sql, params![before, i64::from(limit) + 1], read)?;
    Ok(Some(sessions::page(rows, limit)))
}

/// Returns the amount of a payment that is refunded or being refunded, in fen.
pub(crate) fn held(connection: &Connection, payment_id: &str) -> Result<i64, DbError> {
    sum(
        connection,
        "SELECT CAST(COALESCE(SUM(held_value), 0) AS BIGINT) AS value FROM refunds
         WHERE payment_id = ?1",
        payment_id,
    )
}

/// Returns the amount of a payment that was refunded elsewhere, in fen.
pub(super) fn elsewhere(connection: &Connection, payment_id: &str) -> Result<i64, DbError> {
    sum(
        connection,
        "SELECT CAST(COALESCE(SUM(held_value), 0) AS BIGINT) AS value FROM refunds
         WHERE payment_id = ?1 AND reason = 'made_elsewhere'",
        payment_id,
    )
}

fn sum(connection: &Connection, sql: &str, payment_id: &str) -> Result<i64, DbError> {
    connection.query_one(sql, params![payment_id], |row| row.get("value"))
}

/// Returns how many refunds of the same reason its payment has had, this one included.
pub(super) fn numbers(connection: &Connection, refund: &RefundRow) -> Result<u32, DbError> {
    connection.query_one(
        "SELECT COUNT(*) AS number FROM refunds WHERE payment_id = ?1 AND reason = ?2",
        params![refund.payment_id, refund.reason.as_str()],
        |row| row.get("number"),
    )
}

/// Returns the status of the owed refunds of a session: failed before pending, and pending before
/// succeeded. A refund that was replaced by a renewed one does not count, and one of money that was
/// refunded elsewhere counts as succeeded for the shopper.
pub(crate) fn of_session(
    connection: &Connection,
    session_id: &str,
) -> Result<Option<RefundStatus>, DbError> {
    connection.query_optional(
            "SELECT known FROM (SELECT CASE WHEN payments.amount_value <= (
                     SELECT COALESCE(SUM(elsewhere.held_value), 0) FROM refunds AS elsewhere
                     WHERE elsewhere.payment_id = payments.id
                         AND elsewhere.reason = 'made_elsewhere')
                 THEN 'succeeded' ELSE refunds.status END AS known
             FROM refunds JOIN payments ON payments.id = refunds.payment_id
             WHERE payments.session_id = ?1 AND refunds.reason NOT IN ('requested_by_merchant', 'made_elsewhere')
                 AND NOT EXISTS (SELECT 1 FROM refunds AS newer
                     WHERE newer.payment_id = refunds.payment_id
                         AND newer.reason = refunds.reason AND newer.rowid > refunds.rowid)) AS owed
             ORDER BY known = 'failed' DESC, known = 'pending' DESC LIMIT 1",
        params![session_id],
        |row| row.parsed("known", RefundStatus::parse),
    )
}

const SELECT: &str = "SELECT refunds.*, payments.session_id, payments.payment_method,
    payments.app_id, payments.merchant_id, payments.out_trade_no,
    payments.amount_value AS total_value, payments.currency, payments.notify_url,
    sessions.order_id
    FROM refunds JOIN payments ON payments.id = refunds.payment_id
    JOIN sessions ON sessions.id = payments.session_id";

fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<RefundRow>, DbError> {
    connection.query_optional(sql, params![key], read)
}

fn read(row: &Row<'_>) -> Result<RefundRow, DbError> {
    let currency: String = row.get("currency")?;
    let currency = Currency::parse(&currency).unwrap_or(Currency::CNY);
    let held: i64 = row.get("held_value")?;
    Ok(RefundRow {
        id: row.get("id")?,
        payment_id: row.get("payment_id")?,
        out_refund_no: row.get("out_refund_no")?,
        amount: Amount { value: row.get("amount_value")?, currency },
        reason: row.parsed("reason", RefundReason::parse)?,
        reason_text: row.get("reason_text")?,
        status: row.parsed("status", RefundStatus::parse)?,
        is_held: held > 0,
        failure_code: row.get("failure_code")?,
        created_at: Timestamp::from_unix_ms(row.get("created_at")?),
        session_id: row.get("session_id")?,
        order_id: row.get("order_id")?,
        payment_method: row.parsed("payment_method", PaymentMethod::parse)?,
        identity: payments::identity(row)?,
        out_trade_no: row.get("out_trade_no")?,
        total: Amount { value: row.get("total_value")?, currency },
        notify_url: row.get("notify_url")?,
    })
}
