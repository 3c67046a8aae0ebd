//! The worker's claims of payments. A claim is a lease: the payment cannot be claimed again until it
//! ends.

use super::sql::{Connection, Parameter, json_list, params};
use contract::{PaymentMethod, Timestamp};

use super::{DbError, Lease};

/// A payment that one task of the worker has leased.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedPayment {
    pub(crate) id: String,
    pub(crate) session_id: String,
    /// The number of this claim. A later claim invalidates it.
    pub(crate) claim: u32,
}

/// The sessions with a waiting shopper, and the interval of their queries.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) session_ids: Vec<String>,
    pub(crate) interval_ms: i64,
}

/// Claims at most `limit` payments that must be closed or expired now, the longest due first.
pub(crate) fn claim_owed(
    connection: &Connection,
    method: PaymentMethod,
    lease: Lease,
    limit: usize,
) -> Result<Vec<ClaimedPayment>, DbError> {
    claim(
        connection,
        "SELECT id FROM (
             SELECT id, next_check_at FROM payments
             WHERE is_close_wanted = 1 AND next_check_at <= ?1 AND payment_method = ?3
                 AND (leased_until IS NULL OR leased_until <= ?1)
             UNION
             SELECT payments.id, payments.next_check_at
             FROM sessions JOIN payments ON payments.session_id = sessions.id
             WHERE sessions.status = 'open' AND sessions.expires_at <= ?1
                 AND payments.status IN ('requires_action', 'processing')
                 AND payments.next_check_at <= ?1 AND payments.payment_method = ?3
                 AND (leased_until IS NULL OR leased_until <= ?1)
             ORDER BY next_check_at LIMIT ?4) AS owed",
        params![
            lease.now.unix_ms(),
            lease.until.unix_ms(),
            method.as_str(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ],
    )
}

/// Claims at most `limit` payments whose query is due, the longest due first: by the schedule, or
/// because a shopper waits and the last query was an interval ago.
pub(crate) fn claim_asked(
    connection: &Connection,
    method: PaymentMethod,
    waiting: &Waiting,
    lease: Lease,
    limit: usize,
) -> Result<Vec<ClaimedPayment>, DbError> {
    let waited_for = connection.listed(5);
    let select = format!(
        "SELECT id FROM (
             SELECT id, MIN(due) AS due FROM (
                 SELECT id, next_check_at AS due FROM payments
                 WHERE next_check_at <= ?1 AND is_close_wanted = 0 AND payment_method = ?3
                     AND (leased_until IS NULL OR leased_until <= ?1)
                 UNION ALL
                 SELECT id, COALESCE(last_check_at, created_at) + ?6 AS due FROM payments
                 WHERE status IN ('requires_action', 'processing') AND payment_method = ?3
                     AND session_id IN ({waited_for})
                     AND COALESCE(last_check_at, created_at) + ?6 <= ?1
                     AND (leased_until IS NULL OR leased_until <= ?1)) AS one
             GROUP BY id ORDER BY due LIMIT ?4) AS asked"
    );
    claim(
        connection,
        &select,
        params![
            lease.now.unix_ms(),
            lease.until.unix_ms(),
            method.as_str(),
            i64::try_from(limit).unwrap_or(i64::MAX),
            json_list(&waiting.session_ids),
            waiting.interval_ms
        ],
    )
}

/// Leases the payments that `select` names. The caller has a permit for each.
fn claim(
    connection: &Connection,
    select: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<ClaimedPayment>, DbError> {
    // Of several instances, each takes the rows that no other is taking at the same time.
    let with = format!(
        "WITH taken AS MATERIALIZED (SELECT id FROM payments WHERE id IN ({select})
             AND (leased_until IS NULL OR leased_until <= ?1) FOR UPDATE SKIP LOCKED)"
    );
    let (with, select) =
        (connection.either("", &with), connection.either(select, "SELECT id FROM taken"));
    let sql = format!(
        "{with} UPDATE payments SET claim = claim + 1, leased_until = ?2, next_check_at = ?2,
             last_check_at = ?1
         WHERE id IN ({select}) RETURNING id, session_id, claim"
    );
    connection.query_all(&sql, parameters, |row| {
        Ok(ClaimedPayment {
            id: row.get("id")?,
            session_id: row.get("session_id")?,
            claim: row.get("claim")?,
        })
    })
}

/// Ends the lease of a finished task, unless a later claim has the payment.
pub(crate) fn release(connection: &Connection, claimed: &ClaimedPayment) -> Result<(), DbError> {
    connection.execute(
        "UPDATE payments SET leased_until = NULL WHERE id = ?1 AND claim = ?2",
        params![claimed.id, claimed.claim],
    )?;
    Ok(())
}

/// Ends the leases of the last process, and makes every payment that may still be paid due at `at`:
/// notifications may have been lost, and the process may have ended during a query.
pub(crate) fn resume(connection: &Connection, at: Timestamp) -> Result<usize, DbError> {
    connection.execute(
        "UPDATE payments SET leased_until = NULL WHERE leased_until IS NOT NULL",
        params![],
    )?;
    connection.execute(
        "UPDATE payments SET next_check_at = ?1 WHERE next_check_at > ?1",
        params![at.unix_ms()],
    )
}

/// Makes every payment that may still be paid and is not leased due at `at`: other instances may be
/// alive, and keep their claims.
pub(crate) fn resume_beside_others(
    connection: &Connection,
    at: Timestamp,
) -> Result<usize, DbError> {
    connection.execute(
        "UPDATE payments SET next_check_at = ?1 WHERE next_check_at > ?1 AND leased_until IS NULL",
        params![at.unix_ms()],
    )
}

/// Makes every payment due at `at` that lies further ahead, and shortens leases to the longest one
/// possible: the clock was set back.
pub(crate) fn pull_in(connection: &Connection, lease: Lease, at: Timestamp) -> Result<(), DbError> {
    connection.execute(
        "UPDATE payments SET
             next_check_at = CASE WHEN next_check_at > ?1 THEN ?1 ELSE next_check_at END,
             last_check_at = CASE WHEN last_check_at > ?2 THEN ?2 ELSE last_check_at END,
             leased_until = CASE WHEN leased_until > ?3 THEN ?3 ELSE leased_until END
         WHERE next_check_at IS NOT NULL",
        params![at.unix_ms(), lease.now.unix_ms(), lease.until.unix_ms()],
    )?;
    Ok(())
}
