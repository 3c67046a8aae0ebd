//! Checks that the database accepts writes, and measures the worker's lateness.

use super::sql::{Connection, json_list, params};
use contract::Timestamp;
use serde::Serialize;

use super::DbError;

/// The seconds since the longest due work became due; 0 if nothing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Lateness {
    pub(crate) payment_s: i64,
    pub(crate) refund_s: i64,
    pub(crate) event_s: i64,
}

/// The tasks of one kind of work that are not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// `refund`, `event`, or `event_without_endpoint` of events that no instance can send.
    pub(crate) work: String,
    pub(crate) count: i64,
    /// The age of the oldest.
    pub(crate) oldest_s: i64,
}

/// Returns the tasks that are not done, by their kind of work.
pub(crate) fn backlog(connection: &Connection, now: Timestamp) -> Result<Vec<Backlog>, DbError> {
    let sql = "SELECT work, COUNT(*) AS number, MIN(created_at) AS oldest FROM (
             SELECT created_at, CASE WHEN kind <> 'webhook' THEN kind
                 WHEN endpoint IN (SELECT endpoint FROM instance_subscriptions) THEN 'event'
                 ELSE 'event_without_endpoint' END AS work
             FROM outbox WHERE done_at IS NULL) AS pending
         GROUP BY work";
    connection.query_all(sql, params![], |row| {
        let oldest: i64 = row.get("oldest")?;
        Ok(Backlog {
            work: row.get("work")?,
            count: row.get("number")?,
            oldest_s: (now.unix_ms() - oldest).max(0) / 1_000,
        })
    })
}

/// Writes the heartbeat. Fails if nothing can be written.
pub(crate) fn beat(connection: &Connection, now: Timestamp) -> Result<(), DbError> {
    connection.execute("UPDATE heartbeat SET at = ?1 WHERE id = 1", params![now.unix_ms()])?;
    Ok(())
}

/// Returns the worker's lateness. Of the events, only those for `endpoints` count, which this
/// process sends.
pub(crate) fn lateness(
    connection: &Connection,
    endpoints: &[String],
    now: Timestamp,
) -> Result<Lateness, DbError> {
    let listed = connection.listed(2);
    let sql = format!(
        "SELECT
             (SELECT MIN(next_check_at) FROM payments WHERE next_check_at <= ?1) AS payment,
             (SELECT MIN(next_attempt_at) FROM outbox WHERE kind = 'refund'
                 AND done_at IS NULL AND next_attempt_at <= ?1) AS refund,
             (SELECT MIN(next_attempt_at) FROM outbox WHERE kind = 'webhook'
                 AND done_at IS NULL AND next_attempt_at <= ?1
                 AND endpoint IN (SELECT endpoint FROM instance_subscriptions)
                 AND endpoint IN ({listed})) AS event"
    );
    let (payment, refund, event) =
        connection.query_one(&sql, params![now.unix_ms(), json_list(endpoints)], |row| {
            let due = |name| row.get::<Option<i64>>(name);
            Ok((due("payment")?, due("refund")?, due("event")?))
        })?;
    let late_s = |due: Option<i64>| due.map_or(0, |due| (now.unix_ms() - due) / 1_000);
    Ok(Lateness { payment_s: late_s(payment), refund_s: late_s(refund), event_s: late_s(event) })
}
