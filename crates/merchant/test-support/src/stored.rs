//! The database of a test, and what is stored there.

use std::path::PathBuf;
use std::str::FromStr;

use rusqlite::types::ValueRef;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::bench::unique;
use crate::cluster;

/// A database: of the kind that `OPENCASHIER_TEST_DATABASE` names, `sqlite` or `postgres`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    File(PathBuf),
    /// The address of a database of PostgreSQL.
    Postgres(String),
}

/// The values of a row as text.
pub type Values = Vec<Option<String>>;

/// True if this test run uses PostgreSQL.
///
/// # Panics
/// `OPENCASHIER_TEST_DATABASE` names no database that is known.
pub fn uses_postgres() -> bool {
    match std::env::var("OPENCASHIER_TEST_DATABASE").as_deref() {
        Err(_) | Ok("sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("OPENCASHIER_TEST_DATABASE is sqlite or postgres, not {other}"),
    }
}

impl Database {
    /// Returns a new, empty database.
    pub fn new() -> Self {
        if uses_postgres() {
            Self::Postgres(cluster::shared().schema())
        } else {
            Self::File(std::env::temp_dir().join(format!("{}.db", unique("opencashier"))))
        }
    }

    /// The value of `server.database`.
    pub fn setting(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Returns the rows of a statement, each value as text.
    pub fn rows(&self, sql: &str) -> Vec<Values> {
        match self {
            Self::File(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                sqlite_rows(&connection, sql).unwrap()
            }
            Self::Postgres(url) => postgres(url, sql),
        }
    }

    /// Executes a statement that returns nothing.
    pub fn execute(&self, sql: &str) {
        match self {
            Self::File(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Self::Postgres(url) => {
                postgres(url, sql);
            }
        }
    }

    /// Returns the one value of a statement.
    pub fn one<T: Stored>(&self, sql: &str) -> T {
        let value = self.rows(sql).swap_remove(0).swap_remove(0);
        T::read(value).unwrap_or_else(|| panic!("another type: {sql}"))
    }

    /// Locks it against writers until the lock is dropped: SQLite as a whole, PostgreSQL by this
    /// statement.
    pub fn lock(&self, statement: &str) -> Lock {
        match self {
            Self::File(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Lock::File(connection)
            }
            Self::Postgres(url) => {
                let (url, statement) = (url.clone(), statement.to_owned());
                let (release, released) = std::sync::mpsc::channel();
                let (ready, is_ready) = std::sync::mpsc::channel();
                let holder = std::thread::spawn(move || {
                    on_connection(&url, async |client| {
                        client.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
                        ready.send(()).unwrap();
                        // Returns when the lock is dropped; the connection's end ends the lock.
                        let _: Result<(), _> = released.recv();
                    });
                });
                is_ready.recv().unwrap();
                Lock::Postgres { release, holder: Some(holder) }
            }
        }
    }

    /// Deletes it.
    pub fn remove(&self) {
        match self {
            Self::File(path) => {
                for end in ["", "-wal", "-shm", ".lock"] {
                    let _ = std::fs::remove_file(format!("{}{end}", path.display()));
                }
            }
            // The cluster ends with the test process.
            Self::Postgres(_) => {}
        }
    }
}

/// A lock against writers.
pub enum Lock {
    /// The connection that holds it.
    File(rusqlite::Connection),
    /// The thread that holds it.
    Postgres { release: std::sync::mpsc::Sender<()>, holder: Option<std::thread::JoinHandle<()>> },
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Self::Postgres { release, holder } = self {
            *release = std::sync::mpsc::channel().0;
            if let Some(holder) = holder.take() {
                let _ = holder.join();
            }
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

/// A type that a stored value can be read as.
pub trait Stored: Sized {
    /// Returns the value; `None` if it has another type.
    fn read(value: Option<String>) -> Option<Self>;
}

macro_rules! stored_numbers {
    ($($kind:ty),+) => {
        $(impl Stored for $kind {
            fn read(value: Option<String>) -> Option<Self> {
                Self::from_str(&value?).ok()
            }
        })+
    };
}
stored_numbers!(i64, u32);

impl Stored for bool {
    fn read(value: Option<String>) -> Option<Self> {
        match value?.as_str() {
            "t" | "1" => Some(true),
            "f" | "0" => Some(false),
            _ => None,
        }
    }
}

impl Stored for String {
    fn read(value: Option<String>) -> Option<Self> {
        value
    }
}

impl<T: Stored> Stored for Option<T> {
    fn read(value: Option<String>) -> Option<Self> {
        if value.is_none() { Some(None) } else { T::read(value).map(Some) }
    }
}

/// Returns the rows of a statement in a file of SQLite.
pub(crate) fn sqlite_rows(
    connection: &rusqlite::Connection,
    sql: &str,
) -> rusqlite::Result<Vec<Values>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| (0..columns).map(|index| Ok(text(row.get_ref(index)?))).collect())?;
    rows.collect()
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) => Some(value.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

/// Executes statements in a database of PostgreSQL, on a connection of their own.
pub(crate) fn postgres(url: &str, sql: &str) -> Vec<Values> {
    // The caller may be within a runtime, where no other may wait.
    let answer = std::thread::scope(|scope| {
        let work = || {
            on_connection(url, async |client| {
                client
                    .simple_query(sql)
                    .await
                    .unwrap_or_else(|error| panic!("{error}: {:?}: {sql}", error.as_db_error()))
            })
        };
        scope.spawn(work).join().unwrap()
    });
    let rows = answer.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect())
        .collect()
}

/// Runs `work` with a connection, in a runtime of this thread's own.
fn on_connection<T>(url: &str, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let value = work(&client).await;
        drop(client);
        let _ = driver.await;
        value
    })
}
