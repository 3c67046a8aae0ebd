//! The types of events that the endpoints of each instance want.

use contract::WebhookType;

use super::DbError;
use super::sql::{Connection, params};

/// A configured endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// The name under which events are owed to it.
    pub(crate) endpoint: String,
    /// The types of events that it wants.
    pub(crate) types: Vec<WebhookType>,
}

/// Writes what the endpoints of an instance want. From now on such events are owed to them.
pub(crate) fn replace(
    connection: &Connection,
    instance_id: &str,
    subscriptions: &[Subscription],
) -> Result<(), DbError> {
    let sql = "DELETE FROM instance_subscriptions WHERE instance_id = ?1";
    connection.execute(sql, params![instance_id])?;
    for Subscription { endpoint, types } in subscriptions {
        for kind in types {
            connection.execute(
                "INSERT INTO instance_subscriptions (instance_id, endpoint, type)
                 VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![instance_id, endpoint, kind.as_str()],
            )?;
        }
    }
    Ok(())
}

/// Deletes what other instances wanted: none runs.
pub(crate) fn delete_others(connection: &Connection, instance_id: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM instance_subscriptions WHERE instance_id <> ?1";
    connection.execute(sql, params![instance_id])?;
    Ok(())
}

/// Deletes what the instances wanted that have left, or were forgotten. On PostgreSQL, which has the
/// list of instances.
pub(crate) fn delete_departed(connection: &Connection) -> Result<(), DbError> {
    connection.execute(
        "DELETE FROM instance_subscriptions
         WHERE instance_id NOT IN (SELECT id FROM instances)",
        params![],
    )?;
    Ok(())
}
