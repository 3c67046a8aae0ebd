//! PostgreSQL's errors, sorted by what follows from them.

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError as ServerError, SqlState};

use super::super::DbError;
use super::address::Address;

/// Sorts the error of a statement.
pub(super) fn of_statement(error: &Error) -> DbError {
    let Some(server) = error.as_db_error() else {
        let cause = gateways::chain(error);
        return if is_lost(error) {
            DbError::ConnectionLost(cause)
        } else {
            DbError::Postgres { code: "the driver".to_owned(), message: cause }
        };
    };
    // The detail has values of rows, which are personal data, and is left out.
    let (code, message) = (server.code(), said(server, None));
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => DbError::Conflict,
        SqlState::UNIQUE_VIOLATION => {
            DbError::NotUnique(server.constraint().unwrap_or_default().to_owned())
        }
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => DbError::ConnectionLost(message),
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => DbError::Busy(message),
        SqlState::FEATURE_NOT_SUPPORTED if server.message().starts_with("cached plan") => {
            DbError::StalePlan
        }
        SqlState::DISK_FULL => DbError::DiskFull(message),
        SqlState::READ_ONLY_SQL_TRANSACTION => DbError::ReadOnly(message),
        SqlState::INSUFFICIENT_PRIVILEGE => DbError::Permission(message),
        SqlState::INVALID_SCHEMA_NAME => DbError::NoSchema(message),
        _ if code.code().starts_with("08") => DbError::ConnectionLost(message),
        _ => DbError::Postgres { code: code.code().to_owned(), message },
    }
}

/// Returns the words of the server: message, SQLSTATE, detail and hint.
fn said(error: &ServerError, detail: Option<&str>) -> String {
    let mut text = format!("{} (SQLSTATE {})", error.message(), error.code().code());
    for more in [detail, error.hint()].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(more);
    }
    text
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

/// Sorts the error of getting a connection.
pub(super) fn of_connection(address: &Address, error: &PoolError) -> DbError {
    let unreachable = |cause: String| DbError::Unreachable { address: address.to_string(), cause };
    match error {
        PoolError::Backend(error) => of_login(address, error),
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
            DbError::Busy("all connections of the pool are in use".to_owned())
        }
        PoolError::Timeout(_) => no_answer(address),
        error => unreachable(gateways::chain(error)),
    }
}

/// The error for a login that timed out.
pub(super) fn no_answer(address: &Address) -> DbError {
    let cause = format!("no answer within {:?}", super::CONNECT_TIMEOUT);
    DbError::Unreachable { address: address.to_string(), cause }
}

/// Sorts the error of a login.
pub(super) fn of_login(address: &Address, error: &Error) -> DbError {
    let unreachable = |cause: String| DbError::Unreachable { address: address.to_string(), cause };
    let refused = |cause: String, what: &'static str| DbError::Login {
        address: address.to_string(),
        cause,
        what,
    };
    let Some(server) = error.as_db_error() else {
        let cause = gateways::chain(error);
        // The driver has no kinds for these.
        if cause.ends_with(NO_WRITES) {
            return DbError::ReadOnly(format!("{address}: {NO_WRITES}"));
        }
        return match ADVICE.iter().find(|(words, _)| cause.contains(words)) {
            Some((_, what)) => refused(cause, what),
            None => unreachable(cause),
        };
    };
    let no_session = |cause: String, what: &'static str| DbError::NoSession {
        address: address.to_string(),
        cause,
        what,
    };
    let cause = said(server, server.detail());
    match *server.code() {
        SqlState::INVALID_PASSWORD => {
            refused(cause, "correct the password in server.database or server.database_password")
        }
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            refused(cause, "correct the user, or allow the login in pg_hba.conf")
        }
        SqlState::INVALID_CATALOG_NAME => {
            refused(cause, "create the database, or correct its name")
        }
        SqlState::INSUFFICIENT_PRIVILEGE => refused(
            cause,
            "grant CONNECT on the database, or set nothing in `options` of server.database that the role may not set",
        ),
        SqlState::UNDEFINED_OBJECT
        | SqlState::INVALID_PARAMETER_VALUE
        | SqlState::SYNTAX_ERROR
        | SqlState::CANT_CHANGE_RUNTIME_PARAM => {
            refused(cause, "correct `options` in server.database")
        }
        SqlState::DISK_FULL => DbError::DiskFull(format!("{address}: {cause}")),
        // Some of the server's messages have no code of their own.
        _ if server.message().contains(NO_SPACE) => {
            DbError::DiskFull(format!("{address}: {cause}"))
        }
        SqlState::CANNOT_CONNECT_NOW => {
            no_session(cause, "wait until it has started; its own log says what it does")
        }
        SqlState::TOO_MANY_CONNECTIONS => DbError::Busy(format!(
            "{address}: {cause}; each instance opens server.database_connections and one more: lower it, run fewer instances, or raise max_connections of the server or the CONNECTION LIMIT of the role or the database"
        )),
        _ => no_session(cause, "its own log says more; is its volume full?"),
    }
}

/// The system's words for a full disk, which the server repeats.
const NO_SPACE: &str = "No space left on device";
/// The driver's words for a server without writes, which `target_session_attrs` refuses.
const NO_WRITES: &str = "database does not allow writes";
/// Words of the driver and of its TLS, and the operator's next step.
const ADVICE: [(&str, &str); 3] = [
    ("password missing", "set server.database_password"),
    (
        "server does not support TLS",
        "switch `ssl` on at the server; or, if nobody else can read the way to it, add sslmode=disable to server.database",
    ),
    (
        "invalid peer certificate",
        "name the certificate of its authority as sslrootcert in server.database, or correct the host, which the certificate must have",
    ),
];
