//! PostgreSQL, by a pool of connections that several instances may share with others.
//!
//! The driver is tokio-postgres. A change stays one closure over a transaction on the blocking
//! pool, so that the rules read and decide in one place for both databases.

pub(crate) mod address;
mod capacity;
mod error;
mod listener;
mod migrations;
mod rights;
mod session;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio_postgres::config::TargetSessionAttrs;

use super::sql::Connection;
use super::{DbError, Versions};
use address::Address;
pub(crate) use capacity::Limit;
pub(crate) use listener::Listener;
pub(crate) use session::Session;

/// The pool of connections to one database. Clones share it.
#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    address: Arc<Address>,
    config: Arc<tokio_postgres::Config>,
    /// Held by a transaction that is repeated after a conflict, so that those of one instance do
    /// not abort each other again: of forty at once on one row, each first one got ahead.
    repeats: Arc<Mutex<()>>,
}

impl Postgres {
    /// Makes a pool of at most `connections`; connects to nothing yet. Blocks.
    pub(super) fn new(address: &Address, connections: usize) -> Result<Self, DbError> {
        let connector = address.connector()?;
        let mut config = tokio_postgres::Config::clone(&address.config);
        if config.get_application_name().is_none() {
            config.application_name("opencashier merchant");
        }
        let limit = format!("-c statement_timeout={}s", STATEMENT_TIMEOUT.as_secs());
        let settings = format!("{limit} {SETTINGS} {}", config.get_options().unwrap_or_default());
        config
            .options(settings)
            // Of several hosts, the one that accepts writes.
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE)
            .keepalives_retries(3)
            .tcp_user_timeout(KEEPALIVE);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), connector, recycling))
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .build()
            .map_err(|error| DbError::Unreachable {
                address: address.to_string(),
                cause: error.to_string(),
            })?;
        Ok(Self {
            pool,
            address: Arc::new(address.clone()),
            config: Arc::new(config),
            repeats: Arc::default(),
        })
    }

    /// Brings the schema up to date, which one instance does at a time.
    pub(super) async fn migrate(&self) -> Result<(), DbError> {
        self.call(migrations::run).await
    }

    /// The version of the schema that this program needs.
    pub(super) fn needed_version() -> u32 {
        migrations::needed()
    }

    /// Returns the version of the schema, and changes nothing.
    pub(super) async fn versions(&self) -> Result<Versions, DbError> {
        self.call(|connection| {
            let found = migrations::version(connection)?;
            Ok(Versions { found, needed: migrations::needed() })
        })
        .await
    }

    /// Refuses a role that may not do what a server does.
    pub(super) async fn require_rights(&self) -> Result<(), DbError> {
        self.call(rights::require).await
    }

    /// Returns the limits of connections that the role meets.
    pub(super) async fn limits(&self) -> Result<Vec<Limit>, DbError> {
        self.call(capacity::limits).await
    }

    /// Runs `work` with a connection. It is repeated if another transaction was faster, or if the
    /// connection was lost before the commit.
    pub(super) async fn call<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        let (mut work, mut tries) = (work, Tries::default());
        loop {
            let (connection, repeats) = (self.connection().await?, Arc::clone(&self.repeats));
            let attempt = tokio::task::spawn_blocking(move || {
                loop {
                    let turn = (tries.conflicts > 0)
                        .then(|| repeats.lock().unwrap_or_else(PoisonError::into_inner));
                    let error = match work(&connection) {
                        Ok(value) => return Attempt::Ended(Ok(value)),
                        Err(error) => error,
                    };
                    drop(turn);
                    match tries.after(&error) {
                        Next::GiveUp => return Attempt::Ended(Err(error)),
                        Next::Again(delay) => std::thread::sleep(delay),
                        Next::Reconnect => return Attempt::Lost(work, tries, error),
                    }
                }
            });
            match attempt.await.map_err(|_| DbError::Stopped)? {
                Attempt::Ended(result) => {
                    return result.inspect_err(|error| self.drop_idle_after(error));
                }
                Attempt::Lost(again, before, error) => {
                    (work, tries) = (again, before);
                    self.drop_idle_after(&error);
                }
            }
        }
    }

    /// Drops the idle connections after an error that each of them would have: they lead to the same
    /// server.
    fn drop_idle_after(&self, error: &DbError) {
        let is_of_server =
            matches!(error, DbError::ReadOnly(_) | DbError::Silent(_) | DbError::UnknownOutcome(_));
        if is_of_server {
            self.pool.retain(|_, _| false);
        }
    }

    pub(super) async fn connection(&self) -> Result<Connection, DbError> {
        let client = self.pool.get().await;
        let client = client.map_err(|error| error::of_connection(&self.address, &error))?;
        Ok(Connection::Postgres(Session::new(client, Handle::current())))
    }
}

/// The end of the tries on one connection.
enum Attempt<T, F> {
    Ended(Result<T, DbError>),
    Lost(F, Tries, DbError),
}

/// What follows a failed try.
enum Next {
    GiveUp,
    Again(Duration),
    Reconnect,
}

/// The tries of one call.
#[derive(Default)]
struct Tries {
    conflicts: u32,
    not_unique: u32,
    connections: u32,
}

impl Tries {
    fn after(&mut self, error: &DbError) -> Next {
        match error {
            DbError::Conflict if self.conflicts < MAX_CONFLICTS => {
                self.conflicts += 1;
                Next::Again(delay(self.conflicts))
            }
            // Another transaction has just written the row. This one finds it when it reads again,
            // unless the row is wrong by itself.
            DbError::NotUnique(_) if self.not_unique < MAX_NOT_UNIQUE => {
                self.not_unique += 1;
                Next::Again(Duration::ZERO)
            }
            // Each such try drops a connection, so that it ends with the last of the pool.
            DbError::StalePlan => Next::Reconnect,
            // Nothing is committed. A restart of the server ends every connection of the pool.
            DbError::ConnectionLost(_) | DbError::ReadOnly(_)
                if self.connections < MAX_RECONNECTIONS =>
            {
                self.connections += 1;
                Next::Reconnect
            }
            _ => Next::GiveUp,
        }
    }
}

/// Returns a random delay, whose limit doubles with each conflict: of two transactions that abort
/// each other, one must get ahead.
fn delay(conflicts: u32) -> Duration {
    let limit_us = 1_000_u32.saturating_mul(1 << conflicts.min(6));
    let mut random = [0; 4];
    // Without randomness the delay is the whole limit, which is correct, too.
    let random = getrandom::fill(&mut random).map_or(limit_us, |()| u32::from_le_bytes(random));
    Duration::from_micros((random % limit_us.saturating_add(1)).into())
}

/// Limits that the server keeps for each connection, so that no instance that hangs or dies blocks
/// the others.
const SETTINGS: &str = "-c lock_timeout=3s -c idle_in_transaction_session_timeout=15s";
/// The server's limit for a statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a new connection, login included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Time for which a call waits for a connection of the pool.
const WAIT_TIMEOUT: Duration = Duration::from_secs(3);
/// Time after which a silent server counts as lost.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// About a second and a half of delays at most.
const MAX_CONFLICTS: u32 = 24;
const MAX_NOT_UNIQUE: u32 = 2;
const MAX_RECONNECTIONS: u32 = 2;
