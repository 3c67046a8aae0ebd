//! The reasons for which a database call fails.

use std::path::PathBuf;

use super::outage::Outage;
use super::postgres::address::AddressError;

/// The reason for which a database call failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
    /// The file is none of SQLite, is cut off, or has damaged pages.
    #[error(
        "the file is damaged, or is no database of SQLite ({0}): stop the server, keep the file for an examination, and restore a backup, as docs/operations.md#back-up-and-restore says"
    )]
    Damaged(String),
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
    /// The schema is older than this program. Only the server's start and `merchant migrate` change
    /// it.
    #[error("{}, this program needs schema {needed}: run `merchant migrate`, or start the server of this version", schema(*.found))]
    Outdated {
        /// The schema of the database.
        found: u32,
        /// The schema that this program needs.
        needed: u32,
    },
    /// The linked SQLite can damage a file that two processes have open.
    #[error(
        "SQLite {0} can damage a file that two processes use (its WAL-reset fault); link 3.51.3 or newer"
    )]
    DamagingSqlite(&'static str),
    /// The file's folder does not exist.
    #[error("the folder {} does not exist; create it, or name another file", .0.display())]
    NoFolder(PathBuf),
    /// The file, its folder or a file beside it may not be used by this process.
    #[error("{} cannot be read and written: {advice}", .path.display())]
    NoAccess {
        /// The file or the folder.
        path: PathBuf,
        /// The reason, and the operator's next step.
        advice: String,
    },
    /// Another server uses the file.
    #[error(
        "another merchant server uses the file; stop it first, or configure another file for this one"
    )]
    Owned,
    /// The file's lock could not be used.
    #[error("the lock {} cannot be used: {cause}", .path.display())]
    Lock {
        /// The lock's own file.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// The address of PostgreSQL cannot be used.
    #[error("the address {0}")]
    Address(#[from] AddressError),
    /// PostgreSQL cannot be reached.
    #[error(
        "PostgreSQL at {address} cannot be reached: {cause}; start it, or correct server.database"
    )]
    Unreachable {
        /// The address without the password.
        address: String,
        /// The error of the system, or the server's own words.
        cause: String,
    },
    /// PostgreSQL refuses the login.
    #[error("PostgreSQL at {address} refuses the login: {cause}; {what}")]
    Login {
        /// The address without the password.
        address: String,
        /// The server's own words.
        cause: String,
        /// The operator's next step.
        what: &'static str,
    },
    /// PostgreSQL answers, and opens no session.
    #[error("PostgreSQL at {address} opens no session: {cause}; {what}")]
    NoSession {
        /// The address without the password.
        address: String,
        /// The server's own words.
        cause: String,
        /// The operator's next step.
        what: &'static str,
    },
    /// The role lacks a permission.
    #[error(
        "PostgreSQL refuses it: {0}; the role must own the tables, or have every right on them"
    )]
    Permission(String),
    /// The server accepts no writes: a standby after a failover, or its own setting.
    #[error(
        "PostgreSQL accepts no writes: {0}; name the primary server in server.database, or switch default_transaction_read_only off there"
    )]
    ReadOnly(String),
    /// The schema of the address does not exist.
    #[error(
        "PostgreSQL finds no schema: {0}; create the one that search_path in server.database names (CREATE SCHEMA name), or correct the name"
    )]
    NoSchema(String),
    /// The table of the schema's version is empty.
    #[error(
        "the table schema_version has no row, so that the schema's version is unknown: restore the database from a backup, or, if only this row was deleted, insert the version that the program before needed"
    )]
    NoVersion,
    /// The server's volume is full.
    #[error("the volume of PostgreSQL is full: {0}")]
    DiskFull(String),
    /// No connection is free, or a lock or a statement took too long.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// Other transactions were faster each time.
    #[error("other transactions changed the same rows each time; try again")]
    Conflict,
    /// A row with the same key exists.
    #[error("another row has the same key ({0})")]
    NotUnique(String),
    /// The connection was lost. A transaction has changed nothing, as it was not committed; a single
    /// statement may have been executed, and is one that may be repeated.
    #[error("the connection to PostgreSQL was lost: {0}")]
    ConnectionLost(String),
    /// The server does not answer, although the connection is open.
    #[error(
        "PostgreSQL did not answer within {0:?}: is it stopped, out of memory, or the network to it?"
    )]
    Silent(std::time::Duration),
    /// The connection was lost during the commit: the change may have been made.
    #[error("the connection to PostgreSQL was lost during a commit, whose outcome is unknown: {0}")]
    UnknownOutcome(String),
    /// The schema was changed while a prepared statement was in use.
    #[error("the schema was changed by a newer program")]
    StalePlan,
    /// PostgreSQL failed.
    #[error("PostgreSQL failed: {message}")]
    Postgres {
        /// The SQLSTATE.
        code: String,
        /// The server's own words, and the SQLSTATE.
        message: String,
    },
    /// A required row is missing.
    #[error("there is no row for this {0}")]
    Missing(&'static str),
    /// A column is missing, or its value has another type than the program expects.
    #[error("the column {0} is missing or has an unexpected type")]
    Column(&'static str),
    /// The system returned no random bytes for a new id.
    #[error("the system returned no random bytes: {0}")]
    Random(getrandom::Error),
    /// There is no database file for a command beside a server.
    #[error("there is no database file {}; run `merchant migrate`, or start the server first; a path without a leading / begins at the folder of the command", .0.display())]
    NoFile(PathBuf),
    /// PostgreSQL's own tools copy its databases.
    #[error("a database of PostgreSQL is copied by pg_dump, see docs/operations.md")]
    CopiedElsewhere,
    /// The file of a copy could not be created.
    #[error("the file cannot be created: {0}")]
    NotCreated(std::io::Error),
    /// A copy of the database is not sound.
    #[error("the copy is damaged, and so may be the database: {0}")]
    DamagedCopy(String),
    /// The task that held the connection was stopped.
    #[error("the database task was stopped")]
    Stopped,
}

impl DbError {
    /// True if the same call may succeed soon, because the database is busy, away, full or read-only
    /// now.
    pub(crate) fn is_temporary(&self) -> bool {
        let is_repeatable =
            matches!(self, Self::Conflict | Self::UnknownOutcome(_) | Self::StalePlan);
        let is_over_soon = |outage| outage != Outage::Damaged;
        is_repeatable || self.outage().is_some_and(is_over_soon)
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

fn schema(found: u32) -> String {
    match found {
        0 => "the database is empty".to_owned(),
        found => format!("the database has schema {found}"),
    }
}

impl From<getrandom::Error> for DbError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
