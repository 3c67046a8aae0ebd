//! The codes of problems: status, type, and which calls may answer with them.

use serde_json::Value;

use crate::{ErrorType, PROBLEM_TYPE_PREFIX, Problem, code};

/// A code of a problem, as the backend answers it.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The type of error.
    pub error_type: ErrorType,
    /// True if the same request may succeed later.
    pub is_retryable: bool,
    /// What it says.
    pub meaning: &'static str,
}

impl Code {
    pub(super) fn example(&self) -> Value {
        let problem = Problem {
            kind: format!("{PROBLEM_TYPE_PREFIX}{}", self.error_type.as_str()),
            title: "A short summary".to_owned(),
            status: self.status,
            detail: self.meaning.to_owned(),
            code: self.code.to_owned(),
            retryable: self.is_retryable,
            request_id: "req_5f3a9c27d1e84b60".to_owned(),
        };
        serde_json::to_value(problem).unwrap_or_default()
    }
}

pub(super) const OF_BROWSER_CALLS: &[&str] = &[
    code::REQUEST_MALFORMED,
    code::CLIENT_SECRET_INVALID,
    code::CLIENT_SECRET_EXPIRED,
    code::RATE_LIMITED,
    code::INTERNAL,
    code::REQUEST_TIMED_OUT,
];
pub(super) const OF_MERCHANT_CALLS: &[&str] = &[
    code::REQUEST_MALFORMED,
    code::SECRET_KEY_INVALID,
    code::RATE_LIMITED,
    code::INTERNAL,
    code::REQUEST_TIMED_OUT,
];
pub(super) const OF_SHARED_CALLS: &[&str] = &[
    code::REQUEST_MALFORMED,
    code::CLIENT_SECRET_INVALID,
    code::CLIENT_SECRET_EXPIRED,
    code::SECRET_KEY_INVALID,
    code::RATE_LIMITED,
    code::INTERNAL,
    code::REQUEST_TIMED_OUT,
];

/// Every code that a documented call answers with.
pub const CODES: &[Code] = &[
    invalid(
        400,
        code::REQUEST_MALFORMED,
        "the path, a header, the query or the JSON is not well formed, or has a member that is not known",
    ),
    invalid(
        400,
        code::PARAMETER_INVALID,
        "a member has a value that is not allowed; `detail` names it",
    ),
    invalid(
        400,
        code::IDEMPOTENCY_KEY_INVALID,
        "the header `Idempotency-Key` is missing, or is not 1 to 255 visible ASCII characters",
    ),
    invalid(
        400,
        code::PAYMENT_METHOD_UNAVAILABLE,
        "the session does not offer this payment method",
    ),
    invalid(
        400,
        code::FLOW_UNAVAILABLE,
        "this payment method cannot be paid in this way in this environment",
    ),
    kind(
        401,
        code::CLIENT_SECRET_INVALID,
        ErrorType::Authentication,
        false,
        "the client secret is missing or not this session's",
    ),
    kind(
        401,
        code::CLIENT_SECRET_EXPIRED,
        ErrorType::Authentication,
        false,
        "the session ended more than thirty days ago",
    ),
    kind(
        401,
        code::SECRET_KEY_INVALID,
        ErrorType::Authentication,
        false,
        "the secret key is missing or wrong",
    ),
    invalid(404, code::SESSION_NOT_FOUND, "there is no such session"),
    invalid(404, code::PAYMENT_NOT_FOUND, "there is no such payment"),
    invalid(404, code::REFUND_NOT_FOUND, "there is no such refund"),
    invalid(404, code::EVENT_NOT_FOUND, "there is no such event"),
    invalid(404, code::ORDER_NOT_FOUND, "no session was opened for this order"),
    invalid(404, code::RECONCILIATION_NOT_FOUND, "no bill of that day was compared"),
    kind(
        409,
        code::IDEMPOTENCY_KEY_REUSED,
        ErrorType::Idempotency,
        false,
        "the key was used before with another body",
    ),
    kind(
        409,
        code::IDEMPOTENCY_IN_PROGRESS,
        ErrorType::Idempotency,
        true,
        "another request for the session is being carried out",
    ),
    invalid(409, code::SESSION_CLOSED, "the session is complete, expired or canceled"),
    invalid(409, code::PAYMENT_CLOSED, "the payment has ended"),
    kind(
        409,
        code::PAYMENT_STILL_OPEN,
        ErrorType::Api,
        true,
        "the payment that is under way could not be closed at its gateway yet; nothing new was started",
    ),
    invalid(409, code::ORDER_ALREADY_PAID, "the order is paid"),
    invalid(
        409,
        code::CLIENT_SECRET_LOST,
        "the session was opened under a signing key that is not configured any more",
    ),
    invalid(409, code::PAYMENT_NOT_REFUNDABLE, "the payment has not succeeded"),
    invalid(
        409,
        code::REFUND_EXCEEDS_PAYMENT,
        "the amount is more than what is left of the payment",
    ),
    invalid(413, code::BODY_TOO_LARGE, "the body is larger than 64 KiB"),
    kind(
        429,
        code::RATE_LIMITED,
        ErrorType::RateLimit,
        true,
        "too many requests; `Retry-After` says when",
    ),
    kind(500, code::INTERNAL, ErrorType::Api, true, "the backend failed"),
    kind(502, code::GATEWAY_REJECTED, ErrorType::Api, false, "the gateway refused the order"),
    kind(
        503,
        code::GATEWAY_UNAVAILABLE,
        ErrorType::Api,
        true,
        "the gateway could not be reached, or the outcome is not known",
    ),
    kind(
        503,
        code::REQUEST_TIMED_OUT,
        ErrorType::Api,
        true,
        "the request took too long to arrive or to be carried out",
    ),
];

const fn invalid(status: u16, code: &'static str, meaning: &'static str) -> Code {
    kind(status, code, ErrorType::InvalidRequest, false, meaning)
}

const fn kind(
    status: u16,
    code: &'static str,
    error_type: ErrorType,
    is_retryable: bool,
    meaning: &'static str,
) -> Code {
    Code { code, status, error_type, is_retryable, meaning }
}
