//! The schema, in steps. `user_version` is the number of steps that were applied to a file.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::DbError;

/// Runs the missing steps, each in its own transaction. The caller owns the file.
pub(super) fn run(connection: &Connection) -> Result<(), DbError> {
    loop {
        // The version is read under the write lock: no other process runs the same step.
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let Some((step, version)) = missing(&transaction)? else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
}

/// Returns the next step that was not applied to a file, and the version after it.
///
/// # Errors
/// A newer program has written the file.
fn missing(connection: &Connection) -> Result<Option<(&'static str, u32)>, DbError> {
    let (found, known) = (version(connection)?, needed());
    if found > known {
        return Err(DbError::TooNew { found, known });
    }
    Ok(STEPS.iter().copied().zip(1..).find(|(_, version)| *version > found))
}

/// Returns the version of a file's schema; 0 if the file is empty.
pub(super) fn version(connection: &Connection) -> Result<u32, DbError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Returns the version that this program needs.
pub(super) fn needed() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/sqlite/0001_sessions_and_payments.sql"),
    include_str!("migrations/sqlite/0002_refunds_and_outbox.sql"),
    include_str!("migrations/sqlite/0003_products_and_reconciliation.sql"),
    include_str!("migrations/sqlite/0004_refund_numbers.sql"),
    include_str!("migrations/sqlite/0005_worker.sql"),
    include_str!("migrations/sqlite/0006_refund_reasons.sql"),
    include_str!("migrations/sqlite/0007_orders.sql"),
    include_str!("migrations/sqlite/0008_identities_and_heartbeat.sql"),
    include_str!("migrations/sqlite/0009_personal_data.sql"),
    include_str!("migrations/sqlite/0010_refund_spacing.sql"),
    include_str!("migrations/sqlite/0011_webhook_endpoints.sql"),
    include_str!("migrations/sqlite/0012_jobs.sql"),
    include_str!("migrations/sqlite/0013_indexes_of_events.sql"),
    include_str!("migrations/sqlite/0014_waits.sql"),
    include_str!("migrations/sqlite/0015_subscriptions_by_instance.sql"),
];
