//! Checks that the database accepts writes, and measures the worker's lateness.

use contract::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::{DbError, execute};

/// The seconds since the longest due work became due; 0 if nothing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Lateness {
    pub(crate) payment_s: i64,
    pub(crate) refund_s: i64,
    pub(crate) event_s: i64,
}

/// Writes the heartbeat. Fails if nothing can be written.
pub(crate) fn beat(connection: &Connection, now: Timestamp) -> Result<(), DbError> {
    execute(connection, "UPDATE heartbeat SET at = ?1 WHERE id = 1", [now.unix_ms()])?;
    Ok(())
}

/// Returns the worker's lateness.
pub(crate) fn lateness(connection: &Connection, now: Timestamp) -> Result<Lateness, DbError> {
    let (payment, refund, event) = connection
        .prepare_cached(
            "SELECT
                 (SELECT MIN(next_check_at) FROM payments WHERE next_check_at <= ?1),
                 (SELECT MIN(next_attempt_at) FROM outbox
                     WHERE kind = 'refund' AND done_at IS NULL AND next_attempt_at <= ?1),
                 (SELECT MIN(next_attempt_at) FROM outbox
                     WHERE kind = 'webhook' AND done_at IS NULL AND next_attempt_at <= ?1)",
        )?
        .query_row(params![now.unix_ms()], |row| {
            let due = |index| row.get::<_, Option<i64>>(index);
            Ok((due(0)?, due(1)?, due(2)?))
        })?;
    let late_s = |due: Option<i64>| due.map_or(0, |due| (now.unix_ms() - due) / 1_000);
    Ok(Lateness { payment_s: late_s(payment), refund_s: late_s(refund), event_s: late_s(event) })
}
