//! What went wrong in a call to a gateway, sorted by blame.

use std::fmt;

use crate::SignatureError;

/// One of the two payment platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gateway {
    /// Alipay's `gateway.do`.
    Alipay,
    /// WeChat Pay API v3.
    WechatPay,
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alipay => "Alipay",
            Self::WechatPay => "WeChat Pay",
        })
    }
}

/// A failed call. Ask [`is_outcome_unknown`](Self::is_outcome_unknown) before doing it over.
///
/// `request_id` is the number the gateway's support asks for; codes and messages are the
/// gateway's own and are for logs, not for shoppers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Ours: the order breaks a rule of the gateway; nothing was sent.
    #[error("order field `{field}` {problem}")]
    InvalidOrder {
        /// The field of [`Order`](crate::Order) or [`RefundOrder`](crate::RefundOrder).
        field: &'static str,
        /// The rule it breaks.
        problem: &'static str,
    },
    /// Network: no connection was made, so nothing was sent.
    #[error("{gateway} cannot be reached: {cause}")]
    Unreachable {
        /// Whom we called.
        gateway: Gateway,
        /// The connection's error.
        cause: String,
    },
    /// Network: no complete answer in time; the call may have worked.
    #[error("{gateway} did not answer within {after_ms} ms")]
    TimedOut {
        /// Whom we called.
        gateway: Gateway,
        /// The limit, in milliseconds.
        after_ms: u64,
    },
    /// Network: the connection broke after it was made; the call may have worked.
    #[error("the connection to {gateway} broke: {cause}")]
    Interrupted {
        /// Whom we called.
        gateway: Gateway,
        /// The connection's error.
        cause: String,
    },
    /// Gateway: it says success, but nothing proves that it is the gateway speaking.
    #[error("{gateway} answered, but not verifiably: {cause}")]
    Unverified {
        /// Whom we called.
        gateway: Gateway,
        /// Why the signature is not believed.
        cause: SignatureError,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// Gateway: the answer is not what the documents promise.
    #[error("{gateway} answered something else than documented: {cause}")]
    Malformed {
        /// Whom we called.
        gateway: Gateway,
        /// What was found; never the body.
        cause: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// Gateway: it failed inside, or wants the call repeated; the call may have worked.
    #[error("{gateway} is unavailable ({code}): {message}")]
    Unavailable {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// Gateway: too many calls. Back off.
    #[error("{gateway} limits our calls ({code}): {message}")]
    RateLimited {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The order is paid already. Query it.
    #[error("{gateway} says the order is paid already ({code}): {message}")]
    AlreadyPaid {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The order number is closed. Use a new one.
    #[error("{gateway} says the order is closed ({code}): {message}")]
    OrderClosed {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The order or refund number was first used with other parameters. Query it, then decide.
    #[error("{gateway} knows this number with other parameters ({code}): {message}")]
    OrderMismatch {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The merchant's balance does not cover a refund. Tell the operator to top it up, then repeat
    /// the identical refund with the same number (gateways.md A4.2).
    #[error("{gateway} says the merchant's balance is too low ({code}): {message}")]
    InsufficientBalance {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// Ours: keys, ids, contract or clock are wrong. No retry helps; tell the operator.
    #[error("{gateway} refuses our configuration ({code}): {message}")]
    Misconfigured {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text, and our clock's skew in seconds where that is the cause.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The gateway says no for a reason of its own (risk control, limits, a bad field).
    #[error("{gateway} rejected the call ({status} {code}): {message}")]
    Rejected {
        /// Whom we called.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code.
        code: String,
        /// The gateway's text.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
}

impl GatewayError {
    /// Whether the call may have taken effect all the same.
    ///
    /// If so, query the order or the refund before anything else (gateways.md G3.3).
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_foreign()
            || matches!(
                self,
                Self::TimedOut { .. }
                    | Self::Interrupted { .. }
                    | Self::Unverified { .. }
                    | Self::Malformed { .. }
                    | Self::Unavailable { .. }
            )
    }

    /// True if an HTTP status is all that was answered: a refusal by something before the gateway,
    /// such as a proxy or a firewall, which does not know what the gateway made of the call.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Rejected { code, .. } if code.starts_with("HTTP_"))
    }

    /// Whether the identical call may work later. Orders and refunds of both gateways are
    /// idempotent by their numbers, so repeating them is safe.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::Interrupted { .. }
                | Self::Unverified { .. }
                | Self::Unavailable { .. }
                | Self::RateLimited { .. }
                | Self::InsufficientBalance { .. }
        )
    }

    /// The gateway's own code where it gave one, else ours in lower case.
    pub fn code(&self) -> &str {
        match self {
            Self::InvalidOrder { .. } => "invalid_order",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Interrupted { .. } => "interrupted",
            Self::Unverified { .. } => "unverified",
            Self::Malformed { .. } => "malformed",
            Self::Unavailable { code, .. }
            | Self::RateLimited { code, .. }
            | Self::AlreadyPaid { code, .. }
            | Self::OrderClosed { code, .. }
            | Self::OrderMismatch { code, .. }
            | Self::InsufficientBalance { code, .. }
            | Self::Misconfigured { code, .. }
            | Self::Rejected { code, .. } => code,
        }
    }

    /// The gateway's number of this exchange, for its support and for our logs.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::InvalidOrder { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. } => None,
            Self::Unverified { request_id, .. }
            | Self::Malformed { request_id, .. }
            | Self::Unavailable { request_id, .. }
            | Self::RateLimited { request_id, .. }
            | Self::AlreadyPaid { request_id, .. }
            | Self::OrderClosed { request_id, .. }
            | Self::OrderMismatch { request_id, .. }
            | Self::InsufficientBalance { request_id, .. }
            | Self::Misconfigured { request_id, .. }
            | Self::Rejected { request_id, .. } => request_id.as_deref(),
        }
    }
}
