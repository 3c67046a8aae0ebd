//! The database: one transaction per change. Calls run on the blocking pool.

mod access;
pub(crate) mod apply;
pub(crate) mod claims;
mod error;
pub(crate) mod event_log;
mod events;
pub(crate) mod idempotency;
pub(crate) mod idle;
pub(crate) mod instances;
pub(crate) mod jobs;
mod migrations;
pub(crate) mod notifications;
pub(crate) mod outage;
pub(crate) mod outbox;
pub(crate) mod owner;
pub(crate) mod payments;
pub(crate) mod postgres;
pub(crate) mod readiness;
pub(crate) mod reconciliations;
pub(crate) mod record;
pub(crate) mod refunds;
pub(crate) mod session_leases;
pub(crate) mod sessions;
pub(crate) mod sql;
mod sqlite;
pub(crate) mod subscriptions;

use std::cmp::Ordering;
use std::path::Path;
use std::sync::atomic::{self, AtomicUsize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contract::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Database;
pub use error::DbError;
use outage::OutageLog;
use owner::Owner;
use postgres::{Limit, Listener, Postgres};
use sql::{Connection, Isolation, Transaction};

/// The database. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Db {
    store: Store,
    /// Permits to use or wait for a connection. All other calls wait without a thread of their
    /// own: with thousands of heartbeats at once, a blocked thread for each would be too costly.
    permits: Arc<Semaphore>,
    /// The number of these permits, used or not.
    permit_count: usize,
    /// Permits to wait for a connection in the background.
    background_permits: Arc<Semaphore>,
    /// Number of calls that wait for a permit.
    waiting: Arc<AtomicUsize>,
    outages: Arc<OutageLog>,
}

/// A call that counts as waiting until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, atomic::Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, atomic::Ordering::Relaxed);
    }
}

#[derive(Clone)]
enum Store {
    Sqlite(Arc<Mutex<Connection>>),
    Postgres(Postgres),
}

/// The version of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The version that the database has; 0 if it is empty.
    pub found: u32,
    /// The version that this program needs.
    pub needed: u32,
}

impl Versions {
    /// Refuses a schema other than the one that this program needs.
    fn require_needed(self) -> Result<(), DbError> {
        let Self { found, needed } = self;
        match found.cmp(&needed) {
            Ordering::Less => Err(DbError::Outdated { found, needed }),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(DbError::TooNew { found, known: needed }),
        }
    }
}

/// The state of a database, as a check finds it.
pub(crate) struct Inspected {
    pub(crate) versions: Versions,
    pub(crate) state: Inspection,
}

/// The state that is different for each kind of database.
pub(crate) enum Inspection {
    File {
        /// True if a server runs on it.
        is_owned: bool,
    },
    Postgres {
        db: Db,
        limits: Vec<Limit>,
    },
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
}

/// The time of a claim, and the time until which the same row cannot be claimed again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) now: Timestamp,
    pub(crate) until: Timestamp,
}

impl Db {
    /// Opens the database of a server, and brings its schema up to date. Returns the lock of a file,
    /// too, which is held while the server runs.
    pub(crate) async fn serve(database: &Database) -> Result<(Self, Option<Owner>), DbError> {
        match database {
            Database::File(path) => {
                let path = path.clone();
                blocking(move || {
                    sqlite::require_access(&path)?;
                    let owner = Owner::of(&path)?;
                    Ok((Self::open_file(&path)?, Some(owner)))
                })
                .await
            }
            Database::Postgres { address, connections } => {
                let postgres = Postgres::new(address, *connections)?;
                postgres.migrate().await?;
                Ok((Self::of_pool(postgres, *connections), None))
            }
        }
    }

    /// Opens the database beside a server that may be running. Its schema must be the one that this
    /// program needs: only a server's start and `merchant migrate` change it.
    pub(crate) async fn beside_server(database: &Database) -> Result<Self, DbError> {
        match database {
            Database::File(path) => {
                let path = path.clone();
                blocking(move || {
                    sqlite::require_access(&path)?;
                    Self::open_file_beside_server(&path)
                })
                .await
            }
            Database::Postgres { address, connections } => {
                let postgres = Postgres::new(address, *connections)?;
                postgres.versions().await?.require_needed()?;
                Ok(Self::of_pool(postgres, *connections))
            }
        }
    }

