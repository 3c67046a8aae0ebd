//! Sorting WeChat Pay's errors by blame (gateways.md A4).
//!
//! Error answers are not signed: they are believed to be errors and nothing more.

use http::{HeaderMap, StatusCode, header::DATE};
use serde::Deserialize;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::blame::Blame;
use crate::http::Reply;
use crate::{Gateway, GatewayError};

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Names an answer that is no success.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> GatewayError {
    let ErrorBody { code, mut message } = serde_json::from_slice(&reply.body).unwrap_or_default();
    let (status, request_id) = (reply.status.as_u16(), request_id(reply));
    let code = if code.is_empty() { format!("HTTP_{status}") } else { code };
    let blame = blame(reply.status, &normal(&code), request_id.as_deref());
    if blame == Blame::Misconfigured
        && let Some(skew_s) = clock_skew_s(reply, now)
    {
        message.push_str(&format!(
            " (this server's clock is {skew_s:+} s off the gateway's; fix NTP)"
        ));
    }
    GatewayError::answered(blame, Gateway::WechatPay, status, code, message, request_id)
}

/// Whether a query found no such order. Both spellings are in use (gateways.md H).
pub(super) fn is_order_unknown(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Rejected { status: 404, code, .. } if normal(code) == "ORDERNOTEXIST")
}

/// Whether a refund's query found no such refund.
pub(super) fn is_refund_unknown(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Rejected { status: 404, code, .. } if normal(code) == "RESOURCENOTEXISTS")
}

/// Whether there is no bill because nothing happened on that day (gateways.md A2).
pub(super) fn is_bill_empty(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Rejected { code, .. } if normal(code) == "NOSTATEMENTEXIST")
}

/// The platform's number of this exchange.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("Request-ID").map(str::to_owned)
}

fn blame(status: StatusCode, code: &str, request_id: Option<&str>) -> Blame {
    // The number after the last hyphen is more precise than the code (gateways.md A4.5).
    match request_id.and_then(|id| id.rsplit_once('-')).map(|(_, number)| number) {
        Some("268449538" | "268498689") => return Blame::AlreadyPaid,
        Some("268498688") => return Blame::Mismatch,
        Some("268445527" | "268443715") => return Blame::Misconfigured,
        _ => {}
    }
    match code {
        "ORDERPAID" => Blame::AlreadyPaid,
        "ORDERCLOSED" => Blame::OrderClosed,
        "OUTTRADENOUSED" => Blame::Mismatch,
        "NOTENOUGH" => Blame::InsufficientBalance,
        "FREQUENCYLIMITED" | "RATELIMITEXCEEDED" => Blame::RateLimited,
        "SIGNERROR" | "NOAUTH" | "APPIDMCHIDNOTMATCH" | "MCHNOTEXISTS" => Blame::Misconfigured,
        // Documented with status 500, but not as "try again".
        "INVALIDTRANSACTIONID" | "OPENIDMISMATCH" => Blame::Rejected,
        "SYSTEMERROR" | "BANKERROR" | "SERVICEUNAVAILABLE" => Blame::Unavailable,
        // Of a bill: ask again after 10 o'clock.
        "STATEMENTCREATING" => Blame::Unavailable,
        _ if status.is_server_error() || status == StatusCode::ACCEPTED => Blame::Unavailable,
        _ if status == StatusCode::TOO_MANY_REQUESTS => Blame::RateLimited,
        _ if status == StatusCode::UNAUTHORIZED => Blame::Misconfigured,
        _ => Blame::Rejected,
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
