//! Errors of a call to a gateway, by the party that must act.

use std::fmt;

use crate::SignatureError;
use crate::order::{Limit, shortened};

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

/// The error of a failed call. Check [`is_outcome_unknown`](Self::is_outcome_unknown) before a retry.
///
/// `request_id` is the number that the gateway's support asks for; codes and messages are the
/// gateway's own and are for logs, not for shoppers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The order breaks a rule of the gateway; nothing was sent.
    #[error("order field `{field}` {problem}")]
    InvalidOrder {
        /// The field of [`Order`](crate::Order) or [`RefundOrder`](crate::RefundOrder).
        field: &'static str,
        /// The rule it breaks.
        problem: &'static str,
    },
    /// This server cannot make the call; nothing was sent. No retry helps; notify the operator.
    #[error("{gateway} cannot be called ({code}): {problem}; nothing was sent")]
    NotSent {
        /// The gateway of the call.
        gateway: Gateway,
        /// A code of this crate, in lower case.
        code: &'static str,
        /// The missing or failed requirement.
        problem: &'static str,
    },
    /// No connection was made, so nothing was sent.
    #[error("{gateway} cannot be reached: {cause}")]
    Unreachable {
        /// The gateway of the call.
        gateway: Gateway,
        /// The connection's error.
        cause: String,
    },
    /// No complete answer in time; the call may have worked.
    #[error("{gateway} did not answer within {after_ms} ms")]
    TimedOut {
        /// The gateway of the call.
        gateway: Gateway,
        /// The limit, in milliseconds.
        after_ms: u64,
    },
    /// The connection broke after it was made; the call may have worked.
    #[error("the connection to {gateway} broke: {cause}")]
    Interrupted {
        /// The gateway of the call.
        gateway: Gateway,
        /// The connection's error.
        cause: String,
    },
    /// The answer says success, but nothing proves that it comes from the gateway.
    #[error("{gateway} answered, but not verifiably: {cause}")]
    Unverified {
        /// The gateway of the call.
        gateway: Gateway,
        /// The reason for which the signature is not accepted.
        cause: SignatureError,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The answer differs from the gateway's documentation.
    #[error("{gateway} answered something else than documented: {cause}")]
    Malformed {
        /// The gateway of the call.
        gateway: Gateway,
        /// The difference; never the body.
        cause: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
    /// The gateway, or something before it, answered that the call did not succeed.
    #[error("{gateway} {kind} ({status} {code}): {message}")]
    Answered {
        /// The party that must act.
        kind: AnswerKind,
        /// The gateway of the call.
        gateway: Gateway,
        /// HTTP status.
        status: u16,
        /// The gateway's code; `HTTP_` and the status if it gave none.
        code: String,
        /// The gateway's text, and our clock's skew in seconds where that is the cause.
        message: String,
        /// The gateway's number of this exchange.
        request_id: Option<String>,
    },
}

/// Kinds of an answer that is no success, by what the caller does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerKind {
    /// An error inside the gateway, or a request to repeat the call; the call may have worked.
    Unavailable,
    /// Too many calls: back off.
    RateLimited,
    /// The order is paid already: query it.
    AlreadyPaid,
    /// The order number is closed: use a new one.
    OrderClosed,
    /// The order or refund number was first used with other parameters: query it, then decide.
    OrderMismatch,
    /// The merchant's balance does not cover a refund. Notify the operator, then repeat the
    /// identical refund with the same number (gateways.md A4.2).
    InsufficientBalance,
    /// Keys, ids, contract or clock are wrong. No retry helps; notify the operator.
    Misconfigured,
    /// Refused for another reason (risk control, limits, an invalid field).
    Rejected,
}

impl fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "is unavailable",
            Self::RateLimited => "limits our calls",
            Self::AlreadyPaid => "says that the order is paid already",
            Self::OrderClosed => "says that the order is closed",
            Self::OrderMismatch => "knows this number with other parameters",
            Self::InsufficientBalance => "says that the merchant's balance is too low",
            Self::Misconfigured => "refuses our configuration",
            Self::Rejected => "rejected the call",
        })
    }
}

impl GatewayError {
    /// True if the call may have taken effect in spite of the error.
    ///
    /// If so, query the order or the refund before anything else (gateways.md G3.3).
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_foreign()
            || self.kind() == Some(AnswerKind::Unavailable)
            || matches!(
                self,
                Self::TimedOut { .. }
                    | Self::Interrupted { .. }
                    | Self::Unverified { .. }
                    | Self::Malformed { .. }
            )
    }

    /// True if the answer is only an HTTP status: a refusal by a proxy or a firewall before the
    /// gateway, which does not know the gateway's outcome of the call.
    pub fn is_foreign(&self) -> bool {
        self.kind() == Some(AnswerKind::Rejected) && self.code().starts_with("HTTP_")
    }

    /// True if the identical call may work later. Orders and refunds of both gateways are
    /// idempotent by their numbers, so repeating them is safe.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::Interrupted { .. }
                | Self::Unverified { .. }
        ) || matches!(
            self.kind(),
            Some(
                AnswerKind::Unavailable | AnswerKind::RateLimited | AnswerKind::InsufficientBalance
            )
        )
    }

    /// True if the operator must correct the configuration, the contract or the clock.
    pub fn is_misconfiguration(&self) -> bool {
        matches!(self, Self::NotSent { .. }) || self.kind() == Some(AnswerKind::Misconfigured)
    }

    /// Returns the kind of the answer, if the gateway answered at all.
    pub fn kind(&self) -> Option<AnswerKind> {
        match self {
            Self::Answered { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// Returns the gateway's own code where it gave one, else ours in lower case.
    pub fn code(&self) -> &str {
        match self {
            Self::InvalidOrder { .. } => "invalid_order",
            Self::NotSent { code, .. } => code,
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Interrupted { .. } => "interrupted",
            Self::Unverified { .. } => "unverified",
            Self::Malformed { .. } => "malformed",
            Self::Answered { code, .. } => code,
        }
    }

    /// Returns the gateway's number of this exchange, for its support and for our logs.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::InvalidOrder { .. }
            | Self::NotSent { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. } => None,
            Self::Unverified { request_id, .. }
            | Self::Malformed { request_id, .. }
            | Self::Answered { request_id, .. } => request_id.as_deref(),
        }
    }

    /// `ring`, serde or the calendar failed, which no input should cause.
    pub(crate) fn cannot_sign(gateway: Gateway) -> Self {
        let problem = "this server could not sign the request";
        Self::NotSent { gateway, code: "cannot_sign", problem }
    }
}

/// Returns a gateway's code, cut to our own limit: it goes to logs, the database and webhooks.
pub(crate) fn short_code(text: &str) -> String {
    shortened(text, &[], Limit::Chars(128))
}

/// Returns a gateway's message, cut to our own limit: it goes to logs.
pub(crate) fn short_message(text: &str) -> String {
    shortened(text, &[], Limit::Chars(512))
}
