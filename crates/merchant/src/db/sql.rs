//! The handle that every function of the store takes: statements, parameters and rows, alike for
//! every database.
//!
//! SQL is written once, in the part of the language that the databases share. Parameters are
//! `?1`, `?2` and so on; each is used, and each has a type that follows from its use.

use std::time::Duration;

use super::DbError;
use super::postgres::Session;

/// A connection to the database.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

/// A transaction of a connection. It is rolled back unless it is committed.
pub(crate) struct Transaction<'a> {
    connection: &'a Connection,
    is_committed: bool,
}

/// The isolation of a transaction from others at the same time. SQLite has one writer, and needs no
/// choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// As if the transactions ran one after the other: for what is decided by what was read.
    Serializable,
    /// Each statement reads what is committed then: for statements that are right by themselves,
    /// such as claims.
    ReadCommitted,
    /// All statements read what was committed when the first began: for reading only.
    Snapshot,
}

/// A value to bind to a parameter of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A row of a result.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Connection {
    /// Executes a statement; returns the number of changed rows.
    pub(crate) fn execute(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<usize, DbError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                Ok(statement.execute(rusqlite::params_from_iter(parameters))?)
            }
            Self::Postgres(session) => session.execute(sql, parameters),
        }
    }

    /// Executes statements without parameters, one after the other.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(session) => session.execute_batch(sql),
        }
    }

    /// Returns every row of a result, as `read` reads it.
    pub(crate) fn query_all<T>(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    all.push(read(&Row::Sqlite(row))?);
                }
                Ok(all)
            }
            Self::Postgres(session) => session
                .query(sql, parameters)?
                .iter()
                .map(|row| read(&Row::Postgres(row)))
                .collect(),
        }
    }

    /// Returns the first row of a result, as `read` reads it; `None` if there is no row.
    pub(crate) fn query_optional<T>(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
                rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
            }
            Self::Postgres(session) => {
                let rows = session.query(sql, parameters)?;
                rows.first().map(|row| read(&Row::Postgres(row))).transpose()
            }
        }
    }

    /// Returns the first row of a result, as `read` reads it.
    ///
    /// # Errors
    /// There is no row.
    pub(crate) fn query_one<T>(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.query_optional(sql, parameters, read)?.ok_or(DbError::Missing("statement"))
    }

    /// Returns the text of the connection's own database, where the two have no common one.
    pub(crate) fn either<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Returns a subquery of the texts that the parameter `number` lists, as [`json_list`] binds them.
    pub(crate) fn listed(&self, number: u8) -> String {
        match self {
            Self::Sqlite(_) => format!("SELECT value FROM json_each(?{number})"),
            Self::Postgres(_) => {
                format!("SELECT json_array_elements_text(CAST(?{number} AS JSON))")
            }
        }
    }

    /// Sets the limit for each statement of the present transaction of a server; `None` for no limit.
    pub(crate) fn allow(&self, limit: Option<Duration>) -> Result<(), DbError> {
        match self {
            // Its statements have no limit.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.allow(limit),
        }
    }

    /// Begins a transaction, within which this connection reads and writes until it ends.
    pub(crate) fn begin(&self, isolation: Isolation) -> Result<Transaction<'_>, DbError> {
        match self {
            // Takes the write lock at once: what is read cannot change before it is written.
            Self::Sqlite(connection) => connection.execute_batch("BEGIN IMMEDIATE")?,
            Self::Postgres(session) => session.begin(isolation)?,
        }
        Ok(Transaction { connection: self, is_committed: false })
    }
}

impl Transaction<'_> {
    /// Commits the changes.
    pub(crate) fn commit(mut self) -> Result<(), DbError> {
        match self.connection {
            Connection::Sqlite(connection) => connection.execute_batch("COMMIT")?,
            Connection::Postgres(session) => session.commit()?,
        }
        self.is_committed = true;
        Ok(())
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_committed {
            return;
        }
        match self.connection {
            Connection::Sqlite(connection) => {
                // Some errors have rolled it back already.
                if !connection.is_autocommit() {
                    let _ = connection.execute_batch("ROLLBACK");
                }
            }
            Connection::Postgres(session) => session.roll_back(),
        }
    }
}

impl Row<'_> {
    /// Returns the value of a column.
    ///
    /// # Errors
    /// There is no such column, or its value has another type.
    pub(crate) fn get<T: Column>(&self, name: &'static str) -> Result<T, DbError> {
        T::read(self.cell(name)?).ok_or(DbError::Column(name))
    }

    /// Returns the value of a text column, read by `parse`.
    pub(crate) fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> T,
    ) -> Result<T, DbError> {
        match self.cell(name)? {
            Cell::Text(text) => Ok(parse(text)),
            _ => Err(DbError::Column(name)),
        }
    }

    fn cell(&self, name: &'static str) -> Result<Cell<'_>, DbError> {
        match self {
            Self::Sqlite(row) => {
                use rusqlite::types::ValueRef;
                Ok(match row.get_ref(name)? {
                    ValueRef::Null => Cell::Null,
                    ValueRef::Integer(value) => Cell::Integer(value),
                    ValueRef::Text(bytes) => {
                        Cell::Text(std::str::from_utf8(bytes).map_err(|_| DbError::Column(name))?)
                    }
                    ValueRef::Blob(bytes) => Cell::Bytes(bytes),
                    // No column holds a float.
                    ValueRef::Real(_) => return Err(DbError::Column(name)),
                })
            }
            Self::Postgres(row) => row.try_get(name).map_err(|_| DbError::Column(name)),
        }
    }
}

impl rusqlite::ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A type that a column's value can be read as.
pub(crate) trait Column: Sized {
    /// Returns the value; `None` if it has another type.
    fn read(cell: Cell<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Integer(value) = cell { Some(value) } else { None }
    }
}

impl Column for u32 {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).and_then(|value| value.try_into().ok())
    }
}

impl Column for bool {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(|value| value != 0)
    }
}

impl Column for String {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.to_owned()) } else { None }
    }
}

impl Column for Vec<u8> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { Some(bytes.to_vec()) } else { None }
    }
}

impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::read(cell).map(Some) }
    }
}

/// A type whose values can be bound to a parameter.
pub(crate) trait Bind {
    fn bind(&self) -> Parameter<'_>;
}

impl Bind for i64 {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Integer(*self)
    }
}

impl Bind for u32 {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Integer((*self).into())
    }
}

impl Bind for bool {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Integer((*self).into())
    }
}

impl Bind for str {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Text(self)
    }
}

impl Bind for String {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Text(self)
    }
}

impl Bind for [u8] {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Bytes(self)
    }
}

impl Bind for Vec<u8> {
    fn bind(&self) -> Parameter<'_> {
        Parameter::Bytes(self)
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn bind(&self) -> Parameter<'_> {
        (**self).bind()
    }
}

impl<T: Bind> Bind for Option<T> {
    fn bind(&self) -> Parameter<'_> {
        self.as_ref().map_or(Parameter::Null, Bind::bind)
    }
}

/// Returns the texts as one value to bind, which [`Connection::listed`] reads.
pub(crate) fn json_list(texts: &[String]) -> String {
    // Texts only: serialisation cannot fail.
    serde_json::to_string(texts).unwrap_or_default()
}

/// Makes the parameters of one call from values, in their order.
macro_rules! params {
    () => {
        &[] as &[$crate::db::sql::Parameter<'_>]
    };
    ($($value:expr),+ $(,)?) => {
        &[$($crate::db::sql::Bind::bind(&$value)),+]
    };
}
pub(crate) use params;
