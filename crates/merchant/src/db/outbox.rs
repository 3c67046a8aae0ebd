//! What must happen after a commit: refunds at gateways, webhooks to the merchant's systems.
//!
//! A task is written in the transaction that causes it, and is done when its effect is known.
//! Between the two it may be tried more than once, also after a crash: whoever receives it
//! knows it again by its number.

use contract::Timestamp;
use rusqlite::{Connection, Row, params};

use super::DbError;
use crate::keys::new_id;

/// What kind of thing must happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A refund is asked for, or asked about, at its gateway. The subject is the refund.
    Refund,
    /// The merchant is told. The subject is the session; its webhooks go out in order.
    Webhook,
}

/// Something that must happen.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) subject: String,
    pub(crate) payload: String,
    /// Tries that were begun, this one included.
    pub(crate) attempts: u32,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Webhook => "webhook",
        }
    }
}

/// Writes a task that is due at once.
pub(crate) fn put(
    connection: &Connection,
    kind: Kind,
    subject: &str,
    payload: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "INSERT INTO outbox (id, kind, subject, payload, next_attempt_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![new_id("msg_")?, kind.as_str(), subject, payload, now.unix_ms()],
    )?;
    Ok(())
}

/// Takes the tasks that are due and counts the try; no one else gets them before `until`.
/// Of a session's webhooks only the oldest is taken.
pub(crate) fn claim_due(
    connection: &Connection,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Task>, DbError> {
    let mut statement = connection.prepare_cached(
        "UPDATE outbox SET attempts = attempts + 1, is_claimed = 1, next_attempt_at = ?2
         WHERE seq IN (
             SELECT seq FROM outbox AS due WHERE done_at IS NULL AND next_attempt_at <= ?1
                 AND (kind <> 'webhook' OR NOT EXISTS (
                     SELECT 1 FROM outbox AS earlier WHERE earlier.done_at IS NULL
                         AND earlier.kind = 'webhook' AND earlier.subject = due.subject
                         AND earlier.seq < due.seq))
             ORDER BY next_attempt_at LIMIT 64)
         RETURNING *",
    )?;
    let tasks = statement.query_map(params![now.unix_ms(), until.unix_ms()], read)?;
    Ok(tasks.collect::<Result<_, _>>()?)
}

/// The task has had its effect, or is given up.
pub(crate) fn finish(connection: &Connection, id: &str, now: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET done_at = ?2, is_claimed = 0 WHERE id = ?1 AND done_at IS NULL",
        params![id, now.unix_ms()],
    )?;
    Ok(())
}

/// The refund is decided: nothing is left to do for it.
pub(crate) fn finish_refund(
    connection: &Connection,
    refund_id: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET done_at = ?2, is_claimed = 0
         WHERE kind = 'refund' AND subject = ?1 AND done_at IS NULL",
        params![refund_id, now.unix_ms()],
    )?;
    Ok(())
}

/// The task is to be tried again at this moment, unless it is done.
pub(crate) fn again(connection: &Connection, id: &str, at: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET next_attempt_at = ?2, is_claimed = 0 WHERE id = ?1 AND done_at IS NULL",
        params![id, at.unix_ms()],
    )?;
    Ok(())
}

/// Takes up what a process left that died in the middle of a try. The waits begin anew: that we
/// died says nothing of who is called. That there was a try must stay, as a refund's outcome is
/// unknown then.
pub(crate) fn resume(connection: &Connection, at: Timestamp) -> Result<usize, DbError> {
    Ok(connection.execute(
        "UPDATE outbox SET next_attempt_at = MIN(next_attempt_at, ?1), is_claimed = 0,
             attempts = MIN(attempts, 1)
         WHERE is_claimed = 1 AND done_at IS NULL",
        [at.unix_ms()],
    )?)
}

/// Forgets tasks that were done before `moment`.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<(), DbError> {
    connection.execute("DELETE FROM outbox WHERE done_at < ?1", [moment.unix_ms()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Task> {
    let kind = match row.get_ref("kind")?.as_str()? {
        "refund" => Kind::Refund,
        _ => Kind::Webhook,
    };
    Ok(Task {
        id: row.get("id")?,
        kind,
        subject: row.get("subject")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
    })
}