    /// Returns the version of the schema, and changes nothing.
    ///
    /// # Errors
    /// The database cannot be used, or its role may not do what a server does.
    pub(crate) async fn versions(database: &Database) -> Result<Versions, DbError> {
        match database {
            Database::File(path) => {
                let path = path.clone();
                blocking(move || {
                    sqlite::require_access(&path)?;
                    sqlite::versions(&path)
                })
                .await
            }
            Database::Postgres { address, .. } => {
                let postgres = Postgres::new(address, 1)?;
                let versions = postgres.versions().await?;
                postgres.require_rights().await?;
                Ok(versions)
            }
        }
    }

    /// Opens the database for checks, which change nothing, with one connection and whatever schema
    /// it has.
    ///
    /// # Errors
    /// The database cannot be used, is damaged, or its role may not do what a server does.
    pub(crate) async fn inspect(database: &Database) -> Result<Inspected, DbError> {
        match database {
            Database::File(path) => {
                let path = path.clone();
                blocking(move || {
                    sqlite::require_access(&path)?;
                    let versions = sqlite::versions(&path)?;
                    if versions.found > 0 {
                        sqlite::require_sound(&path)?;
                    }
                    Ok(Inspected {
                        versions,
                        state: Inspection::File { is_owned: Owner::exists(&path) },
                    })
                })
                .await
            }
            Database::Postgres { address, .. } => {
                let postgres = Postgres::new(address, 1)?;
                let versions = postgres.versions().await?;
                postgres.require_rights().await?;
                let limits = postgres.limits().await?;
                let db = Self::of_pool(postgres, 1);
                Ok(Inspected { versions, state: Inspection::Postgres { db, limits } })
            }
        }
    }

    /// Opens or creates the file, and brings its schema up to date. The caller owns the file.
    /// Blocks.
    pub(crate) fn open_file(path: &Path) -> Result<Self, DbError> {
        sqlite::open(path).map(Self::of_file)
    }

    /// Opens the file beside a server that may own it. Blocks.
    pub(crate) fn open_file_beside_server(path: &Path) -> Result<Self, DbError> {
        sqlite::open_beside_server(path).map(Self::of_file)
    }

    fn of_file(connection: Connection) -> Self {
        Self {
            store: Store::Sqlite(Arc::new(Mutex::new(connection))),
            permits: Arc::new(Semaphore::new(CONNECTION_PERMITS)),
            permit_count: CONNECTION_PERMITS,
            background_permits: Arc::new(Semaphore::new(BACKGROUND_PERMITS)),
            waiting: Arc::default(),
            outages: outages(),
        }
    }

    fn of_pool(postgres: Postgres, connections: usize) -> Self {
        Self {
            store: Store::Postgres(postgres),
            permits: Arc::new(Semaphore::new(connections)),
            permit_count: connections,
            // The other half is free for requests and notifications.
            background_permits: Arc::new(Semaphore::new(connections.div_ceil(2))),
            waiting: Arc::default(),
            outages: outages(),
        }
    }

    /// The version of the schema that this program needs.
    pub(crate) fn schema(&self) -> u32 {
        match self.store {
            Store::Sqlite(_) => migrations::needed(),
            Store::Postgres(_) => Postgres::needed_version(),
        }
    }

    /// True if other instances may use the database at the same time. Then nothing may be taken
    /// from a claim whose lease has not run out: its instance may be alive.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.store, Store::Postgres(_))
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

