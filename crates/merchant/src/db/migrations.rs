//! The schema, in steps. `user_version` is the number of steps that a file has had.

use rusqlite::Connection;

use super::DbError;

/// Runs the missing steps, each in its own transaction.
pub(super) fn run(connection: &mut Connection) -> Result<(), DbError> {
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(DbError::TooNew { found, known });
    }
    for (step, version) in STEPS.iter().zip(1_u32..).filter(|(_, version)| *version > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

pub(super) const STEPS: &[&str] = &[
    include_str!("0001_sessions_and_payments.sql"),
    include_str!("0002_refunds_and_outbox.sql"),
    include_str!("0003_products_and_reconciliation.sql"),
    include_str!("0004_refund_numbers.sql"),
    include_str!("0005_worker.sql"),
    include_str!("0006_refund_reasons.sql"),
    include_str!("0007_orders.sql"),
    include_str!("0008_identities_and_heartbeat.sql"),
    include_str!("0009_personal_data.sql"),
];
