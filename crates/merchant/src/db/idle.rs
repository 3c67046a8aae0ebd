//! Ends sessions without a payment under way.

use super::sql::{Connection, params};
use contract::{SessionStatus, Timestamp};

use super::sessions::{SessionRow, find, touch};
use super::{DbError, WriteContext, events, payments};
use crate::rules;

/// Cancels a session that is open and has no active payment; returns its new revision.
pub(crate) fn cancel(connection: &Connection, id: &str) -> Result<Option<u32>, DbError> {
    let Some(session) = find(connection, id)? else { return Ok(None) };
    let has_active = payments::active(connection, id)?.is_some();
    if session.status != SessionStatus::Open || has_active {
        return Ok(None);
    }
    touch(connection, id, Some(SessionStatus::Canceled)).map(Some)
}

/// Expires a session whose time is up and that has no active payment; returns its new revision.
pub(crate) fn expire(
    connection: &Connection,
    id: &str,
    context: WriteContext,
) -> Result<Option<u32>, DbError> {
    let Some(session) = find(connection, id)? else { return Ok(None) };
    let has_active = payments::active(connection, id)?.is_some();
    let is_time_up = context.now >= session.expires_at;
    let Some(status) = rules::expire(session.status, has_active, is_time_up) else {
        return Ok(None);
    };
    let revision = touch(connection, id, Some(status))?;
    events::session_ended(connection, context, &SessionRow { status, ..session }, None)?;
    Ok(Some(revision))
}

/// Returns at most `limit` sessions whose time is up and that have no active payment, the longest
/// over first.
pub(crate) fn overdue(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<String>, DbError> {
    connection.query_all(
        "SELECT id FROM sessions WHERE status = 'open' AND expires_at <= ?1
         AND NOT EXISTS (SELECT 1 FROM payments WHERE session_id = sessions.id
             AND payments.status IN ('requires_action', 'processing'))
         ORDER BY expires_at LIMIT ?2",
        params![now.unix_ms(), limit],
        |row| row.get("id"),
    )
}

/// Expires those of the sessions that [`expire`] expires; returns their ids and new revisions.
pub(crate) fn expire_each(
    connection: &Connection,
    ids: &[String],
    context: WriteContext,
) -> Result<Vec<(String, u32)>, DbError> {
    let mut expired = Vec::new();
    for id in ids {
        if let Some(revision) = expire(connection, id, context)? {
            expired.push((id.clone(), revision));
        }
    }
    Ok(expired)
}
