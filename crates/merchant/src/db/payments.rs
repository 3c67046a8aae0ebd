//! The rows of payments. Statuses are changed by [`super::apply`] only.

use super::sql::{Connection, Row, params};
use contract::{Amount, Currency, Flow, NextActionType, PaymentMethod, PaymentStatus, Timestamp};

use super::DbError;
use super::idempotency::{self, Request};
use super::sessions::{self, SessionRow};
use crate::action::Action;
use crate::identity::Identity;
use crate::payer::Payer;
use crate::rules::schedule::{self, Watched, next_check};
use crate::rules::{self, PaymentState, Product, Refusal};

/// A payment as stored.
#[derive(Clone, Debug)]
pub(crate) struct PaymentRow {
    pub(crate) id: String,
    pub(crate) session_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) payment_method: PaymentMethod,
    /// The gateway's product that makes it.
    pub(crate) product: Product,
    pub(crate) amount: Amount,
    /// The merchant's identity at the gateway when it was ordered; absent in older payments.
    pub(crate) identity: Option<Identity>,
    /// The merchant's number of the order, as the gateway has it.
    pub(crate) reference: Option<String>,
    /// The time until which the gateway takes money for it, in whole seconds.
    pub(crate) order_expires_at: Timestamp,
    pub(crate) notify_url: String,
    pub(crate) return_url: Option<String>,
    /// The shopper's address, if the gateway requires it.
    pub(crate) payer_client_ip: Option<String>,
    /// The payer, once known, if the gateway requires it.
    pub(crate) payer: Option<Payer>,
    pub(crate) status: PaymentStatus,
    pub(crate) failure_code: Option<String>,
    /// The action that the shopper received.
    pub(crate) action: Option<Action>,
    pub(crate) action_expires_at: Option<Timestamp>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) is_settled: bool,
    pub(crate) is_close_wanted: bool,
    pub(crate) checks: u32,
    pub(crate) created_at: Timestamp,
}

impl PaymentRow {
    /// True if money was captured for it, kept or due for refund.
    pub(crate) fn is_captured(&self) -> bool {
        self.transaction_id.is_some()
    }

    /// The flow of its product.
    pub(crate) const fn flow(&self) -> Flow {
        self.product.flow()
    }

    /// True if the shopper has received something that can be paid.
    pub(crate) fn is_handed_out(&self) -> bool {
        self.action.as_ref().is_some_and(|action| !action.asks_for_payer(self.product))
    }

    /// Returns the state for the procedures.
    pub(crate) fn state(&self, now: Timestamp) -> PaymentState {
        PaymentState {
            status: self.status,
            is_handed_out: self.is_handed_out(),
            is_captured: self.is_captured(),
            is_close_wanted: self.is_close_wanted,
            is_close_overdue: schedule::is_close_overdue(self.order_expires_at, now),
        }
    }

    /// Returns the state for the schedule, within a session that ends at `session_expires_at`.
    pub(crate) fn watched(&self, session_expires_at: Timestamp) -> Watched {
        Watched {
            status: self.status,
            is_settled: self.is_settled,
            is_close_wanted: self.is_close_wanted,
            checks: self.checks,
            created_at: self.created_at,
            session_expires_at,
            order_expires_at: self.order_expires_at,
        }
    }
}

/// The outcome of starting a payment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It was inserted; the session's new revision.
    Yes(u32),
    /// It was refused.
    No(Refusal),
}

/// Inserts a payment that has not been ordered at its gateway yet, and records the request that
/// made it.
pub(crate) fn start(
    connection: &Connection,
    payment: &PaymentRow,
    request: &Request,
    now: Timestamp,
) -> Result<Started, DbError> {
    let session = sessions::of_payment(connection, &payment.session_id)?;
    let has_active = active(connection, &payment.session_id)?.is_some();
    if let Err(refusal) = rules::insert(session.status, now >= session.expires_at, has_active) {
        return Ok(Started::No(refusal));
    }
    let next = next_check(payment.watched(session.expires_at), now);
    connection.execute(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value,
            currency, order_expires_at, notify_url, return_url, status, next_check_at, created_at,
            product, payer_client_ip, app_id, merchant_id, reference)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
             ?18)",
        params![
            payment.id,
            payment.session_id,
            payment.out_trade_no,
            payment.payment_method.as_str(),
            payment.flow().as_str(),
            payment.amount.value,
            payment.amount.currency.as_str(),
            payment.order_expires_at.unix_ms(),
            payment.notify_url,
            payment.return_url,
            payment.status.as_str(),
            next.map(Timestamp::unix_ms),
            payment.created_at.unix_ms(),
            payment.product.as_str(),
            payment.payer_client_ip,
            payment.identity.as_ref().map(|identity| &identity.app_id),
            payment.identity.as_ref().map(|identity| &identity.merchant_id),
            payment.reference,
        ],
    )?;
    idempotency::remember(connection, request, &payment.id, now)?;
    sessions::touch(connection, &payment.session_id, None).map(Started::Yes)
}

