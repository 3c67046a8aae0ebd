//! PostgreSQL's errors, sorted by what follows from them.

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::super::DbError;
use super::address::Address;

/// Sorts the error of a statement.
pub(super) fn of_statement(error: &Error) -> DbError {
    let Some(code) = error.code() else {
        let cause = gateways::chain(error);
        return if is_lost(error) {
            DbError::ConnectionLost(cause)
        } else {
            DbError::Postgres { code: "the driver".to_owned(), message: cause }
        };
    };
    let message = error.as_db_error().map_or_else(String::new, |error| error.message().to_owned());
    if matches!(*code, SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED) {
        DbError::Conflict
    } else if *code == SqlState::UNIQUE_VIOLATION {
        let constraint = error.as_db_error().and_then(|error| error.constraint());
        DbError::NotUnique(constraint.unwrap_or_default().to_owned())
    } else if matches!(
        *code,
        SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
    ) || code.code().starts_with("08")
    {
        DbError::ConnectionLost(message)
    } else if matches!(*code, SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE) {
        DbError::Busy(message)
    } else if *code == SqlState::FEATURE_NOT_SUPPORTED && message.starts_with("cached plan") {
        DbError::StalePlan
    } else if *code == SqlState::DISK_FULL {
        DbError::DiskFull(message)
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        DbError::ReadOnly(message)
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        DbError::Permission(message)
    } else {
        // The message names tables and columns. The detail, which is left out, has values of rows.
        DbError::Postgres { code: code.code().to_owned(), message }
    }
}

/// True if the connection has ended; otherwise the driver refuses a parameter or an answer.
fn is_lost(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    error.is_closed()
}

/// The driver's words for a server without writes, which `target_session_attrs` refuses.
const NO_WRITES: &str = "database does not allow writes";

/// Sorts the error of getting a connection.
pub(super) fn of_connection(address: &Address, error: &PoolError) -> DbError {
    let unreachable = |cause: String| DbError::Unreachable { address: address.to_string(), cause };
    match error {
        PoolError::Backend(error) => of_login(address, error),
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
            DbError::Busy("all connections of the pool are in use".to_owned())
        }
        PoolError::Timeout(_) => unreachable("no answer in time".to_owned()),
        error => unreachable(error.to_string()),
    }
}

fn of_login(address: &Address, error: &Error) -> DbError {
    let unreachable = |cause: String| DbError::Unreachable { address: address.to_string(), cause };
    let refused = |cause: String, what: &'static str| DbError::Login {
        address: address.to_string(),
        cause,
        what,
    };
    let (Some(code), Some(error)) = (error.code(), error.as_db_error()) else {
        let cause = gateways::chain(error);
        // The driver has no kind for it.
        if cause.ends_with("missing") {
            return refused(cause, "set server.database_password");
        }
        if cause.ends_with(NO_WRITES) {
            return DbError::ReadOnly(format!("{address}: {NO_WRITES}"));
        }
        return unreachable(cause);
    };
    let message = error.message().to_owned();
    match *code {
        SqlState::INVALID_PASSWORD => {
            refused(message, "correct the password, or server.database_password")
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            refused(message, "correct the user, or allow the login in pg_hba.conf")
        }
        SqlState::INVALID_CATALOG_NAME => {
            refused(message, "create the database, or correct its name")
        }
        SqlState::INSUFFICIENT_PRIVILEGE => refused(message, "grant CONNECT on the database"),
        SqlState::TOO_MANY_CONNECTIONS => {
            DbError::Busy(format!("{message}: raise max_connections, or run fewer instances"))
        }
        _ => unreachable(message),
    }
}
