//! The backend's books, read from its database.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::ledger::Ledger;
use crate::error::RunError;

/// The backend's unfinished work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// Payments whose query is due within the length of a lease.
    pub(crate) due: i64,
    /// Sessions that are open after their end.
    pub(crate) open: i64,
    /// Tasks of the outbox that are due within the same time.
    pub(crate) calls: i64,
    /// All tasks of the outbox, also those that wait for a later try.
    pub(crate) outbox: i64,
    /// Bills of the last day, with a payment, that were not compared.
    pub(crate) bills: i64,
}

impl Left {
    /// True if nothing is left to do before more time passes.
    pub(crate) const fn is_nothing_now(self) -> bool {
        self.due == 0 && self.open == 0 && self.calls == 0
    }
}

/// Counts the unfinished work at `now_ms`.
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

/// Reads the backend's records.
pub(crate) fn ledger(path: &Path) -> Result<Ledger, RunError> {
    Ledger::read(&open(path)?).map_err(unreadable)
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
