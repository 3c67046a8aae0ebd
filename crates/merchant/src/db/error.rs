//! The reasons for which a database call fails.

use std::path::PathBuf;

/// The reason for which a database call failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database was written by a newer version of this program.
    #[error(
        "the database has schema {found}, this program knows up to {known}: start the newer program, or configure another database"
    )]
    TooNew {
        /// The schema of the database.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The linked SQLite can damage a file that two processes have open.
    #[error(
        "SQLite {0} can damage a file that two processes use (its WAL-reset fault); link 3.51.3 or newer"
    )]
    DamagingSqlite(&'static str),
    /// The file's folder does not exist.
    #[error("the folder {} does not exist; create it, or configure another file", .0.display())]
    NoFolder(PathBuf),
    /// A server of an older version uses the file, whose schema is older, too.
    #[error(
        "a server of an older version uses the database file: run that version's program, or update the server first"
    )]
    OlderServer,
    /// Another server uses the file.
    #[error(
        "another merchant server uses the file; stop it first, or configure another file for this one"
    )]
    Owned,
    /// The file's lock could not be used.
    #[error("the lock beside the file cannot be used: {0}")]
    Lock(#[from] std::io::Error),
    /// A required row is missing.
    #[error("there is no row for this {0}")]
    Missing(&'static str),
    /// A column is missing, or its value has another type than the program expects.
    #[error("the column {0} is missing or has an unexpected type")]
    Column(&'static str),
    /// The system returned no random bytes for a new id.
    #[error("the system returned no random bytes: {0}")]
    Random(getrandom::Error),
    /// A copy of the database is not sound.
    #[error("the copy is damaged, and so may be the database: {0}")]
    DamagedCopy(String),
    /// The task that held the connection was stopped.
    #[error("the database task was stopped")]
    Stopped,
}

impl From<getrandom::Error> for DbError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
