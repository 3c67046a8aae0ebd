//! The work to do after a commit: refunds at gateways, webhooks to the merchant's systems.
//!
//! A task is written in the transaction that causes it, and is done when its effect is known.
//! Until then it may be tried more than once, also after a crash: the receiver recognises a
//! repeated task by its number.

use super::sql::{Connection, Parameter, Row, params};
use contract::{PaymentMethod, Timestamp, WebhookType};

use super::{DbError, Lease};
use crate::keys::new_id;
use crate::rules::schedule;

/// The kind of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A refund is sent to its gateway, or queried there. The subject is the refund.
    Refund,
}

/// A unit of work.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) payload: String,
    /// The event's id, which each endpoint gets; empty of a refund.
    pub(crate) event_id: String,
    /// Number of tries that have begun, this one included.
    pub(crate) attempts: u32,
    /// The number of this claim. A later claim invalidates it.
    pub(crate) claim: u32,
    pub(crate) created_at: Timestamp,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
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

/// Writes an event, due at once, for each endpoint that wants its type at any instance.
pub(crate) fn put_event(
    connection: &Connection,
    kind: WebhookType,
    session_id: &str,
    payload: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "INSERT INTO outbox
             (id, kind, subject, payload, next_attempt_at, created_at, event_id, endpoint)
         SELECT ?1 || '.' || endpoint, 'webhook', ?2, ?3, ?4, ?4, ?1, endpoint
         FROM (SELECT DISTINCT endpoint FROM instance_subscriptions WHERE type = ?5) AS subscription
         ORDER BY endpoint",
        params![new_id("msg_")?, session_id, payload, now.unix_ms(), kind.as_str()],
    )?;
    Ok(())
}

/// Claims at most `limit` due events of an endpoint, the longest due first.
///
/// The events of a session begin in their order. One that was tried and not accepted delays no
/// other: a receiver that refuses `payment.failed` still gets `checkout.session.completed`.
pub(crate) fn claim_webhooks(
    connection: &Connection,
    endpoint: &str,
    lease: Lease,
    limit: usize,
) -> Result<Vec<Task>, DbError> {
    claim(
        connection,
        "SELECT seq FROM outbox AS due
         WHERE kind = 'webhook' AND done_at IS NULL AND next_attempt_at <= ?1 AND endpoint = ?4
             AND NOT EXISTS (
                 SELECT 1 FROM outbox AS earlier WHERE earlier.done_at IS NULL
                     AND earlier.kind = 'webhook' AND earlier.subject = due.subject
                     AND earlier.seq < due.seq AND earlier.endpoint = due.endpoint
                     AND (earlier.attempts = 0 OR earlier.is_claimed = 1))
         ORDER BY next_attempt_at, seq LIMIT ?3",
        params![lease.now.unix_ms(), lease.until.unix_ms(), count(limit), endpoint],
    )
}

/// The events that are owed to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owed {
    pub(crate) endpoint: String,
    pub(crate) events: i64,
    pub(crate) oldest: Timestamp,
}

/// Returns the events that are owed to endpoints which no instance has.
pub(crate) fn without_endpoint(connection: &Connection) -> Result<Vec<Owed>, DbError> {
    connection.query_all(
        "SELECT endpoint, COUNT(*) AS events, MIN(created_at) AS oldest FROM outbox
         WHERE kind = 'webhook' AND done_at IS NULL
             AND endpoint NOT IN (SELECT endpoint FROM instance_subscriptions)
         GROUP BY endpoint ORDER BY endpoint",
        params![],
        |row| {
            Ok(Owed {
                endpoint: row.get("endpoint")?,
                events: row.get("events")?,
                oldest: Timestamp::from_unix_ms(row.get("oldest")?),
            })
        },
    )
}

/// Claims at most `limit` due refunds of a gateway, the longest due first. The first try of a refund
/// waits until that of another refund of its payment lies back far enough.
pub(crate) fn claim_refunds(
    connection: &Connection,
    method: PaymentMethod,
    lease: Lease,
    limit: usize,
) -> Result<Vec<Task>, DbError> {
    let spaced_since = lease.now.plus_ms(-schedule::refund_spacing_ms(method));
    let tasks = claim(
        connection,
        // A time after now was written before the clock was set back, and does not count.
        "SELECT seq FROM (
             SELECT outbox.seq, next_attempt_at, attempts, ROW_NUMBER() OVER (
                     PARTITION BY payment_id, attempts = 0 ORDER BY next_attempt_at, seq) AS turn
             FROM outbox
                 JOIN refunds ON refunds.id = outbox.subject
                 JOIN payments ON payments.id = refunds.payment_id
             WHERE kind = 'refund' AND done_at IS NULL AND next_attempt_at <= ?1
                 AND payment_method = ?4
                 AND (attempts > 0 OR NOT EXISTS (
                     SELECT 1 FROM refunds AS other WHERE other.payment_id = refunds.payment_id
                         AND other.begun_at > ?5 AND other.begun_at <= ?1))) AS due
         WHERE attempts > 0 OR turn = 1
         ORDER BY next_attempt_at, seq LIMIT ?3",
        params![
            lease.now.unix_ms(),
            lease.until.unix_ms(),
            count(limit),
            method.as_str(),
            spaced_since.unix_ms()
        ],
    )?;
    for task in tasks.iter().filter(|task| task.attempts == 1) {
        connection.execute(
            "UPDATE refunds SET begun_at = ?2 WHERE id = ?1",
            params![task.subject, lease.now.unix_ms()],
        )?;
    }
    Ok(tasks)
}

