//! Whose fault an answer is. Each gateway keeps its own table of codes; this is what they end in.

use crate::{Gateway, GatewayError};

/// The kinds of [`GatewayError`] that an answer of a gateway can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    Unavailable,
    RateLimited,
    AlreadyPaid,
    OrderClosed,
    Mismatch,
    InsufficientBalance,
    Misconfigured,
    Rejected,
}

impl GatewayError {
    /// The error that a gateway answered with.
    pub(crate) fn answered(
        blame: Blame,
        gateway: Gateway,
        status: u16,
        code: String,
        message: String,
        request_id: Option<String>,
    ) -> Self {
        match blame {
            Blame::Unavailable => Self::Unavailable { gateway, status, code, message, request_id },
            Blame::RateLimited => Self::RateLimited { gateway, status, code, message, request_id },
            Blame::AlreadyPaid => Self::AlreadyPaid { gateway, status, code, message, request_id },
            Blame::OrderClosed => Self::OrderClosed { gateway, status, code, message, request_id },
            Blame::Mismatch => Self::OrderMismatch { gateway, status, code, message, request_id },
            Blame::InsufficientBalance => {
                Self::InsufficientBalance { gateway, status, code, message, request_id }
            }
            Blame::Misconfigured => {
                Self::Misconfigured { gateway, status, code, message, request_id }
            }
            Blame::Rejected => Self::Rejected { gateway, status, code, message, request_id },
        }
    }

    /// `ring`, serde or the calendar failed on our side, which no input should cause.
    pub(crate) fn cannot_sign(gateway: Gateway) -> Self {
        Self::Misconfigured {
            gateway,
            status: 0,
            code: "cannot_sign".to_owned(),
            message: "this server could not sign the request; nothing was sent".to_owned(),
            request_id: None,
        }
    }
}
