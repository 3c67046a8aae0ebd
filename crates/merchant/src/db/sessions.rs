//! The rows of sessions.

use contract::{Amount, Currency, PaymentMethod, SessionStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{DbError, WriteContext, events};
use crate::rules;

/// A session as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) status: SessionStatus,
    pub(crate) revision: u32,
    pub(crate) order_id: String,
    pub(crate) amount: Amount,
    pub(crate) description: String,
    pub(crate) payment_methods: Vec<PaymentMethod>,
    pub(crate) return_url: Option<String>,
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) fn insert(connection: &Connection, session: &SessionRow) -> Result<(), DbError> {
    let methods: Vec<&str> = session.payment_methods.iter().map(|method| method.as_str()).collect();
    connection.execute(
        "INSERT INTO sessions (id, status, revision, order_id, amount_value, currency, description,
            payment_methods, return_url, secret_hash, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            session.id,
            session.status.as_str(),
            session.revision,
            session.order_id,
            session.amount.value,
            session.amount.currency.as_str(),
            session.description,
            methods.join(","),
            session.return_url,
            session.secret_hash,
            session.created_at.unix_ms(),
            session.expires_at.unix_ms(),
        ],
    )?;
    Ok(())
}

pub(crate) fn find(connection: &Connection, id: &str) -> Result<Option<SessionRow>, DbError> {
    let found = connection
        .prepare_cached("SELECT * FROM sessions WHERE id = ?1")?
        .query_row([id], read)
        .optional()?;
    Ok(found)
}

/// A session that a payment points to.
pub(crate) fn of_payment(connection: &Connection, id: &str) -> Result<SessionRow, DbError> {
    find(connection, id)?.ok_or(DbError::Missing("session"))
}

/// Sets the status, if given, and counts the change; answers the new revision.
pub(crate) fn touch(
    connection: &Connection,
    id: &str,
    status: Option<SessionStatus>,
) -> Result<u32, DbError> {
    let revision = connection
        .prepare_cached(
            "UPDATE sessions SET status = COALESCE(?2, status), revision = revision + 1
             WHERE id = ?1 RETURNING revision",
        )?
        .query_row(params![id, status.map(SessionStatus::as_str)], |row| row.get(0))?;
    Ok(revision)
}

/// Moves the end of an open session to `now`, so that it expires at once.
pub(crate) fn end_now(connection: &Connection, id: &str, now: Timestamp) -> Result<(), DbError> {
    let moved = connection.execute(
        "UPDATE sessions SET expires_at = ?2 WHERE id = ?1 AND status = 'open' AND expires_at > ?2",
        params![id, now.unix_ms()],
    )?;
    if moved == 1 {
        touch(connection, id, None)?;
        connection.execute(
            "UPDATE payments SET next_check_at = ?2
             WHERE session_id = ?1 AND status IN ('requires_action', 'processing')",
            params![id, now.unix_ms()],
        )?;
    }
    Ok(())
}

/// Expires a session whose time is up and that has no active payment; answers its new revision.
pub(crate) fn expire_idle(
    connection: &Connection,
    id: &str,
    context: WriteContext,
) -> Result<Option<u32>, DbError> {
    let Some(session) = find(connection, id)? else { return Ok(None) };
    let has_active = super::payments::active(connection, id)?.is_some();
    let is_time_up = context.now >= session.expires_at;
    let Some(status) = rules::expire(session.status, has_active, is_time_up) else {
        return Ok(None);
    };
    let revision = touch(connection, id, Some(status))?;
    events::session_ended(connection, context, &SessionRow { status, ..session }, None)?;
    Ok(Some(revision))
}

/// Expires at most `limit` sessions whose time is up and that have no active payment, the longest
/// over first; answers their ids and new revisions.
pub(crate) fn expire_all_idle(
    connection: &Connection,
    context: WriteContext,
    limit: u32,
) -> Result<Vec<(String, u32)>, DbError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM sessions WHERE status = 'open' AND expires_at <= ?1
         AND NOT EXISTS (SELECT 1 FROM payments WHERE session_id = sessions.id
             AND payments.status IN ('requires_action', 'processing'))
         ORDER BY expires_at LIMIT ?2",
    )?;
    let ids = statement.query_map(params![context.now.unix_ms(), limit], |row| row.get(0))?;
    let mut expired = Vec::new();
    for id in ids.collect::<Result<Vec<String>, _>>()? {
        if let Some(revision) = expire_idle(connection, &id, context)? {
            expired.push((id, revision));
        }
    }
    Ok(expired)
}

/// A page of sessions, the newest first, and whether there are more; nothing if there is no
/// session `after`.
pub(crate) fn list(
    connection: &Connection,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<(Vec<SessionRow>, bool)>, DbError> {
    let Some(before) = page_start(connection, "sessions", after)? else { return Ok(None) };
    let mut statement = connection
        .prepare_cached("SELECT * FROM sessions WHERE rowid < ?1 ORDER BY rowid DESC LIMIT ?2")?;
    let rows = statement.query_map([before, i64::from(limit) + 1], read)?;
    Ok(Some(page(rows.collect::<Result<_, _>>()?, limit)))
}

/// The row before which a page begins; nothing if there is no row `after`. `table` is ours.
pub(super) fn page_start(
    connection: &Connection,
    table: &'static str,
    after: Option<&str>,
) -> Result<Option<i64>, DbError> {
    let Some(after) = after else { return Ok(Some(i64::MAX)) };
    let sql = format!("SELECT rowid FROM {table} WHERE id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([after], |row| row.get(0)).optional()?)
}

/// Cuts what was read beyond the limit to know whether there is more.
pub(super) fn page<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    (rows, has_more)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    let currency: String = row.get("currency")?;
    let methods: String = row.get("payment_methods")?;
    Ok(SessionRow {
        id: row.get("id")?,
        status: SessionStatus::parse(row.get_ref("status")?.as_str()?),
        revision: row.get("revision")?,
        order_id: row.get("order_id")?,
        amount: Amount {
            value: row.get("amount_value")?,
            // Only CNY is ever written; anything else would fail every comparison, as it should.
            currency: Currency::parse(&currency).unwrap_or(Currency::CNY),
        },
        description: row.get("description")?,
        payment_methods: methods.split(',').map(PaymentMethod::parse).collect(),
        return_url: row.get("return_url")?,
        secret_hash: row.get("secret_hash")?,
        created_at: Timestamp::from_unix_ms(row.get("created_at")?),
        expires_at: Timestamp::from_unix_ms(row.get("expires_at")?),
    })
}
