//! Sorting WeChat Pay's errors by blame (gateways.md A4).
//!
//! Error answers are not signed: they are believed to be errors and nothing more.

use http::{HeaderMap, StatusCode, header::DATE};
use serde::Deserialize;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::http::Reply;
use crate::{Gateway, GatewayError};

const GATEWAY: Gateway = Gateway::WechatPay;

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Names an answer that is no success.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> GatewayError {
    let ErrorBody { code, mut message } = serde_json::from_slice(&reply.body).unwrap_or_default();
    let (gateway, status, request_id) = (GATEWAY, reply.status.as_u16(), request_id(reply));
    let code = if code.is_empty() { format!("HTTP_{status}") } else { code };
    match blame(reply.status, &normal(&code), request_id.as_deref()) {
        Blame::Unavailable => {
            GatewayError::Unavailable { gateway, status, code, message, request_id }
        }
        Blame::RateLimited => {
            GatewayError::RateLimited { gateway, status, code, message, request_id }
        }
        Blame::AlreadyPaid => {
            GatewayError::AlreadyPaid { gateway, status, code, message, request_id }
        }
        Blame::OrderClosed => {
            GatewayError::OrderClosed { gateway, status, code, message, request_id }
        }
        Blame::OrderMismatch => {
            GatewayError::OrderMismatch { gateway, status, code, message, request_id }
        }
        Blame::Misconfigured => {
            if let Some(skew_s) = clock_skew_s(reply, now) {
                message.push_str(&format!(
                    " (this server's clock is {skew_s:+} s off the gateway's; fix NTP)"
                ));
            }
            GatewayError::Misconfigured { gateway, status, code, message, request_id }
        }
        Blame::Rejected => GatewayError::Rejected { gateway, status, code, message, request_id },
    }
}

/// Whether a query found no such order. Both spellings are in use (gateways.md H).
pub(super) fn is_order_unknown(error: &GatewayError) -> bool {
    matches!(error, GatewayError::Rejected { status: 404, code, .. } if normal(code) == "ORDERNOTEXIST")
}

/// The platform's number of this exchange.
pub(super) fn request_id(reply: &Reply) -> Option<String> {
    reply.header("Request-ID").map(str::to_owned)
}

/// `ring` or serde failed on our side, which no input should cause.
pub(super) fn cannot_sign() -> GatewayError {
    GatewayError::Misconfigured {
        gateway: GATEWAY,
        status: 0,
        code: "cannot_sign".to_owned(),
        message: "this server could not sign the request; nothing was sent".to_owned(),
        request_id: None,
    }
}

enum Blame {
    Unavailable,
    RateLimited,
    AlreadyPaid,
    OrderClosed,
    OrderMismatch,
    Misconfigured,
    Rejected,
}

fn blame(status: StatusCode, code: &str, request_id: Option<&str>) -> Blame {
    // The number after the last hyphen is more precise than the code (gateways.md A4.5).
    match request_id.and_then(|id| id.rsplit_once('-')).map(|(_, number)| number) {
        Some("268449538" | "268498689") => return Blame::AlreadyPaid,
        Some("268498688") => return Blame::OrderMismatch,
        _ => {}
    }
    match code {
        "ORDERPAID" => Blame::AlreadyPaid,
        "ORDERCLOSED" => Blame::OrderClosed,
        "OUTTRADENOUSED" => Blame::OrderMismatch,
        "FREQUENCYLIMITED" | "RATELIMITEXCEEDED" => Blame::RateLimited,
        "SIGNERROR" | "NOAUTH" | "APPIDMCHIDNOTMATCH" | "MCHNOTEXISTS" => Blame::Misconfigured,
        // Documented with status 500, but not as "try again".
        "INVALIDTRANSACTIONID" | "OPENIDMISMATCH" => Blame::Rejected,
        "SYSTEMERROR" | "BANKERROR" | "SERVICEUNAVAILABLE" => Blame::Unavailable,
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
