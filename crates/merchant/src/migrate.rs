//! `merchant migrate`: brings the schema of the database up to date, or says whether it is.

use crate::app::StartError;
use crate::config::Config;
use crate::db::{Db, Versions};

/// Returns the version of the database's schema, and changes nothing.
///
/// # Errors
/// [`StartError`] names the setting.
pub async fn schema_versions(config: &Config) -> Result<Versions, StartError> {
    let database = &config.server.database;
    Db::versions(database).await.map_err(|cause| StartError::database(database, cause))
}

/// Brings the database's schema up to date; returns the version that it had before.
///
/// # Errors
/// [`StartError`] names the setting. A file of SQLite that a server uses is not changed.
pub async fn migrate(config: &Config) -> Result<Versions, StartError> {
    let before = schema_versions(config).await?;
    let database = &config.server.database;
    let migrated = Db::serve(database).await;
    migrated.map_err(|cause| StartError::database(database, cause))?;
    Ok(before)
}
