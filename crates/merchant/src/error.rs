//! Every error that an answer can carry, and its problem document.
//!
//! Causes stay here, in the log and on an operator's command line; the answer has a code, a sentence
//! and the request's id.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use contract::{ErrorType, PROBLEM_TYPE_PREFIX, Problem, SessionStatus, code};
use http::StatusCode;

use crate::db::DbError;
use crate::identity::MissingIdentity;
use crate::rules::{RefundRefusal, Refusal};

/// The reason for which a call was refused or failed, with its cause. [`Error::detail`] is the
/// sentence of an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Malformed(String),
    #[error("`{name}` {reason}")]
    Parameter { name: &'static str, reason: String },
    #[error("send an `Idempotency-Key` header of 1 to 255 visible ASCII characters")]
    IdempotencyKey,
    #[error(
        "this Idempotency-Key was used before with another body; use a new key for a new request"
    )]
    IdempotencyReused,
    #[error("another request for this session is being carried out; send the same request again")]
    InProgress,
    #[error("the Authorization header must be `Bearer` and this session's client secret")]
    ClientSecret,
    #[error(
        "the client secret's time is over; open a new session if the order is still to be paid"
    )]
    ClientSecretExpired,
    #[error("the Authorization header must be `Bearer` and the merchant's secret key")]
    SecretKey,
    #[error("there is no such session")]
    SessionNotFound,
    #[error("the session is {0}; no payment can be started or renewed")]
    SessionClosed(SessionStatus),
    #[error(
        "the order is paid; use another order_id for another order, or list its sessions with ?order_id="
    )]
    OrderPaid,
    #[error(
        "the session was opened under a signing key that is not configured any more; add it to server.signing_key, or open the session under another Idempotency-Key"
    )]
    ClientSecretLost,
    #[error("there is no such refund")]
    RefundNotFound,
    #[error("there is no such event; delivered events are kept for eight days")]
    EventNotFound,
    #[error("no session was opened for this order")]
    OrderNotFound,
    #[error("no bill of that day was compared; a day's bills come the next day at ten in China")]
    ReconciliationNotFound,
    #[error("{}", refund_refusal(.0))]
    NotRefundable(RefundRefusal),
    #[error("there is no such payment in this session")]
    PaymentNotFound,
    #[error("there is no such payment")]
    RefundPaymentNotFound,
    #[error("the payment has ended; start a new one")]
    PaymentClosed,
    #[error("this payment method is not offered for this session")]
    MethodUnavailable,
    #[error(
        "this flow cannot be done with this payment method here; leave `flow` out to let the backend choose"
    )]
    FlowUnavailable,
    #[error(
        "the payment that is under way could not be closed at its gateway yet; nothing new was started, try again"
    )]
    StillOpen,
    #[error("too many requests; wait as long as Retry-After says")]
    RateLimited { retry_after_s: u32 },
    #[error(
        "the gateway could not be reached or did not say how the request ended; send the same request again"
    )]
    GatewayUnavailable,
    /// An order's identity is not configured. The answer is the same as for an unavailable gateway:
    /// the payment does not change, and the operator must act.
    #[error("{0}")]
    MissingIdentity(MissingIdentity),
    /// A gateway's bill, for which no request waits.
    #[error("the bill could not be fetched: {0}; `merchant reconcile` tries again")]
    Bill(String),
    #[error("the gateway refused the order")]
    GatewayRejected,
    #[error("the body is larger than {limit_bytes} bytes")]
    BodyTooLarge { limit_bytes: usize },
    #[error("there is nothing at this path")]
    NotFound,
    #[error("this path does not know this method")]
    MethodNotAllowed,
    #[error("the request took too long to arrive or to be carried out; send it again")]
    TimedOut,
    #[error("the signature of the gateway is wrong or missing")]
    NotificationUnverified,
    #[error("the notification is about nothing of ours, or contradicts what was ordered")]
    NotificationRefused,
    #[error("{0}")]
    Db(#[from] DbError),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// An invalid member of a request.
    pub(crate) fn parameter(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Parameter { name, reason: reason.into() }
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Internal(format!("the system returned no random bytes: {error}"))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::KeyReused => Self::IdempotencyReused,
            Refusal::SessionClosed(status) => Self::SessionClosed(status),
            Refusal::PaymentClosed => Self::PaymentClosed,
            Refusal::StillOpen => Self::StillOpen,
            Refusal::OtherActive => Self::InProgress,
            Refusal::OrderPaid => Self::OrderPaid,
            Refusal::GatewayUnavailable => Self::GatewayUnavailable,
            Refusal::GatewayRejected => Self::GatewayRejected,
            Refusal::OutOfStep => {
                Self::Internal("a step was answered with another step's answer".to_owned())
            }
        }
    }
}

/// The problem document's members for a kind of error.
struct Kind {
    status: StatusCode,
    error_type: ErrorType,
    code: &'static str,
    title: &'static str,
    is_retryable: bool,
}

/// An unfinished problem: the request layer adds the request's id and writes the body.
#[derive(Clone, Debug)]
pub(crate) struct PendingProblem {
    pub(crate) problem: Problem,
    /// For the log only.
    pub(crate) cause: Option<String>,
    /// True if the log has the cause already.
    pub(crate) is_logged: bool,
}

