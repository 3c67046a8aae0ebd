//! The instances that share a database, and its clock.

use contract::Timestamp;

use super::DbError;
use super::sql::{Connection, params};

/// An instance, as it presents itself to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InstanceRow {
    pub(crate) id: String,
    pub(crate) started_at: Timestamp,
    /// The program's version.
    pub(crate) version: String,
    /// The version of the schema that it needs.
    pub(crate) schema: u32,
    /// The settings that must be equal, as hashes, in JSON.
    pub(crate) fingerprint: String,
}

/// Returns the time of the database server's clock, in Unix milliseconds; `None` if there is no
/// server.
pub(crate) fn server_time(connection: &Connection) -> Result<Option<i64>, DbError> {
    match connection {
        Connection::Sqlite(_) => Ok(None),
        Connection::Postgres(_) => connection.query_one(
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS at",
            params![],
            |row| row.get("at"),
        ),
    }
}

/// Writes an instance that starts, or is seen again.
pub(crate) fn insert(
    connection: &Connection,
    instance: &InstanceRow,
    now: Timestamp,
) -> Result<(), DbError> {
    connection.execute(
        "INSERT INTO instances (id, started_at, seen_at, version, schema, fingerprint, waiting)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        params![
            instance.id,
            instance.started_at.unix_ms(),
            now.unix_ms(),
            instance.version,
            instance.schema,
            instance.fingerprint
        ],
    )?;
    Ok(())
}

/// Writes that the instance is alive, and its number of sessions with a waiting shopper; false if
/// it was not seen since `alive_since`, and others may have taken it for dead.
pub(crate) fn beat(
    connection: &Connection,
    id: &str,
    alive_since: Timestamp,
    now: Timestamp,
    waiting: u32,
) -> Result<bool, DbError> {
    let beaten = connection.execute(
        "UPDATE instances SET seen_at = ?2, waiting = ?3 WHERE id = ?1 AND seen_at > ?4",
        params![id, now.unix_ms(), waiting, alive_since.unix_ms()],
    )?;
    Ok(beaten == 1)
}

/// Returns the other instances that were seen since `moment`.
pub(crate) fn others(
    connection: &Connection,
    id: &str,
    moment: Timestamp,
) -> Result<Vec<InstanceRow>, DbError> {
    connection.query_all(
        "SELECT * FROM instances WHERE id <> ?1 AND seen_at > ?2 ORDER BY started_at, id",
        params![id, moment.unix_ms()],
        |row| {
            Ok(InstanceRow {
                id: row.get("id")?,
                started_at: Timestamp::from_unix_ms(row.get("started_at")?),
                version: row.get("version")?,
                schema: row.get("schema")?,
                fingerprint: row.get("fingerprint")?,
            })
        },
    )
}

/// Returns the sessions with a waiting shopper at the other instances seen since `moment`.
pub(crate) fn waiting_elsewhere(
    connection: &Connection,
    id: &str,
    moment: Timestamp,
) -> Result<u32, DbError> {
    connection.query_one(
        "SELECT CAST(COALESCE(SUM(waiting), 0) AS BIGINT) AS waiting FROM instances
         WHERE id <> ?1 AND seen_at > ?2",
        params![id, moment.unix_ms()],
        |row| row.get("waiting"),
    )
}

/// Deletes an instance that stops.
pub(crate) fn delete(connection: &Connection, id: &str) -> Result<(), DbError> {
    connection.execute("DELETE FROM instances WHERE id = ?1", params![id])?;
    Ok(())
}

/// Deletes the instances that were not seen since `moment`.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<(), DbError> {
    connection.execute("DELETE FROM instances WHERE seen_at < ?1", params![moment.unix_ms()])?;
    Ok(())
}