    /// Runs `work`, which must only read. All of it reads the same state.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        self.call(move |connection| {
            if let Connection::Sqlite(_) = connection {
                // This process has one connection, so that nothing is written meanwhile.
                return work(connection);
            }
            // Rolled back at the end: there is nothing to commit, and no outcome to lose.
            let transaction = connection.begin(Isolation::Snapshot)?;
            work(&transaction)
        })
        .await
    }

    /// Returns the numbers of calls that use a connection, and that wait for one.
    pub(crate) fn load(&self) -> (usize, usize) {
        let waiting = self.waiting.load(atomic::Ordering::Relaxed);
        let permitted = self.permit_count.saturating_sub(self.permits.available_permits());
        // Of the calls with a permit for a file, one has the connection and the others wait for it.
        let connections = if self.is_shared() { self.permit_count } else { 1 };
        (permitted.min(connections), permitted.saturating_sub(connections) + waiting)
    }

    /// Writes a copy of the database into a new file, while others read and write.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), DbError> {
        let file = file.to_owned();
        self.call(move |connection| match connection {
            Connection::Sqlite(connection) => sqlite::copy_to(connection, &file),
            Connection::Postgres(_) => Err(DbError::CopiedElsewhere),
        })
        .await
    }

    /// Runs `work`, which executes one statement that may be repeated: it commits by itself, for a
    /// third of the messages to a database server.
    pub(crate) async fn single<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        self.call(work).await
    }

    /// True if writes fail for want of room: the heartbeat, which needs none, may succeed then.
    pub(crate) fn is_full(&self) -> bool {
        self.outages.is_full()
    }

    /// Connects for the changes that other instances commit; `None` if there can be none.
    pub(crate) async fn listen(&self, channel: &str) -> Result<Option<Listener>, DbError> {
        match &self.store {
            Store::Sqlite(_) => Ok(None),
            Store::Postgres(postgres) => postgres.listen(channel).await.map(Some),
        }
    }

    /// Moves the write-ahead log into the file, before the program ends. A database server does the
    /// same by itself.
    pub(crate) async fn checkpoint(&self) -> Result<(), DbError> {
        if self.is_shared() {
            return Ok(());
        }
        self.call(|connection| match connection {
            Connection::Sqlite(connection) => {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
                Ok(())
            }
            Connection::Postgres(_) => Ok(()),
        })
        .await
    }

    async fn call<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        let called = self.call_store(work).await;
        match &called {
            Ok(_) => self.outages.succeeded(),
            Err(error) => {
                if let Some(outage) = error.outage() {
                    self.outages.failed(outage, error);
                }
            }
        }
        called
    }

    async fn call_store<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        let waiting = Waiting::begin(&self.waiting);
        let is_background = IN_BACKGROUND.try_with(|()| ()).is_ok();
        let _background = match is_background {
            true => Some(acquire(&self.background_permits).await?),
            false => None,
        };
        match &self.store {
            Store::Sqlite(connection) => {
                let permit = acquire(&self.permits).await?;
                drop(waiting);
                let connection = Arc::clone(connection);
                blocking(move || {
                    // Held until the work is done, even if the caller is dropped.
                    let _permit = permit;
                    // A panic inside a transaction rolled it back; the connection itself is sound.
                    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                    work(&connection)
                })
                .await
            }
            Store::Postgres(postgres) => {
                // While the server is away, calls must not queue up behind each other's timeouts.
                let permit = tokio::time::timeout(PERMIT_TIMEOUT, acquire(&self.permits)).await;
                let permit = permit.map_err(|_| {
                    DbError::Busy("all connections of this instance are in use".to_owned())
                })??;
                drop(waiting);
                let work = move |connection: &Connection| {
                    let _permit = &permit;
                    work(connection)
                };
                postgres.call(work).await
            }
        }
    }
}

fn outages() -> Arc<OutageLog> {
    Arc::new(OutageLog::new("the database", OUTAGE_QUIET))
}

async fn acquire(permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, DbError> {
    Arc::clone(permits).acquire_owned().await.map_err(|_| DbError::Stopped)
}

async fn blocking<T, F>(work: F) -> Result<T, DbError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, DbError> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(|_| DbError::Stopped)?
}

/// One call at work, and some in line so that the connection never waits for the runtime.
const CONNECTION_PERMITS: usize = 4;
/// Time for which a call waits for one of the connections to a server.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the worker waits between two calls that write.
const OUTAGE_QUIET: Duration = Duration::from_secs(5);
/// Few, because a call of a request waits behind all of them; more than one, because the calls get
/// their turns in the order of arrival, and the background must not starve beside many requests.
const BACKGROUND_PERMITS: usize = 8;

#[cfg(test)]
mod tests;
