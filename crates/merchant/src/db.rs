//! The database: one transaction per change. Calls run on the blocking pool.

pub(crate) mod apply;
pub(crate) mod claims;
mod error;
pub(crate) mod event_log;
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
pub(crate) mod sql;
mod sqlite;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use contract::Timestamp;
use tokio::sync::Semaphore;

pub use error::DbError;
use sql::{Connection, Isolation, Transaction};

/// The database. Clones share its connection.
#[derive(Clone)]
pub(crate) struct Db {
    connection: Arc<Mutex<Connection>>,
    /// Permits to use or wait for the connection. All other calls wait without a thread of their
    /// own: with thousands of heartbeats at once, a blocked thread for each would be too costly.
    permits: Arc<Semaphore>,
    /// Permits to wait for the connection in the background.
    background_permits: Arc<Semaphore>,
    /// Number of calls that wait for a permit.
    waiting: Arc<AtomicUsize>,
}

/// A call that counts as waiting until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
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

impl Db {
    /// Opens or creates the file, and brings its schema up to date. The caller owns the file.
    /// Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, DbError> {
        sqlite::open(path).map(Self::of)
    }

    /// Opens the file beside a server that may own it. Blocks.
    pub(crate) fn open_beside_server(path: &Path) -> Result<Self, DbError> {
        sqlite::open_beside_server(path).map(Self::of)
    }

    fn of(connection: Connection) -> Self {
        Self {
            connection: Arc::new(Mutex::new(connection)),
            permits: Arc::new(Semaphore::new(CONNECTION_PERMITS)),
            background_permits: Arc::new(Semaphore::new(BACKGROUND_PERMITS)),
            waiting: Arc::default(),
        }
    }

    /// Runs `work` in one transaction; an error rolls all of it back. No other transaction changes
    /// what `work` reads before it is committed. `work` may run again, if another was faster.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.write_with(Isolation::Serializable, work).await
    }

    /// Runs `work` as [`Db::write`] does, in a transaction of this isolation.
    pub(crate) async fn write_with<T, F>(&self, isolation: Isolation, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.call(move |connection| {
            let transaction = connection.begin(isolation)?;
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
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        self.call(move |connection| work(connection)).await
    }

    /// Returns the numbers of calls that use a connection, and that wait for one.
    pub(crate) fn load(&self) -> (usize, usize) {
        // One of the calls with a permit has the connection, the others wait for it.
        let permitted = CONNECTION_PERMITS.saturating_sub(self.permits.available_permits());
        let waiting = self.waiting.load(Ordering::Relaxed);
        (permitted.min(1), permitted.saturating_sub(1) + waiting)
    }

    /// Writes a copy of the database into a new file, while others read and write.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), DbError> {
        let file = file.to_owned();
        self.call(move |connection| match connection {
            Connection::Sqlite(connection) => sqlite::copy_to(connection, &file),
        })
        .await
    }

    /// Moves the write-ahead log into the file, before the program ends.
    pub(crate) async fn checkpoint(&self) -> Result<(), DbError> {
        self.call(|connection| match connection {
            Connection::Sqlite(connection) => {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
                Ok(())
            }
        })
        .await
    }

    async fn call<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let stopped = |_| DbError::Stopped;
        let waiting = Waiting::begin(&self.waiting);
        let is_background = IN_BACKGROUND.try_with(|()| ()).is_ok();
        let _background = if is_background {
            Some(self.background_permits.acquire().await.map_err(stopped)?)
        } else {
            None
        };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(stopped)?;
        drop(waiting);
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even if the caller is dropped.
            let _permit = permit;
            // A panic inside a transaction rolled it back; the connection itself is sound.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&connection)
        })
        .await
        .map_err(|_| DbError::Stopped)?
    }
}

/// Refuses a database file whose folder does not exist: SQLite and the lock do not name it. Blocks.
pub(crate) fn require_folder(file: &Path) -> Result<(), DbError> {
    sqlite::require_folder(file)
}

/// One call at work, and some in line so that the connection never waits for the runtime.
const CONNECTION_PERMITS: usize = 4;
/// Few, because a call of a request waits behind all of them; more than one, because the calls get
/// their turns in the order of arrival, and the background must not starve beside many requests.
const BACKGROUND_PERMITS: usize = 8;

#[cfg(test)]
mod tests;
