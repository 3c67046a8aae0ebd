use contract::openapi::CODES;

use super::*;

#[test]
fn the_document_has_the_status_and_type_of_every_code() {
    let errors = [
        Error::Malformed(String::new()),
        Error::parameter("limit", ""),
        Error::IdempotencyKey,
        Error::IdempotencyReused,
        Error::InProgress,
        Error::ClientSecret,
        Error::ClientSecretExpired,
        Error::SecretKey,
        Error::SessionNotFound,
        Error::SessionClosed(SessionStatus::Expired),
        Error::OrderPaid,
        Error::ClientSecretLost,
        Error::RefundNotFound,
        Error::EventNotFound,
        Error::OrderNotFound,
        Error::ReconciliationNotFound,
        Error::NotRefundable(RefundRefusal::NotSucceeded),
        Error::NotRefundable(RefundRefusal::TooMuch { left: 1 }),
        Error::PaymentNotFound,
        Error::PaymentClosed,
        Error::MethodUnavailable,
        Error::FlowUnavailable,
        Error::StillOpen,
        Error::RateLimited { retry_after_s: 1 },
        Error::GatewayUnavailable,
        Error::GatewayRejected,
        Error::BodyTooLarge { limit_bytes: 1 },
        Error::TimedOut,
        Error::Internal(String::new()),
    ];
    for code in CODES {
        let error = errors.iter().find(|error| error.code() == code.code);
        let kind = error.unwrap_or_else(|| panic!("no error answers {}", code.code)).kind();
        let documented = (code.status, code.error_type, code.is_retryable);
        let answered = (kind.status.as_u16(), kind.error_type, kind.is_retryable);
        assert_eq!(documented, answered, "{}", code.code);
    }
}

#[test]
fn a_full_disk_is_answered_like_a_database_that_is_away() {
    let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    let text = Some("database or disk is full".to_owned());
    for error in [
        DbError::DiskFull("could not extend file (SQLSTATE 53100)".to_owned()),
        DbError::Sqlite(rusqlite::Error::SqliteFailure(full, text)),
    ] {
        let response = Error::Db(error).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[http::header::RETRY_AFTER], "2");
        let problem = &response.extensions().get::<PendingProblem>().unwrap().problem;
        assert_eq!((problem.code.as_str(), problem.retryable), (code::REQUEST_TIMED_OUT, true));
        assert_eq!(
            problem.detail,
            "the disk of the database is full; send the same request again after Retry-After"
        );
    }
}
