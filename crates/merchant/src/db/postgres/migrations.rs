//! The schema of PostgreSQL, in steps. Version numbers have the same meaning as SQLite's.

use super::super::DbError;
use super::super::sql::{Connection, Isolation, params};

/// Runs the missing steps, each in its own transaction.
pub(super) fn run(connection: &Connection) -> Result<(), DbError> {
    loop {
        let transaction = connection.begin(Isolation::ReadCommitted)?;
        // A step may take longer than a call, and another instance's step is waited for.
        transaction.allow(None)?;
        transaction.execute_batch("SET LOCAL lock_timeout = 0")?;
        // Two instances that start together: the second waits, and finds nothing to do.
        transaction.query_one(LOCK, params![], |_| Ok(()))?;
        let Some((step, version)) = missing(&transaction)? else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction
            .execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
        transaction.execute("DELETE FROM schema_version", params![])?;
        transaction.execute("INSERT INTO schema_version VALUES (?1)", params![version])?;
        transaction.commit()?;
    }
}

/// Returns the next step that the database lacks, and the version after it.
///
/// # Errors
/// A newer program has written the database.
fn missing(connection: &Connection) -> Result<Option<(&'static str, u32)>, DbError> {
    let (found, known) = (version(connection)?, needed());
    if found > known {
        return Err(DbError::TooNew { found, known });
    }
    Ok(STEPS.iter().copied().find(|(_, version)| *version > found))
}

/// Returns the version that this program needs.
pub(super) fn needed() -> u32 {
    STEPS.last().map_or(0, |(_, version)| *version)
}

/// Returns the schema's version; 0 if the database is empty.
pub(super) fn version(connection: &Connection) -> Result<u32, DbError> {
    let exists = "SELECT to_regclass('schema_version') IS NOT NULL AS found,
        current_schema() IS NOT NULL AS has_schema";
    let (is_found, has_schema) = connection
        .query_one(exists, params![], |row| Ok((row.get("found")?, row.get("has_schema")?)))?;
    match (is_found, has_schema) {
        (true, _) => {
            let version = "SELECT version FROM schema_version";
            let version = connection.query_optional(version, params![], |row| row.get("version"));
            version?.ok_or(DbError::NoVersion)
        }
        (false, true) => Ok(0),
        (false, false) => Err(DbError::NoSchema("current_schema() is null".to_owned())),
    }
}

/// Any number that no other program on the database uses for a lock.
const LOCK: &str = "SELECT 1 AS locked FROM pg_advisory_xact_lock(7370125034217)";
/// Each step, and the version after it. PostgreSQL began with version 10.
pub(super) const STEPS: &[(&str, u32)] = &[
    (include_str!("../migrations/postgres/0010_schema.sql"), 10),
    (include_str!("../migrations/postgres/0011_webhook_endpoints.sql"), 11),
    (include_str!("../migrations/postgres/0012_instances.sql"), 12),
    (include_str!("../migrations/postgres/0013_indexes_of_events.sql"), 13),
    (include_str!("../migrations/postgres/0014_waits.sql"), 14),
    (include_str!("../migrations/postgres/0015_subscriptions_by_instance.sql"), 15),
];