pub(crate) fn find(connection: &Connection, id: &str) -> Result<Option<PaymentRow>, DbError> {
    one(connection, "SELECT * FROM payments WHERE id = ?1", id)
}

pub(crate) fn find_by_out_trade_no(
    connection: &Connection,
    out_trade_no: &str,
) -> Result<Option<PaymentRow>, DbError> {
    one(connection, "SELECT * FROM payments WHERE out_trade_no = ?1", out_trade_no)
}

/// Returns the active payment of a session.
pub(crate) fn active(
    connection: &Connection,
    session_id: &str,
) -> Result<Option<PaymentRow>, DbError> {
    one(
        connection,
        "SELECT * FROM payments WHERE session_id = ?1 AND status IN ('requires_action', 'processing')",
        session_id,
    )
}

/// Returns all payments of a session, the oldest first, each with its refunded amount in fen.
pub(crate) fn of_session(
    connection: &Connection,
    session_id: &str,
) -> Result<Vec<(PaymentRow, i64)>, DbError> {
    connection.query_all(
        "SELECT payments.*, (SELECT CAST(COALESCE(SUM(refunds.amount_value), 0) AS BIGINT)
             FROM refunds WHERE payment_id = payments.id AND refunds.status = 'succeeded')
             AS refunded_value
         FROM payments WHERE session_id = ?1 ORDER BY created_at, rowid",
        params![session_id],
        |row| Ok((read(row)?, row.get("refunded_value")?)),
    )
}

/// Returns the number of payments of a session.
pub(crate) fn count(connection: &Connection, session_id: &str) -> Result<u32, DbError> {
    connection.query_one(
        "SELECT COUNT(*) AS number FROM payments WHERE session_id = ?1",
        params![session_id],
        |row| row.get("number"),
    )
}

/// Returns the payment that the shopper sees: the kept one, else the active one, else the last one.
pub(crate) fn shown(
    connection: &Connection,
    session_id: &str,
) -> Result<Option<PaymentRow>, DbError> {
    one(
        connection,
        "SELECT * FROM payments WHERE session_id = ?1
         ORDER BY status = 'succeeded' DESC, status IN ('requires_action', 'processing') DESC,
             created_at DESC, rowid DESC LIMIT 1",
        session_id,
    )
}

/// Returns the id of the payment that is kept, of the session or of its whole order.
pub(crate) fn kept(
    connection: &Connection,
    session: &SessionRow,
) -> Result<Option<String>, DbError> {
    connection.query_optional(
        "SELECT id FROM payments WHERE status = 'succeeded' AND (session_id = ?1
             OR ?2 AND session_id IN (SELECT id FROM sessions
                 WHERE order_id = ?3 AND status = 'complete' AND one_per_order = 1))",
        params![session.id, session.one_per_order, session.order_id],
        |row| row.get("id"),
    )
}

/// Counts a query, and schedules the next. It is right in any isolation.
///
/// # Errors
/// [`DbError::Conflict`] if the payment's status or schedule changes at the same time.
pub(crate) fn note_check(connection: &Connection, id: &str, now: Timestamp) -> Result<(), DbError> {
    let found =
        connection.query_optional("SELECT * FROM payments WHERE id = ?1", params![id], |row| {
            Ok((read(row)?, row.get::<Option<i64>>("next_check_at")?))
        })?;
    let (mut payment, scheduled) = found.ok_or(DbError::Missing("payment"))?;
    payment.checks = payment.checks.saturating_add(1);
    let next = planned(connection, &payment, now)?;
    let written = connection.execute(
        "UPDATE payments SET checks = ?2, last_check_at = ?3, next_check_at = ?4
         WHERE id = ?1 AND status = ?5 AND next_check_at IS NOT DISTINCT FROM ?6",
        params![
            id,
            payment.checks,
            now.unix_ms(),
            next.map(Timestamp::unix_ms),
            payment.status.as_str(),
            scheduled
        ],
    )?;
    if written == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Writes the payer, unless one is stored; returns the stored one.
pub(crate) fn set_payer(
    connection: &Connection,
    id: &str,
    payer: &Payer,
) -> Result<Option<Payer>, DbError> {
    connection.execute(
        "UPDATE payments SET payer = ?2 WHERE id = ?1 AND payer IS NULL",
        params![id, payer.to_text()],
    )?;
    Ok(find(connection, id)?.and_then(|payment| payment.payer))
}

/// Deletes the payer and the shopper's address of payments whose order ended before `moment` and
/// whose gateway is not queried any more.
pub(crate) fn forget_payers(connection: &Connection, moment: Timestamp) -> Result<usize, DbError> {
    connection.execute(
        "UPDATE payments SET payer = NULL, payer_client_ip = NULL
         WHERE order_expires_at < ?1 AND next_check_at IS NULL
             AND (payer IS NOT NULL OR payer_client_ip IS NOT NULL)",
        params![moment.unix_ms()],
    )
}

/// Returns the identities that open payments and pending refunds need.
pub(crate) fn identities_in_use(
    connection: &Connection,
) -> Result<Vec<(PaymentMethod, Option<Identity>)>, DbError> {
    connection.query_all(
        "SELECT payment_method, app_id, merchant_id FROM payments WHERE next_check_at IS NOT NULL
         UNION
         SELECT payment_method, app_id, merchant_id FROM payments
         WHERE id IN (SELECT payment_id FROM refunds JOIN outbox ON outbox.subject = refunds.id
             WHERE outbox.kind = 'refund' AND outbox.done_at IS NULL)",
        params![],
        |row| Ok((row.parsed("payment_method", PaymentMethod::parse)?, identity(row)?)),
    )
}

/// Schedules the next query at this time.
pub(crate) fn ask_at(connection: &Connection, id: &str, moment: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE payments SET next_check_at = ?2 WHERE id = ?1 AND next_check_at IS NOT NULL",
        params![id, moment.unix_ms()],
    )?;
    Ok(())
}

