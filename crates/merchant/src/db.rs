//! The database: SQLite in one file, one connection, one transaction per change.
//!
//! Calls run on the blocking pool. A capture must survive a power cut once its notification
//! is acknowledged, hence `synchronous=FULL`.

pub(crate) mod apply;
mod events;
pub(crate) mod idempotency;
mod migrations;
pub(crate) mod notifications;
pub(crate) mod outbox;
pub(crate) mod owner;
pub(crate) mod payments;
pub(crate) mod readiness;
pub(crate) mod reconciliations;
pub(crate) mod refunds;
pub(crate) mod sessions;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use contract::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

/// The database. Clones share its connection.
#[derive(Clone)]
pub(crate) struct Db {
    connection: Arc<Mutex<Connection>>,
    /// Permits to use or wait for the connection. All other calls wait without a thread of their
    /// own: with thousands of heartbeats at once, a blocked thread for each would be too costly.
    permits: Arc<Semaphore>,
}

/// The context of every write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteContext {
    pub(crate) now: Timestamp,
    /// True if the merchant's systems are notified of changes.
    pub(crate) has_webhooks: bool,
}

/// The time of a claim, and the time until which the same row cannot be claimed again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) now: Timestamp,
    pub(crate) until: Timestamp,
}

impl Lease {
    /// Returns a lease that begins `now` and outlasts every gateway call of one task.
    pub(crate) const fn starting(now: Timestamp) -> Self {
        Self { now, until: now.plus_ms(LEASE_MS) }
    }
}

/// The reason for which a database call failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by a newer version of this program.
    #[error(
        "the database file has schema {found}, this program knows up to {known}: start the newer program, or another database file"
    )]
    TooNew {
        /// The schema of the file.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The linked SQLite can damage a file that two processes have open.
    #[error(
        "SQLite {0} can damage a file that two processes use (its WAL-reset fault); link 3.51.3 or newer"
    )]
    DamagingSqlite(&'static str),
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
    /// The system returned no random bytes for a new id.
    #[error("the system returned no random bytes: {0}")]
    Random(getrandom::Error),
    /// The task that held the connection was stopped.
    #[error("the database task was stopped")]
    Stopped,
}

impl From<getrandom::Error> for DbError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

impl Db {
    /// Opens or creates the file, and brings its schema up to date. Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, DbError> {
        if rusqlite::version_number() < FIRST_SOUND_SQLITE {
            return Err(DbError::DamagingSqlite(rusqlite::version()));
        }
        create_private(path);
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        migrations::run(&mut connection)?;
        let permits = Arc::new(Semaphore::new(CONNECTION_PERMITS));
        Ok(Self { connection: Arc::new(Mutex::new(connection)), permits })
    }

    /// Runs `work` in one transaction; an error rolls all of it back.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.call(move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
        .await
    }

    /// Runs `work`, which must only read.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        self.call(move |connection| work(connection)).await
    }

    /// Moves the write-ahead log into the file, before the program ends.
    pub(crate) async fn checkpoint(&self) -> Result<(), DbError> {
        self.call(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        })
        .await
    }

    async fn call<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|_| DbError::Stopped)?;
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even if the caller is dropped.
            let _permit = permit;
            // A panic inside a transaction rolled it back; the connection itself is sound.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        })
        .await
        .map_err(|_| DbError::Stopped)?
    }
}

/// Creates the file with access for its owner only, because it holds personal data; SQLite creates
/// the files beside it likewise. An error is reported when the file is opened.
fn create_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let created =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        drop(created);
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// The first SQLite without the WAL-reset fault, 3.51.3, as `sqlite3_libversion_number` counts.
const FIRST_SOUND_SQLITE: i32 = 3_051_003;
const LEASE_MS: i64 = 60_000;
/// One call at work, and some in line so that the connection never waits for the runtime.
const CONNECTION_PERMITS: usize = 4;

#[cfg(test)]
mod tests;
