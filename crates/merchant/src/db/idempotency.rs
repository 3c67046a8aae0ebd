//! The requests that were executed, so that a repeated request has one effect.

use super::sql::{Connection, params};
use contract::Timestamp;

use super::DbError;
use crate::keys::sha256;

/// A request that must be executed once.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The owner of the key: a session's id, or [`MERCHANT`].
    pub(crate) scope: String,
    pub(crate) key: String,
    /// The hash of the parsed body, so that spaces and the order of members do not matter.
    pub(crate) hash: [u8; 32],
}

/// The scope of the merchant's own servers.
pub(crate) const MERCHANT: &str = "merchant";

impl Request {
    pub(crate) fn new<T: serde::Serialize>(scope: &str, key: &str, body: &T) -> Self {
        // The contract's types have no maps with keys that JSON lacks: serialisation cannot fail.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { scope: scope.to_owned(), key: key.to_owned(), hash: sha256(&body) }
    }
}

/// The recorded state of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Known {
    New,
    /// It was executed and made this session or payment.
    Done(String),
    /// The key was used with another body.
    OtherBody,
}

pub(crate) fn find(connection: &Connection, request: &Request) -> Result<Known, DbError> {
    let row = connection.query_optional(
        "SELECT request_hash, subject FROM idempotency WHERE scope = ?1 AND key = ?2",
        params![request.scope, request.key],
        |row| Ok((row.get::<Vec<u8>>("request_hash")?, row.get::<String>("subject")?)),
    )?;
    Ok(match row {
        None => Known::New,
        Some((hash, subject)) if hash == request.hash => Known::Done(subject),
        Some(_) => Known::OtherBody,
    })
}

/// Records what `request` made. Must run in the transaction that made it.
pub(crate) fn remember(
    connection: &Connection,
    request: &Request,
    subject: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute("INSERT INTO idempotency (scope, key, request_hash, subject, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![request.scope, request.key, request.hash.as_slice(), subject, now.unix_ms()],
    )?;
    Ok(())
}

/// Deletes requests made before `moment`, and those of refunds made before `refunds_before`: a
/// refund's request that is repeated later would refund twice.
pub(crate) fn forget_before(
    connection: &Connection,
    moment: Timestamp,
    refunds_before: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "DELETE FROM idempotency
         WHERE created_at < CASE WHEN subject LIKE 're!_%' ESCAPE '!' THEN CAST(?2 AS BIGINT)
             ELSE CAST(?1 AS BIGINT) END",
        params![moment.unix_ms(), refunds_before.unix_ms()],
    )?;
    Ok(())
}