impl Error {
    /// The stable code of the problem.
    pub(crate) fn code(&self) -> &'static str {
        self.kind().code
    }

    /// True if the call failed in an outage of the database, which has its own lines in the log.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(self, Self::Db(error) if error.outage().is_some())
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind().status
    }

    /// Returns the cause, for the log only.
    pub(crate) fn cause(&self) -> Option<String> {
        match self {
            Self::Db(_) | Self::Internal(_) | Self::MissingIdentity(_) | Self::Bill(_) => {
                Some(self.to_string())
            }
            _ => None,
        }
    }

    /// Returns the sentence of the answer, without a cause.
    fn detail(&self) -> String {
        match self {
            Self::Db(error) if error.is_disk_full() => {
                "the disk of the database is full; send the same request again after Retry-After"
                    .to_owned()
            }
            Self::Db(error) if error.is_temporary() => {
                "the database is not available now; send the same request again after Retry-After"
                    .to_owned()
            }
            Self::Db(DbError::Damaged(_)) => {
                "the backend's database is damaged; its operator must restore a backup".to_owned()
            }
            Self::Db(_) | Self::Internal(_) => {
                "the backend failed; the request's id finds the cause in its log".to_owned()
            }
            Self::MissingIdentity(_) | Self::Bill(_) => {
                "the gateway cannot be asked about this payment now; send the same request again later"
                    .to_owned()
            }
            error => error.to_string(),
        }
    }

    fn kind(&self) -> Kind {
        use ErrorType as T;
        let kind = |status, error_type, code, title, is_retryable| Kind {
            status,
            error_type,
            code,
            title,
            is_retryable,
        };
        let invalid = |status, code, title| kind(status, T::InvalidRequest, code, title, false);
        match self {
            Self::Malformed(_) => invalid(
                StatusCode::BAD_REQUEST,
                code::REQUEST_MALFORMED,
                "The request is not well formed",
            ),
            Self::Parameter { .. } => {
                invalid(StatusCode::BAD_REQUEST, code::PARAMETER_INVALID, "A value cannot be used")
            }
            Self::IdempotencyKey => invalid(
                StatusCode::BAD_REQUEST,
                code::IDEMPOTENCY_KEY_INVALID,
                "The idempotency key is missing or wrong",
            ),
            Self::IdempotencyReused => kind(
                StatusCode::CONFLICT,
                T::Idempotency,
                code::IDEMPOTENCY_KEY_REUSED,
                "The idempotency key belongs to another request",
                false,
            ),
            Self::InProgress => kind(
                StatusCode::CONFLICT,
                T::Idempotency,
                code::IDEMPOTENCY_IN_PROGRESS,
                "A request is being carried out",
                true,
            ),
            Self::ClientSecret => kind(
                StatusCode::UNAUTHORIZED,
                T::Authentication,
                code::CLIENT_SECRET_INVALID,
                "The client secret is missing or wrong",
                false,
            ),
            Self::ClientSecretExpired => kind(
                StatusCode::UNAUTHORIZED,
                T::Authentication,
                code::CLIENT_SECRET_EXPIRED,
                "The client secret has expired",
                false,
            ),
            Self::SecretKey => kind(
                StatusCode::UNAUTHORIZED,
                T::Authentication,
                code::SECRET_KEY_INVALID,
                "The secret key is missing or wrong",
                false,
            ),
            Self::SessionNotFound => {
                invalid(StatusCode::NOT_FOUND, code::SESSION_NOT_FOUND, "No such session")
            }
            Self::SessionClosed(_) => {
                invalid(StatusCode::CONFLICT, code::SESSION_CLOSED, "The session is closed")
            }
            Self::ClientSecretLost => invalid(
                StatusCode::CONFLICT,
                code::CLIENT_SECRET_LOST,
                "The client secret is not known any more",
            ),
            Self::OrderPaid => {
                invalid(StatusCode::CONFLICT, code::ORDER_ALREADY_PAID, "The order is paid")
            }
            Self::PaymentNotFound | Self::RefundPaymentNotFound => {
                invalid(StatusCode::NOT_FOUND, code::PAYMENT_NOT_FOUND, "No such payment")
            }
            Self::RefundNotFound => {
                invalid(StatusCode::NOT_FOUND, code::REFUND_NOT_FOUND, "No such refund")
            }
            Self::EventNotFound => {
                invalid(StatusCode::NOT_FOUND, code::EVENT_NOT_FOUND, "No such event")
            }
            Self::OrderNotFound => {
                invalid(StatusCode::NOT_FOUND, code::ORDER_NOT_FOUND, "No such order")
            }
            Self::ReconciliationNotFound => invalid(
                StatusCode::NOT_FOUND,
                code::RECONCILIATION_NOT_FOUND,
                "No such reconciliation",
            ),
            Self::NotRefundable(RefundRefusal::TooLittle) => {
                invalid(StatusCode::BAD_REQUEST, code::PARAMETER_INVALID, "A value cannot be used")
            }
            Self::NotRefundable(RefundRefusal::NotSucceeded) => invalid(
                StatusCode::CONFLICT,
                code::PAYMENT_NOT_REFUNDABLE,
                "The payment cannot be refunded",
            ),
            Self::NotRefundable(RefundRefusal::TooMuch { .. }) => invalid(
                StatusCode::CONFLICT,
                code::REFUND_EXCEEDS_PAYMENT,
                "More than is left of the payment",
            ),
            Self::PaymentClosed => {
                invalid(StatusCode::CONFLICT, code::PAYMENT_CLOSED, "The payment has ended")
            }
            Self::MethodUnavailable => invalid(
                StatusCode::BAD_REQUEST,
                code::PAYMENT_METHOD_UNAVAILABLE,
                "The payment method is not offered",
            ),
            Self::FlowUnavailable => invalid(
                StatusCode::BAD_REQUEST,
                code::FLOW_UNAVAILABLE,
                "The flow is not available",
            ),
            Self::StillOpen => kind(
                StatusCode::CONFLICT,
                T::Api,
                code::PAYMENT_STILL_OPEN,
                "A payment is still open",
                true,
            ),
            Self::RateLimited { .. } => kind(
                StatusCode::TOO_MANY_REQUESTS,
                T::RateLimit,
                code::RATE_LIMITED,
                "Too many requests",
                true,
            ),
            Self::GatewayUnavailable | Self::MissingIdentity(_) | Self::Bill(_) => kind(
                StatusCode::SERVICE_UNAVAILABLE,
                T::Api,
                code::GATEWAY_UNAVAILABLE,
                "The gateway is not available",
                true,
            ),
            Self::GatewayRejected => kind(
                StatusCode::BAD_GATEWAY,
                T::Api,
                code::GATEWAY_REJECTED,
                "The gateway refused",
                false,
            ),
            Self::BodyTooLarge { .. } => invalid(
                StatusCode::PAYLOAD_TOO_LARGE,
                code::BODY_TOO_LARGE,
                "The body is too large",
            ),
            Self::NotFound => {
                invalid(StatusCode::NOT_FOUND, code::NOT_FOUND, "Nothing at this path")
            }
            Self::MethodNotAllowed => invalid(
                StatusCode::METHOD_NOT_ALLOWED,
                code::METHOD_NOT_ALLOWED,
                "The method is not allowed here",
            ),
            Self::TimedOut => kind(
                StatusCode::SERVICE_UNAVAILABLE,
                T::Api,
                code::REQUEST_TIMED_OUT,
                "The request took too long",
                true,
            ),
            Self::NotificationUnverified => kind(
                StatusCode::BAD_REQUEST,
                T::Authentication,
                code::NOTIFICATION_UNVERIFIED,
                "The gateway's signature does not verify",
                false,
            ),
            Self::NotificationRefused => invalid(
                StatusCode::NOT_FOUND,
                code::NOTIFICATION_REFUSED,
                "The notification is refused",
            ),
            Self::Db(error) if error.is_temporary() => kind(
                StatusCode::SERVICE_UNAVAILABLE,
                T::Api,
                code::REQUEST_TIMED_OUT,
                "The database is not available",
                true,
            ),
            Self::Db(_) | Self::Internal(_) => kind(
                StatusCode::INTERNAL_SERVER_ERROR,
                T::Api,
                code::INTERNAL,
                "The backend failed",
                true,
            ),
        }
    }

    /// Returns the seconds for `Retry-After`, if a retry later may succeed.
    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after_s } => Some(*retry_after_s),
            Self::InProgress | Self::StillOpen | Self::GatewayUnavailable | Self::TimedOut => {
                Some(2)
            }
            Self::Db(error) if error.is_temporary() => Some(2),
            Self::MissingIdentity(_) => Some(60),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let kind = self.kind();
        let problem = Problem {
            kind: format!("{PROBLEM_TYPE_PREFIX}{}", kind.error_type.as_str()),
            title: kind.title.to_owned(),
            status: kind.status.as_u16(),
            detail: self.detail(),
            code: kind.code.to_owned(),
            retryable: kind.is_retryable,
            request_id: String::new(),
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = kind.status;
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        if kind.status == StatusCode::UNAUTHORIZED {
            let scheme = http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(http::header::WWW_AUTHENTICATE, scheme);
        }
        let (cause, is_logged) = (self.cause(), self.is_outage());
        response.extensions_mut().insert(PendingProblem { problem, cause, is_logged });
        response
    }
}

fn refund_refusal(refusal: &RefundRefusal) -> String {
    match refusal {
        RefundRefusal::NotSucceeded => {
            "only a payment that succeeded is refunded on request; late and second payments go back by themselves".to_owned()
        }
        RefundRefusal::TooLittle => "`amount` must be at least 1 fen".to_owned(),
        RefundRefusal::TooMuch { left: ..1 } => {
            "nothing is left of the payment, refunds under way taken off".to_owned()
        }
        RefundRefusal::TooMuch { left } => format!(
            "`amount` is more than the {left} fen that are left of the payment, refunds under way taken off"
        ),
    }
}

#[cfg(test)]
mod tests;
