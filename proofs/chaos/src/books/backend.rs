//! The backend's books: its database.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{EventEntry, Ledger, PaymentEntry, RefundEntry, SessionEntry};
use crate::run::RunError;

/// The backend's unfinished work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Payments to ask about within the time that a claimed one is leased for.
    pub(crate) due: i64,
    /// Sessions that have passed their time and are still open.
    pub(crate) open: i64,
    /// Calls that must happen after a commit, and are due in the same way.
    pub(crate) calls: i64,
    /// All such calls, also those that wait for a later try.
    pub(crate) outbox: i64,
    /// Bills of the last day with a payment that are not compared.
    pub(crate) bills: i64,
}

impl Left {
    /// Nothing until more time has passed.
    pub(crate) const fn is_nothing_now(self) -> bool {
        self.due == 0 && self.open == 0 && self.calls == 0
    }
}

/// Counts what is left to do at `now_ms`.
pub(crate) fn left(path: &Path, now_ms: u64) -> Result<Left, RunError> {
    let connection = open(path)?;
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let count = |sql: &str| {
        connection.query_row(sql, [now_ms], |row| row.get::<_, i64>(0)).map_err(unreadable)
    };
    Ok(Left {
        due: count("SELECT COUNT(*) FROM payments WHERE next_check_at <= ?1 + 90000")?,
        open: count("SELECT COUNT(*) FROM sessions WHERE status = 'open' AND expires_at <= ?1")?,
        calls: count(
            "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND next_attempt_at <= ?1 + 90000",
        )?,
        outbox: count("SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND ?1 > 0")?,
        bills: count(
            "SELECT COUNT(*) FROM (SELECT payment_method AS method,
                 date(MAX(paid_at) / 1000, 'unixepoch', '+8 hours') AS day
                 FROM payments WHERE paid_at < ?1 GROUP BY payment_method) AS due
             WHERE NOT EXISTS (SELECT 1 FROM reconciliations
                 WHERE payment_method = due.method AND date = due.day)",
        )?,
    })
}

/// Reads the backend's book.
pub(crate) fn ledger(path: &Path) -> Result<Ledger, RunError> {
    let connection = open(path)?;
    let mut refunds = refunds(&connection).map_err(unreadable)?;
    let mut read = || {
        let mut ledger = Ledger::default();
        let mut statement =
            connection.prepare("SELECT id, order_id, status, amount_value FROM sessions")?;
        let sessions = statement.query_map([], |row| {
            Ok(SessionEntry {
                id: row.get(0)?,
                order_id: row.get(1)?,
                status: row.get(2)?,
                amount_fen: row.get(3)?,
                payments: Vec::new(),
            })
        })?;
        for session in sessions {
            let session = session?;
            ledger.sessions.insert(session.id.clone(), session);
        }
        let mut statement = connection.prepare(
            "SELECT session_id, id, out_trade_no, payment_method, status, amount_value,
                transaction_id, product FROM payments ORDER BY created_at, rowid",
        )?;
        let payments = statement.query_map([], |row| {
            let entry = PaymentEntry {
                id: row.get(1)?,
                out_trade_no: row.get(2)?,
                method: row.get(3)?,
                status: row.get(4)?,
                amount_fen: row.get(5)?,
                transaction_id: row.get(6)?,
                product: row.get(7)?,
                refunds: Vec::new(),
            };
            Ok((row.get::<_, String>(0)?, entry))
        })?;
        for payment in payments {
            let (session_id, mut payment) = payment?;
            payment.refunds = refunds.remove(&payment.id).unwrap_or_default();
            if let Some(session) = ledger.sessions.get_mut(&session_id) {
                session.payments.push(payment);
            }
        }
        ledger.events = events(&connection)?;
        Ok(ledger)
    };
    read().map_err(unreadable)
}

fn refunds(connection: &Connection) -> rusqlite::Result<HashMap<String, Vec<RefundEntry>>> {
    let mut statement = connection.prepare(
        "SELECT payment_id, amount_value, reason, status, id, out_refund_no FROM refunds
         ORDER BY rowid",
    )?;
    let rows = statement.query_map([], |row| {
        let entry = RefundEntry {
            id: row.get(4)?,
            number: row.get(5)?,
            amount_fen: row.get(1)?,
            reason: row.get(2)?,
            status: row.get(3)?,
        };
        Ok((row.get::<_, String>(0)?, entry))
    })?;
    let mut refunds: HashMap<String, Vec<RefundEntry>> = HashMap::new();
    for row in rows {
        let (payment_id, entry) = row?;
        refunds.entry(payment_id).or_default().push(entry);
    }
    Ok(refunds)
}

fn events(connection: &Connection) -> rusqlite::Result<Vec<EventEntry>> {
    let mut statement = connection.prepare(
        "SELECT id, subject, payload, done_at IS NOT NULL FROM outbox WHERE kind = 'webhook'
         ORDER BY seq",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(EventEntry {
            id: row.get(0)?,
            session_id: row.get(1)?,
            payload: row.get(2)?,
            is_done: row.get(3)?,
        })
    })?;
    rows.collect()
}

fn open(path: &Path) -> Result<Connection, RunError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let connection = connection.map_err(unreadable)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(unreadable)?;
    Ok(connection)
}

fn unreadable(error: rusqlite::Error) -> RunError {
    RunError::new("the backend's database cannot be read", error)
}
