//! The backend's books, read from its database.

use merchant_test_support::stored::Database;

use super::ledger::Ledger;

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
pub(crate) fn left(database: &Database, now_ms: u64) -> Left {
    // Within the length of a lease.
    let soon_ms = now_ms + 90_000;
    let day = match database {
        Database::File(_) => "date(MAX(paid_at) / 1000, 'unixepoch', '+8 hours')",
        Database::Postgres(_) => {
            "to_char(to_timestamp(MAX(paid_at) / 1000) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"
        }
    };
    let count = |what: &str| database.one(&format!("SELECT COUNT(*) FROM {what}"));
    Left {
        due: count(&format!("payments WHERE next_check_at <= {soon_ms}")),
        open: count(&format!("sessions WHERE status = 'open' AND expires_at <= {now_ms}")),
        calls: count(&format!("outbox WHERE done_at IS NULL AND next_attempt_at <= {soon_ms}")),
        outbox: count("outbox WHERE done_at IS NULL"),
        bills: count(&format!(
            "(SELECT payment_method AS method, {day} AS day
                 FROM payments WHERE paid_at < {now_ms} GROUP BY payment_method) AS due
             WHERE NOT EXISTS (SELECT 1 FROM reconciliations
                 WHERE payment_method = due.method AND date = due.day)"
        )),
    }
}

/// Reads the backend's records.
pub(crate) fn ledger(database: &Database) -> Ledger {
    Ledger::stored(database)
}
