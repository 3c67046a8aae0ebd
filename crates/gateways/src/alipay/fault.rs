//! Kinds of Alipay's error answers (gateways.md B4, B7).

use super::GATEWAY;
use crate::error::{short_code, short_message};
use crate::http::Reply;
use crate::{AnswerKind, GatewayError};

/// The method of refunds, whose codes have other meanings than those of orders.
pub(super) const REFUND: &str = "alipay.trade.refund";

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

/// Returns the error for an answer that is not a success.
pub(super) fn classify(
    method: &str,
    head: Head,
    status: u16,
    request_id: Option<String>,
) -> GatewayError {
    let sub_code = head.sub_code.as_deref().unwrap_or_default();
    let is_isv = sub_code.starts_with("isv.");
    let kind = match (head.code.as_str(), head.reason()) {
        ("20000", _) | (_, "SYSTEM_ERROR") => AnswerKind::Unavailable,
        _ if sub_code.starts_with("isp.") => AnswerKind::Unavailable,
        ("40005", _) | (_, "app-call-limited" | "method-call-limited") => AnswerKind::RateLimited,
        // For a refund these codes mean that the trade takes no more refunds, not that it is paid.
        (_, "TRADE_HAS_FINISHED" | "TRADE_HAS_CLOSE") if method == REFUND => AnswerKind::Rejected,
        (_, "SELLER_BALANCE_NOT_ENOUGH") => AnswerKind::InsufficientBalance,
        (_, "TRADE_HAS_SUCCESS" | "TRADE_HAS_FINISHED") => AnswerKind::AlreadyPaid,
        (_, "TRADE_HAS_CLOSE") => AnswerKind::OrderClosed,
        (_, "CONTEXT_INCONSISTENT" | "DISCORDANT_REPEAT_REQUEST") => AnswerKind::OrderMismatch,
        (
            _,
            "ACCESS_FORBIDDEN"
            | "PARTNER_ERROR"
            | "SELLER_BEEN_BLOCKED"
            | "MERCHANT_STATUS_NOT_NORMAL"
            | "OPEN_ID_NOT_TINY_APP"
            | "PRODUCT_NOT_SUPPORT_IN_TINY_APP"
            | "UNBOUND_APPLICATION",
        ) => AnswerKind::Misconfigured,
        // OAuth: the code of the browser is used, expired or invented.
        (_, "code-invalid" | "code-is-reused") => AnswerKind::Rejected,
        ("20001" | "40001" | "40002" | "40003" | "40006", _) => AnswerKind::Misconfigured,
        _ if is_isv => AnswerKind::Misconfigured,
        _ => AnswerKind::Rejected,
    };
    let message = head.sub_msg.filter(|text| !text.is_empty()).unwrap_or(head.msg);
    let code = head.sub_code.filter(|text| !text.is_empty()).unwrap_or(head.code);
    let (code, message) = (short_code(&code), short_message(&message));
    GatewayError::Answered { kind, gateway: GATEWAY, status, code, message, request_id }
}

/// Returns the error for an HTTP status: Alipay itself always answers 200, so a proxy before it has
/// answered.
pub(super) fn of_status(reply: &Reply) -> GatewayError {
    let status = reply.status.as_u16();
    let kind = match status {
        429 => AnswerKind::RateLimited,
        500.. => AnswerKind::Unavailable,
        _ => AnswerKind::Rejected,
    };
    let code = format!("HTTP_{status}");
    let (message, request_id) = (String::new(), request_id(reply));
    GatewayError::Answered { kind, gateway: GATEWAY, status, code, message, request_id }
}

/// The gateway's number of this request, for its support.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("trace_id").or_else(|| reply.header("alipay-trace-id")).map(str::to_owned)
}
