//! The rows of sessions.

use std::collections::BTreeMap;

use super::sql::{Connection, Row, json_list, params};
use contract::{Amount, Currency, PaymentMethod, SessionStatus, Timestamp};

use super::DbError;

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
    /// True if the order has one payment, over all of its sessions.
    pub(crate) one_per_order: bool,
    /// The merchant's own data of the session.
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) fn insert(connection: &Connection, session: &SessionRow) -> Result<(), DbError> {
    let methods: Vec<&str> = session.payment_methods.iter().map(|method| method.as_str()).collect();
    // Strings only: serialisation cannot fail.
    let metadata = (!session.metadata.is_empty())
        .then(|| serde_json::to_string(&session.metadata).unwrap_or_default());
    connection.execute(
        "INSERT INTO sessions (id, status, revision, order_id, amount_value, currency, description,
            payment_methods, return_url, secret_hash, created_at, expires_at, one_per_order,
            metadata)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
            session.one_per_order,
            metadata,
        ],
    )?;
    Ok(())
}

/// Returns true if the order of `session` is paid by another session, and the order's open session;
/// neither if the order may have several payments.
pub(crate) fn of_order(
    connection: &Connection,
    session: &SessionRow,
) -> Result<(bool, Option<SessionRow>), DbError> {
    if !session.one_per_order {
        return Ok((false, None));
    }
    let is_paid = connection.query_one(
        "SELECT EXISTS (SELECT 1 FROM sessions
             WHERE order_id = ?1 AND status = 'complete' AND one_per_order = 1) AS is_paid",
        params![session.order_id],
        |row| row.get("is_paid"),
    )?;
    let open = connection.query_optional(
        "SELECT * FROM sessions WHERE order_id = ?1 AND status = 'open' AND one_per_order = 1",
        params![session.order_id],
        read,
    )?;
    Ok((is_paid, open))
}

pub(crate) fn find(connection: &Connection, id: &str) -> Result<Option<SessionRow>, DbError> {
    connection.query_optional("SELECT * FROM sessions WHERE id = ?1", params![id], read)
}

/// Returns the session that a payment refers to.
pub(crate) fn of_payment(connection: &Connection, id: &str) -> Result<SessionRow, DbError> {
    find(connection, id)?.ok_or(DbError::Missing("session"))
}

/// Sets the status, if given, and counts the change; returns the new revision. The other instances
/// are notified with the commit.
pub(crate) fn touch(
    connection: &Connection,
    id: &str,
    status: Option<SessionStatus>,
) -> Result<u32, DbError> {
    let sql = connection.either(
        "UPDATE sessions SET status = COALESCE(?2, status), revision = revision + 1
         WHERE id = ?1 RETURNING revision",
        "WITH changed AS (
             UPDATE sessions SET status = COALESCE(?2, status), revision = revision + 1
             WHERE id = ?1 RETURNING id, revision)
         SELECT revision, pg_notify('opencashier_sessions', id || ' ' || CAST(revision AS TEXT))
         FROM changed",
    );
    let status = status.map(SessionStatus::as_str);
    connection.query_one(sql, params![id, status], |row| row.get("revision"))
}

/// The channel on which every change of a session is notified, as its id and its new revision.
pub(crate) const CHANNEL: &str = "opencashier_sessions";

/// Reads a notification of [`CHANNEL`]: the session's id and its revision.
pub(crate) fn read_change(payload: &str) -> Option<(&str, u32)> {
    let (id, revision) = payload.split_once(' ')?;
    Some((id, revision.parse().ok()?))
}

/// Returns the revisions of those of the sessions that exist.
pub(crate) fn revisions(
    connection: &Connection,
    ids: &[String],
) -> Result<Vec<(String, u32)>, DbError> {
    let listed = connection.listed(1);
    let sql = format!("SELECT id, revision FROM sessions WHERE id IN ({listed})");
    connection
        .query_all(&sql, params![json_list(ids)], |row| Ok((row.get("id")?, row.get("revision")?)))
}

/// Sets the expiry of an open session to `now`, so that it expires at once.
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

/// The filter of a list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) order_id: Option<String>,
    pub(crate) status: Option<SessionStatus>,
}

/// Returns a page of sessions, the newest first, and true if there are more; `None` if there is no
/// session `after`.
pub(crate) fn list(
    connection: &Connection,
    filter: &Filter,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<(Vec<SessionRow>, bool)>, DbError> {
    let Some(before) = page_start(connection, "sessions", after)? else { return Ok(None) };
    // Two statements: with an optional order SQLite would not use the order's index.
    let by_order = match filter.order_id {
        Some(_) => "order_id = ?3",
        None => "CAST(?3 AS TEXT) IS NULL",
    };
    let sql = format!(
        "SELECT * FROM sessions WHERE rowid < ?1 AND {by_order} AND (CAST(?4 AS TEXT) IS NULL OR status = ?4)
         ORDER BY rowid DESC LIMIT ?2"
    );
    let status = filter.status.map(SessionStatus::as_str);
    let rows = connection.query_all(
        &sql,
        params![before, i64::from(limit) + 1, filter.order_id, status],
        read,
    )?;
    Ok(Some(page(rows, limit)))
}

/// Returns the row before which a page begins; `None` if there is no row `after`. `table` is never
/// input.
pub(super) fn page_start(
    connection: &Connection,
    table: &'static str,
    after: Option<&str>,
) -> Result<Option<i64>, DbError> {
    let Some(after) = after else { return Ok(Some(i64::MAX)) };
    let sql = format!("SELECT rowid FROM {table} WHERE id = ?1");
    connection.query_optional(&sql, params![after], |row| row.get("rowid"))
}

/// Truncates the rows to `limit`; returns true if there were more.
pub(super) fn page<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    (rows, has_more)
}

fn read(row: &Row<'_>) -> Result<SessionRow, DbError> {
    let currency: String = row.get("currency")?;
    let methods: String = row.get("payment_methods")?;
    let metadata: Option<String> = row.get("metadata")?;
    Ok(SessionRow {
        id: row.get("id")?,
        status: row.parsed("status", SessionStatus::parse)?,
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
        one_per_order: row.get("one_per_order")?,
        metadata: metadata.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        created_at: Timestamp::from_unix_ms(row.get("created_at")?),
        expires_at: Timestamp::from_unix_ms(row.get("expires_at")?),
    })
}
