//! Sorting Alipay's errors by blame (gateways.md B4, B7).

use super::GATEWAY;
use crate::GatewayError;
use crate::http::Reply;

/// The members that every response node may have.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Head {
    pub(super) code: String,
    pub(super) msg: String,
    pub(super) sub_code: Option<String>,
    pub(super) sub_msg: Option<String>,
}

impl Head {
    /// The sub code without its family (`ACQ.`, `aop.ACQ.`, `AQC.`).
    pub(super) fn reason(&self) -> &str {
        let sub_code = self.sub_code.as_deref().unwrap_or_default();
        sub_code.rsplit_once('.').map_or(sub_code, |(_, reason)| reason)
    }
}

/// Names an answer that is no success.
pub(super) fn classify(head: Head, status: u16, request_id: Option<String>) -> GatewayError {
    let gateway = GATEWAY;
    let sub_code = head.sub_code.as_deref().unwrap_or_default();
    let is_isv = sub_code.starts_with("isv.");
    let kind = match (head.code.as_str(), head.reason()) {
        ("20000", _) | (_, "SYSTEM_ERROR") => Kind::Unavailable,
        _ if sub_code.starts_with("isp.") => Kind::Unavailable,
        ("40005", _) | (_, "app-call-limited" | "method-call-limited") => Kind::RateLimited,
        (_, "TRADE_HAS_SUCCESS" | "TRADE_HAS_FINISHED") => Kind::AlreadyPaid,
        (_, "TRADE_HAS_CLOSE") => Kind::OrderClosed,
        (_, "CONTEXT_INCONSISTENT") => Kind::OrderMismatch,
        (_, "ACCESS_FORBIDDEN" | "PARTNER_ERROR") => Kind::Misconfigured,
        ("20001" | "40001" | "40002" | "40003" | "40006", _) => Kind::Misconfigured,
        _ if is_isv => Kind::Misconfigured,
        _ => Kind::Rejected,
    };
    let message = head.sub_msg.filter(|text| !text.is_empty()).unwrap_or(head.msg);
    let code = head.sub_code.filter(|text| !text.is_empty()).unwrap_or(head.code);
    match kind {
        Kind::Unavailable => {
            GatewayError::Unavailable { gateway, status, code, message, request_id }
        }
        Kind::RateLimited => {
            GatewayError::RateLimited { gateway, status, code, message, request_id }
        }
        Kind::AlreadyPaid => {
            GatewayError::AlreadyPaid { gateway, status, code, message, request_id }
        }
        Kind::OrderClosed => {
            GatewayError::OrderClosed { gateway, status, code, message, request_id }
        }
        Kind::OrderMismatch => {
            GatewayError::OrderMismatch { gateway, status, code, message, request_id }
        }
        Kind::Misconfigured => {
            GatewayError::Misconfigured { gateway, status, code, message, request_id }
        }
        Kind::Rejected => GatewayError::Rejected { gateway, status, code, message, request_id },
    }
}

/// Names an HTTP status: Alipay itself always says 200, so this is something before it.
pub(super) fn of_status(reply: &Reply) -> GatewayError {
    let (gateway, status, request_id) = (GATEWAY, reply.status.as_u16(), request_id(reply));
    let (code, message) = (format!("HTTP_{status}"), String::new());
    match status {
        429 => GatewayError::RateLimited { gateway, status, code, message, request_id },
        500.. => GatewayError::Unavailable { gateway, status, code, message, request_id },
        _ => GatewayError::Rejected { gateway, status, code, message, request_id },
    }
}

/// The platform's number of this exchange.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("trace_id").or_else(|| reply.header("alipay-trace-id")).map(str::to_owned)
}

/// `ring`, serde or the calendar failed on our side, which no input should cause.
pub(super) fn cannot_sign() -> GatewayError {
    GatewayError::Misconfigured {
        gateway: GATEWAY,
        status: 0,
        code: "cannot_sign".to_owned(),
        message: "this server could not sign the request; nothing was sent".to_owned(),
        request_id: None,
    }
}

enum Kind {
    Unavailable,
    RateLimited,
    AlreadyPaid,
    OrderClosed,
    OrderMismatch,
    Misconfigured,
    Rejected,
}
