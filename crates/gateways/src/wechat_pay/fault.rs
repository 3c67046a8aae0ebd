//! Kinds of WeChat Pay's error answers (gateways.md A4).
//!
//! Error answers are not signed: they only prove that no success was answered.

use http::{HeaderMap, StatusCode, header::DATE};
use serde::Deserialize;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::error::{short_code, short_message};
use crate::http::Reply;
use crate::{AnswerKind, Gateway, GatewayError};

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Returns the error for an answer that is not a success.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> GatewayError {
    let ErrorBody { code, message } = serde_json::from_slice(&reply.body).unwrap_or_default();
    let (status, request_id) = (reply.status.as_u16(), request_id(reply));
    let code = if code.is_empty() { format!("HTTP_{status}") } else { short_code(&code) };
    let mut message = short_message(&message);
    let kind = kind(reply.status, &normal(&code), request_id.as_deref());
    if kind == AnswerKind::Misconfigured
        && let Some(skew_s) = clock_skew_s(reply, now)
    {
        message.push_str(&format!(
            " (this server's clock is {skew_s:+} s off the gateway's; fix NTP)"
        ));
    }
    let gateway = Gateway::WechatPay;
    GatewayError::Answered { kind, gateway, status, code, message, request_id }
}

/// True if a query found no such order. Both spellings are in use (gateways.md H).
pub(super) fn is_order_unknown(error: &GatewayError) -> bool {
    is_rejection(error, Some(404), "ORDERNOTEXIST")
}

/// True if a refund's query found no such refund.
pub(super) fn is_refund_unknown(error: &GatewayError) -> bool {
    is_rejection(error, Some(404), "RESOURCENOTEXISTS")
}

/// True if there is no bill because nothing happened on that day (gateways.md A2).
pub(super) fn is_bill_empty(error: &GatewayError) -> bool {
    is_rejection(error, None, "NOSTATEMENTEXIST")
}

fn is_rejection(error: &GatewayError, expected: Option<u16>, name: &str) -> bool {
    let GatewayError::Answered { kind: AnswerKind::Rejected, status, code, .. } = error else {
        return false;
    };
    expected.is_none_or(|expected| expected == *status) && normal(code) == name
}

/// The gateway's number of this request, for its support.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("Request-ID").map(str::to_owned)
}

fn kind(status: StatusCode, code: &str, request_id: Option<&str>) -> AnswerKind {
    // The number after the last hyphen is more precise than the code (gateways.md A4.5).
    match request_id.and_then(|id| id.rsplit_once('-')).map(|(_, number)| number) {
        Some("268449538" | "268498689") => return AnswerKind::AlreadyPaid,
        Some("268498688") => return AnswerKind::OrderMismatch,
        Some("268445527" | "268443715") => return AnswerKind::Misconfigured,
        _ => {}
    }
    match code {
        "ORDERPAID" => AnswerKind::AlreadyPaid,
        "ORDERCLOSED" => AnswerKind::OrderClosed,
        "OUTTRADENOUSED" => AnswerKind::OrderMismatch,
        "NOTENOUGH" => AnswerKind::InsufficientBalance,
        "FREQUENCYLIMITED" | "RATELIMITEXCEEDED" => AnswerKind::RateLimited,
        "SIGNERROR" | "NOAUTH" | "APPIDMCHIDNOTMATCH" | "MCHNOTEXISTS" => AnswerKind::Misconfigured,
        // Documented with status 500, but without the advice to try again.
        "INVALIDTRANSACTIONID" | "OPENIDMISMATCH" => AnswerKind::Rejected,
        "SYSTEMERROR" | "BANKERROR" | "SERVICEUNAVAILABLE" => AnswerKind::Unavailable,
        // For a bill: request it again after 10 o'clock.
        "STATEMENTCREATING" => AnswerKind::Unavailable,
        _ if status.is_server_error() || status == StatusCode::ACCEPTED => AnswerKind::Unavailable,
        _ if status == StatusCode::TOO_MANY_REQUESTS => AnswerKind::RateLimited,
        _ if status == StatusCode::UNAUTHORIZED => AnswerKind::Misconfigured,
        _ => AnswerKind::Rejected,
    }
}

/// Pages of different age spell codes with and without underscores (gateways.md A4.2).
fn normal(code: &str) -> String {
    code.chars().filter(|c| *c != '_').collect()
}

/// Our time minus the gateway's, if that alone explains a refused signature (gateways.md D17).
fn clock_skew_s(reply: &Reply, now: OffsetDateTime) -> Option<i64> {
    let skew_s = (now - date(&reply.headers)?).whole_seconds();
    (reply.status == StatusCode::UNAUTHORIZED && skew_s.unsigned_abs() > 300).then_some(skew_s)
}

fn date(headers: &HeaderMap) -> Option<OffsetDateTime> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = headers.get(DATE)?.to_str().ok()?;
    Some(PrimitiveDateTime::parse(text, format).ok()?.assume_utc())
}