/// Leases the tasks that `select` names, and counts a try of each. The caller has a permit for
/// each, so that every counted try is made.
fn claim(
    connection: &Connection,
    select: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<Task>, DbError> {
    // Of several instances, each takes the rows that no other is taking at the same time.
    let with = format!(
        "WITH taken AS MATERIALIZED (SELECT seq FROM outbox WHERE seq IN ({select})
             AND done_at IS NULL AND next_attempt_at <= ?1 FOR UPDATE SKIP LOCKED)"
    );
    let (with, select) =
        (connection.either("", &with), connection.either(select, "SELECT seq FROM taken"));
    let sql = format!(
        "{with} UPDATE outbox SET attempts = attempts + 1, claim = claim + 1, is_claimed = 1,
             next_attempt_at = ?2
         WHERE seq IN ({select}) RETURNING *"
    );
    let mut tasks = connection.query_all(&sql, parameters, |row| {
        let seq: i64 = row.get("seq")?;
        Ok((seq, read(row)?))
    })?;
    // The statement returns them in any order.
    tasks.sort_unstable_by_key(|(seq, _)| *seq);
    Ok(tasks.into_iter().map(|(_, task)| task).collect())
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Ends a task that has had its effect or is given up, unless a later claim has it.
pub(crate) fn finish(connection: &Connection, task: &Task, now: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET done_at = ?3, is_claimed = 0
         WHERE id = ?1 AND claim = ?2 AND done_at IS NULL",
        params![task.id, task.claim, now.unix_ms()],
    )?;
    Ok(())
}

/// Ends the task of an event that is not tried any more, unless a later claim has it.
pub(crate) fn give_up(connection: &Connection, task: &Task, now: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET done_at = ?3, is_claimed = 0, given_up = 1
         WHERE id = ?1 AND claim = ?2 AND done_at IS NULL",
        params![task.id, task.claim, now.unix_ms()],
    )?;
    Ok(())
}

/// Ends the task of a refund that has a final status.
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

/// Schedules a task's next try `wait_ms` after `now`, unless it is done or a later claim has it.
pub(crate) fn again(
    connection: &Connection,
    task: &Task,
    now: Timestamp,
    wait_ms: i64,
) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET next_attempt_at = ?3, wait_ms = ?4, is_claimed = 0
         WHERE id = ?1 AND claim = ?2 AND done_at IS NULL",
        params![task.id, task.claim, now.plus_ms(wait_ms).unix_ms(), wait_ms],
    )?;
    Ok(())
}

/// Releases the claims of the last process, and makes their tasks due `wait_ms` after `now`.
///
/// A crash of ours does not count as a failed attempt, so the delays begin at the first again. One
/// try stays counted: a refund's outcome is unknown then, and is queried first.
pub(crate) fn resume(
    connection: &Connection,
    now: Timestamp,
    wait_ms: i64,
) -> Result<usize, DbError> {
    connection.execute(
        "UPDATE outbox SET is_claimed = 0, claim = claim + 1, wait_ms = ?2,
             next_attempt_at = CASE WHEN next_attempt_at > ?1 THEN ?1 ELSE next_attempt_at END,
             attempts = CASE WHEN attempts > 1 THEN 1 ELSE attempts END
         WHERE is_claimed = 1 AND done_at IS NULL",
        params![now.plus_ms(wait_ms).unix_ms(), wait_ms],
    )
}

/// Moves up every try that lies further ahead than its own delay: the clock was set back since.
pub(crate) fn pull_in(connection: &Connection, lease: Lease) -> Result<(), DbError> {
    connection.execute(
        "UPDATE outbox SET next_attempt_at = ?1 + wait_ms
         WHERE is_claimed = 0 AND done_at IS NULL AND next_attempt_at > ?1 + wait_ms",
        params![lease.now.unix_ms()],
    )?;
    connection.execute(
        "UPDATE outbox SET next_attempt_at = ?1
         WHERE is_claimed = 1 AND done_at IS NULL AND next_attempt_at > ?1",
        params![lease.until.unix_ms()],
    )?;
    Ok(())
}

/// Deletes tasks that were done before `moment`.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<(), DbError> {
    connection.execute("DELETE FROM outbox WHERE done_at < ?1", params![moment.unix_ms()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Task, DbError> {
    Ok(Task {
        id: row.get("id")?,
        subject: row.get("subject")?,
        payload: row.get("payload")?,
        event_id: row.get::<Option<String>>("event_id")?.unwrap_or_default(),
        attempts: row.get("attempts")?,
        claim: row.get("claim")?,
        created_at: Timestamp::from_unix_ms(row.get("created_at")?),
    })
}
