//! One connection of the pool, as the store's functions use it: each statement waits for its answer
//! on a thread of the blocking pool.

use std::cell::Cell as Flag;
use std::error::Error;
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row, Statement};

use super::super::DbError;
use super::super::sql::{Cell, Isolation, Parameter};
use super::error;

/// A connection of the pool. It returns to the pool when it is dropped, unless it is broken.
pub(crate) struct Session {
    /// Absent only while it is dropped.
    client: Option<Object>,
    runtime: Handle,
    /// True if its state is unknown, so that nobody else may use it.
    is_broken: Flag<bool>,
    /// Limit of the time for an answer; `None` for what may take as long as it needs.
    answer_timeout: Flag<Option<Duration>>,
}

impl Session {
    pub(super) fn new(client: Object, runtime: Handle) -> Self {
        Self {
            client: Some(client),
            runtime,
            is_broken: Flag::new(false),
            answer_timeout: Flag::new(Some(ANSWER_TIMEOUT)),
        }
    }

    /// Executes a statement; returns the number of changed rows.
    pub(crate) fn execute(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<usize, DbError> {
        let statement = self.prepare(sql)?;
        let changed = self.wait(self.client()?.execute(&statement, &bound(parameters)))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Returns the rows of a result.
    pub(crate) fn query(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DbError> {
        let statement = self.prepare(sql)?;
        self.wait(self.client()?.query(&statement, &bound(parameters)))
    }

    /// Executes statements without parameters.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<(), DbError> {
        self.wait(self.client()?.batch_execute(sql))
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self, isolation: Isolation) -> Result<(), DbError> {
        self.answer_timeout.set(Some(ANSWER_TIMEOUT));
        let begun = self.execute_batch(match isolation {
            Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        });
        begun.map_err(|error| match error {
            // A standby has no serializable transactions, and refuses them before any write.
            DbError::Postgres { code, message }
                if code == SqlState::FEATURE_NOT_SUPPORTED.code() =>
            {
                self.is_broken.set(true);
                DbError::ReadOnly(message)
            }
            error => error,
        })
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// [`DbError::UnknownOutcome`] if the answer was lost.
    pub(crate) fn commit(&self) -> Result<(), DbError> {
        self.execute_batch("COMMIT").map_err(|error| match error {
            DbError::ConnectionLost(cause) => DbError::UnknownOutcome(cause),
            DbError::Silent(_) => DbError::UnknownOutcome(error.to_string()),
            error => error,
        })
    }

    /// Sets the limit for each statement of the present transaction; `None` for no limit.
    pub(crate) fn allow(&self, limit: Option<Duration>) -> Result<(), DbError> {
        let ms = limit.unwrap_or_default().as_millis();
        self.execute_batch(&format!("SET LOCAL statement_timeout = {ms}"))?;
        self.answer_timeout.set(limit.map(|limit| limit + ANSWER_MARGIN));
        Ok(())
    }

    /// Rolls the transaction back.
    pub(crate) fn roll_back(&self) {
        if self.is_broken.get() || self.execute_batch("ROLLBACK").is_err() {
            self.is_broken.set(true);
        }
    }

    /// Prepares a statement once for each connection. `?1` becomes `$1`: no statement has another
    /// question mark, and the replacement costs less than to look its result up.
    fn prepare(&self, sql: &str) -> Result<Statement, DbError> {
        self.wait(self.client()?.prepare_cached(&sql.replace('?', "$")))
    }

    fn client(&self) -> Result<&Object, DbError> {
        let client = self.client.as_ref().filter(|_| !self.is_broken.get());
        client.ok_or_else(|| DbError::ConnectionLost("the connection is closed".to_owned()))
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        // The server limits its statements, and TCP reports one that is lost; but a process that is
        // stopped, or a proxy before it, keeps the connection open and says nothing.
        let limit = self.answer_timeout.get().unwrap_or(Duration::MAX);
        let answered = self.runtime.block_on(async { timeout(limit, answer).await });
        let error = match answered {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error::of_statement(&error),
            Err(_) => DbError::Silent(limit),
        };
        // After a failover the address leads to another server than this connection.
        if matches!(
            error,
            DbError::ConnectionLost(_)
                | DbError::Silent(_)
                | DbError::StalePlan
                | DbError::ReadOnly(_)
        ) {
            self.is_broken.set(true);
        }
        Err(error)
    }
}

/// Longer than the server takes to say that a statement took too long.
const ANSWER_MARGIN: Duration = Duration::from_secs(1);
/// The server's own limit for a statement, and the margin.
const ANSWER_TIMEOUT: Duration = super::STATEMENT_TIMEOUT.saturating_add(ANSWER_MARGIN);

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|_| self.is_broken.get()) {
            drop(Object::take(client));
        }
    }
}

fn bound<'a>(parameters: &'a [Parameter<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) => match *kind {
                Type::INT8 => value.to_sql(kind, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
                Type::INT2 => i16::try_from(*value)?.to_sql(kind, out),
                Type::BOOL => (*value != 0).to_sql(kind, out),
                _ => Err(format!("an integer is bound to a parameter of type {kind}").into()),
            },
            // PostgreSQL stores no NUL. Nothing that is stored has one, so that a search for it
            // must find nothing, and not fail.
            Self::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Self::Integer(i16::from_sql(kind, raw)?.into()),
            Type::BOOL => Self::Integer(bool::from_sql(kind, raw)?.into()),
            Type::TEXT | Type::VARCHAR => Self::Text(<&str>::from_sql(kind, raw)?),
            Type::BYTEA => Self::Bytes(raw),
            _ => return Err(format!("a column has the type {kind}").into()),
        })
    }

    fn from_sql_null(_kind: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }
}
