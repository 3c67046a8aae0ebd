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