/// Schedules the next query by the payment's present state.
pub(crate) fn plan(connection: &Connection, id: &str, now: Timestamp) -> Result<(), DbError> {
    let payment = find(connection, id)?.ok_or(DbError::Missing("payment"))?;
    let next = planned(connection, &payment, now)?;
    connection.execute(
        "UPDATE payments SET next_check_at = ?2 WHERE id = ?1",
        params![id, next.map(Timestamp::unix_ms)],
    )?;
    Ok(())
}

/// Returns the time of the next query.
fn planned(
    connection: &Connection,
    payment: &PaymentRow,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let session = sessions::of_payment(connection, &payment.session_id)?;
    Ok(next_check(payment.watched(session.expires_at), now))
}

fn one(connection: &Connection, sql: &str, key: &str) -> Result<Option<PaymentRow>, DbError> {
    connection.query_optional(sql, params![key], read)
}

/// Reads the identity of a row of `payments`.
pub(super) fn identity(row: &Row<'_>) -> Result<Option<Identity>, DbError> {
    let (app_id, merchant_id) = (row.get("app_id")?, row.get("merchant_id")?);
    let identity = Option::zip(app_id, merchant_id);
    Ok(identity.map(|(app_id, merchant_id)| Identity { app_id, merchant_id }))
}

fn read(row: &Row<'_>) -> Result<PaymentRow, DbError> {
    let moment = |name| row.get(name).map(Timestamp::from_unix_ms);
    let action_expires_at: Option<i64> = row.get("action_expires_at")?;
    let paid_at: Option<i64> = row.get("paid_at")?;
    let action: Option<String> = row.get("action")?;
    let action_type: Option<String> = row.get("action_type")?;
    let action = action
        .zip(action_type)
        .map(|(text, kind)| Action { kind: NextActionType::parse(&kind), text });
    let product = row.parsed("product", Product::parse)?;
    let payer: Option<String> = row.get("payer")?;
    let currency: String = row.get("currency")?;
    Ok(PaymentRow {
        id: row.get("id")?,
        session_id: row.get("session_id")?,
        out_trade_no: row.get("out_trade_no")?,
        payment_method: row.parsed("payment_method", PaymentMethod::parse)?,
        // The table holds no other names.
        product: product.unwrap_or(Product::Native),
        amount: Amount {
            value: row.get("amount_value")?,
            currency: Currency::parse(&currency).unwrap_or(Currency::CNY),
        },
        identity: identity(row)?,
        reference: row.get("reference")?,
        order_expires_at: moment("order_expires_at")?,
        notify_url: row.get("notify_url")?,
        return_url: row.get("return_url")?,
        payer_client_ip: row.get("payer_client_ip")?,
        payer: payer.as_deref().and_then(Payer::parse),
        status: row.parsed("status", PaymentStatus::parse)?,
        failure_code: row.get("failure_code")?,
        action,
        action_expires_at: action_expires_at.map(Timestamp::from_unix_ms),
        transaction_id: row.get("transaction_id")?,
        paid_at: paid_at.map(Timestamp::from_unix_ms),
        is_settled: row.get("is_settled")?,
        is_close_wanted: row.get("is_close_wanted")?,
        checks: row.get("checks")?,
        created_at: moment("created_at")?,
    })
}
