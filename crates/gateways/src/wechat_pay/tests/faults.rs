use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use time::macros::datetime;

use super::super::fault::{classify, is_order_unknown};
use super::header_map;
use crate::GatewayError;
use crate::http::Reply;

fn fault(status: u16, headers: HeaderMap, body: &str) -> GatewayError {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let reply = Reply { status: StatusCode::from_u16(status).unwrap(), headers, body };
    classify(&reply, datetime!(2026-11-22 12:00:00 UTC))
}

fn kind(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::Unavailable { .. } => "unavailable",
        GatewayError::RateLimited { .. } => "rate limited",
        GatewayError::AlreadyPaid { .. } => "already paid",
        GatewayError::OrderClosed { .. } => "order closed",
        GatewayError::OrderMismatch { .. } => "order mismatch",
        GatewayError::InsufficientBalance { .. } => "insufficient balance",
        GatewayError::Misconfigured { .. } => "misconfigured",
        GatewayError::Rejected { .. } => "rejected",
        _ => "other",
    }
}

#[test]
fn codes_are_sorted_in_either_spelling() {
    for (status, code, expected) in [
        (400, "PARAM_ERROR", "rejected"),
        (400, "INVALID_REQUEST", "rejected"),
        (400, "APPID_MCHID_NOT_MATCH", "misconfigured"),
        (400, "MCH_NOT_EXISTS", "misconfigured"),
        (400, "ORDER_CLOSED", "order closed"),
        (400, "ORDERCLOSED", "order closed"),
        (400, "ORDERPAID", "already paid"),
        (403, "ORDER_PAID", "already paid"),
        (401, "SIGN_ERROR", "misconfigured"),
        (401, "", "misconfigured"),
        (403, "NO_AUTH", "misconfigured"),
        (403, "NOAUTH", "misconfigured"),
        (403, "OUT_TRADE_NO_USED", "order mismatch"),
        (403, "RULE_LIMIT", "rejected"),
        (403, "TRADE_ERROR", "rejected"),
        (403, "ACCOUNT_ERROR", "rejected"),
        (400, "NO_STATEMENT_EXIST", "rejected"),
        (400, "STATEMENT_CREATING", "unavailable"),
        (500, "INVALID_TRANSACTIONID", "rejected"),
        (403, "NOT_ENOUGH", "insufficient balance"),
        (403, "NOTENOUGH", "insufficient balance"),
        (403, "USER_ACCOUNT_ABNORMAL", "rejected"),
        (404, "MCH_NOT_EXISTS", "misconfigured"),
        (404, "RESOURCE_NOT_EXISTS", "rejected"),
        (404, "ORDER_NOT_EXIST", "rejected"),
        (404, "", "rejected"),
        (429, "FREQUENCY_LIMITED", "rate limited"),
        (429, "RATELIMIT_EXCEEDED", "rate limited"),
        (429, "", "rate limited"),
        (500, "SYSTEM_ERROR", "unavailable"),
        (500, "SYSTEMERROR", "unavailable"),
        (500, "BANK_ERROR", "unavailable"),
        (500, "OPENID_MISMATCH", "rejected"),
        (502, "", "unavailable"),
        (503, "SERVICE_UNAVAILABLE", "unavailable"),
        (202, "USERPAYING", "unavailable"),
    ] {
        let body = if code.is_empty() {
            "<html>".to_owned()
        } else {
            format!(r#"{{"code":"{code}","message":"m"}}"#)
        };
        let error = fault(status, HeaderMap::new(), &body);
        assert_eq!(kind(&error), expected, "{status} {code}");
        // A status without a code of the gateway's own is the answer of something before it.
        let is_foreign = code.is_empty() && expected == "rejected";
        let is_unknown = is_foreign || expected == "unavailable";
        assert_eq!(error.is_foreign(), is_foreign, "{status} {code}");
        assert_eq!(error.is_outcome_unknown(), is_unknown, "{status} {code}");
        assert_eq!(
            error.is_retryable(),
            matches!(expected, "unavailable" | "rate limited" | "insufficient balance"),
            "{status} {code}"
        );
    }
}

#[test]
fn the_number_in_the_request_id_is_more_precise() {
    for (number, expected) in [
        ("268449538", "already paid"),
        ("268498689", "already paid"),
        ("268498688", "order mismatch"),
        ("268445527", "misconfigured"),
        ("268443715", "misconfigured"),
        ("0", "rejected"),
    ] {
        let headers = header_map(&[("Request-ID", format!("08F78BB4E505-{number}"))]);
        let error = fault(400, headers, r#"{"code":"INVALID_REQUEST","message":"m"}"#);
        assert_eq!(kind(&error), expected, "{number}");
        assert!(error.request_id().unwrap().ends_with(number));
    }
}

/// D28: a number that was used with other parameters is neither retried nor taken for paid.
#[test]
fn d28_a_used_number_is_a_mismatch() {
    let body = r#"{"code":"OUT_TRADE_NO_USED","message":"商户订单号重复"}"#;
    let error = fault(403, HeaderMap::new(), body);
    assert_eq!(kind(&error), "order mismatch");
    assert!(!error.is_retryable() && !error.is_outcome_unknown());
}

#[test]
fn only_a_clear_answer_says_that_an_order_is_unknown() {
    for (status, body, expected) in [
        (404, r#"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#, true),
        (404, r#"{"code":"ORDERNOTEXIST","message":"订单不存在"}"#, true),
        (404, r#"{"code":"RESOURCE_NOT_EXISTS","message":""}"#, false),
        (404, "", false),
        (400, r#"{"code":"ORDER_NOT_EXIST","message":""}"#, false),
    ] {
        assert_eq!(
            is_order_unknown(&fault(status, HeaderMap::new(), body)),
            expected,
            "{status} {body}"
        );
    }
}

/// D17: refused for our clock, and told by how much.
#[test]
fn d17_clock_skew_is_reported() {
    let sign_error = r#"{"code":"SIGN_ERROR","message":"timestamp"}"#;
    for (status, date, expected) in [
        (401, "Sun, 22 Nov 2026 11:50:00 GMT", Some("+600 s")),
        (401, "Sun, 22 Nov 2026 12:10:00 GMT", Some("-600 s")),
        (401, "Sun, 22 Nov 2026 12:04:59 GMT", None),
        (401, "yesterday", None),
        (403, "Sun, 22 Nov 2026 11:50:00 GMT", None),
    ] {
        let text = fault(status, header_map(&[("Date", date.to_owned())]), sign_error).to_string();
        match expected {
            Some(skew) => assert!(text.contains(skew), "{text}"),
            None => assert!(!text.contains("clock"), "{text}"),
        }
    }
}
