//! Failures, by the party that must act.

use contract::{ErrorType, Problem, code};

/// A request or an action that failed, as the page's author will see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The party that must act.
    pub error_type: ErrorType,
    /// A stable code of [`contract::code`].
    pub code: String,
    /// English, for the developer. The shopper's words are chosen by `code`.
    pub message: String,
    /// True if the same request may succeed later.
    pub retryable: bool,
    /// Finds the request in the backend's log.
    pub request_id: String,
    /// The backend's `Retry-After`, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Fault {
    /// A fault that this side noticed by itself.
    #[must_use]
    pub fn new(error_type: ErrorType, code: &'static str, message: &str) -> Self {
        let retryable = matches!(error_type, ErrorType::ApiConnection);
        Self {
            error_type,
            code: code.to_owned(),
            message: message.to_owned(),
            retryable,
            request_id: String::new(),
            retry_after_ms: None,
        }
    }

    /// The backend could not be reached.
    #[must_use]
    pub fn connection() -> Self {
        Self::new(
            ErrorType::ApiConnection,
            code::CONNECTION_FAILED,
            "the backend at api-base could not be reached; check the address, its allowed_origins (CORS), the page's connect-src, and the network",
        )
    }

    /// The backend did not answer in time.
    #[must_use]
    pub fn timed_out() -> Self {
        Self::new(
            ErrorType::ApiConnection,
            code::ANSWER_TIMED_OUT,
            "the backend at api-base did not answer in time",
        )
    }

    /// A success answer that is not what the merchant API speaks. `reason` says which member is
    /// wrong, as in "missing field `created_at`", or that the answer is no JSON at all.
    #[must_use]
    pub fn unreadable(reason: &str) -> Self {
        let message = format!("the answer is not the merchant API's JSON ({reason})");
        Self { retryable: true, message, ..Self::new(ErrorType::Api, code::ANSWER_UNREADABLE, "") }
    }

    /// An error answer without a problem document: a proxy, a firewall or a captive portal has
    /// answered, not the merchant API. It proves nothing about the secret, so 401 and 403 can
    /// be tried again.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let (error_type, retryable) = match status {
            401 | 403 | 407 => (ErrorType::Api, true),
            408 | 429 => (ErrorType::RateLimit, true),
            400..=499 => (ErrorType::InvalidRequest, false),
            _ => (ErrorType::Api, true),
        };
        let message = format!(
            "the backend answered with status {status} and no problem document; check api-base"
        );
        Self { retryable, ..Self::new(error_type, code::ANSWER_FAILED, &message) }
    }

    /// An error answer with its problem document.
    #[must_use]
    pub fn problem(problem: Problem) -> Self {
        let error_type = match (problem.error_type(), problem.status) {
            (ErrorType::Unknown, 401 | 403) => ErrorType::Authentication,
            (ErrorType::Unknown, status) => Self::status(status).error_type,
            (known, _) => known,
        };
        Self {
            error_type,
            code: problem.code,
            message: problem.detail,
            retryable: problem.retryable,
            request_id: problem.request_id,
            retry_after_ms: None,
        }
    }

    /// The same fault with the backend's `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, ms: Option<u64>) -> Self {
        self.retry_after_ms = ms;
        self
    }

    /// True if the secret was refused, so that nothing can be asked any more.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        matches!(self.error_type, ErrorType::Authentication)
    }
}
