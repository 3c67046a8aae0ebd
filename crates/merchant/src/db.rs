//! The database: SQLite in one file, one connection, one transaction per change.
//!
//! Calls run on the blocking pool. A capture must survive a power cut once its notification
//! is acknowledged, hence `synchronous=FULL`.

pub(crate) mod apply;
pub(crate) mod claims;
mod events;
pub(crate) mod idempotency;
pub(crate) mod idle;
mod migrations;
pub(crate) mod notifications;
pub(crate) mod outbox;
pub(crate) mod owner;
pub(crate) mod payments;
pub(crate) mod readiness;
pub(crate) mod reconciliations;
pub(crate) mod record;
pub(crate) mod refunds;
pub(crate) mod sessions;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use contract::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use owner::Owner;

/// The database. Clones share its connection.
#[derive(Clone)]
pub(crate) struct Db {
    connection: Arc<Mutex<Connection>>,
    /// Permits to use or wait for the connection. All other calls wait without a thread of their
    /// own: with thousands of heartbeats at once, a blocked thread for each would be too costly.
    permits: Arc<Semaphore>,
    /// Permits to wait for the connection in the background.
    background_permits: Arc<Semaphore>,
}

tokio::task_local! {
    /// Set within [`in_background`].
    static IN_BACKGROUND: ();
}

/// Runs `work` with its database calls in the background: of all such work, at most
/// [`BACKGROUND_PERMITS`] calls wait for the connection, so that the answers of many queries that
/// arrive together do not delay a notification or a request.
pub(crate) async fn in_background<F: Future>(work: F) -> F::Output {
    IN_BACKGROUND.scope((), work).await
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

/// Refuses a database file whose folder does not exist: SQLite and the lock do not name it. Blocks.
pub(crate) fn require_folder(file: &Path) -> Result<(), DbError> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if matches!(folder.try_exists(), Ok(false)) => {
            Err(DbError::NoFolder(folder.to_owned()))
        }
        _ => Ok(()),
    }
}

impl Db {
    /// Opens or creates the file, and brings its schema up to date. The caller owns the file.
    /// Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, DbError> {
        let mut connection = connect(path)?;
        migrations::run(&mut connection)?;
        Ok(Self::of(connection))
    }

    /// Opens the file beside a server that may own it. Only an owner brings the schema up to date,
    /// because a running server knows its own. Blocks.
    pub(crate) fn open_beside_server(path: &Path) -> Result<Self, DbError> {
        let mut connection = connect(path)?;
        if migrations::missing(&connection)?.is_some() {
            let _owner = Owner::of(path).map_err(|error| match error {
                DbError::Owned => DbError::OlderServer,
                error => error,
            })?;
            migrations::run(&mut connection)?;
        }
        Ok(Self::of(connection))
    }

    fn of(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Self {
            connection: Arc::new(Mutex::new(connection)),
            permits: Arc::new(Semaphore::new(CONNECTION_PERMITS)),
            background_permits: Arc::new(Semaphore::new(BACKGROUND_PERMITS)),
        }
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
        let stopped = |_| DbError::Stopped;
        let is_background = IN_BACKGROUND.try_with(|()| ()).is_ok();
        let _background = if is_background {
            Some(self.background_permits.acquire().await.map_err(stopped)?)
        } else {
            None
        };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(stopped)?;
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

fn connect(path: &Path) -> Result<Connection, DbError> {
    if rusqlite::version_number() < FIRST_SOUND_SQLITE {
        return Err(DbError::DamagingSqlite(rusqlite::version()));
    }
    create_private(path);
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    Ok(connection)
}

/// Executes a statement, which is prepared once; returns the number of changed rows.
fn execute(
    connection: &Connection,
    sql: &'static str,
    parameters: impl rusqlite::Params,
) -> Result<usize, DbError> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
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
/// One call at work, and some in line so that the connection never waits for the runtime.
const CONNECTION_PERMITS: usize = 4;
/// Few, because a call of a request waits behind all of them; more than one, because the calls get
/// their turns in the order of arrival, and the background must not starve beside many requests.
const BACKGROUND_PERMITS: usize = 8;
/// More than there are statements: each is prepared once.
const CACHED_STATEMENTS: usize = 128;

#[cfg(test)]
mod tests;
