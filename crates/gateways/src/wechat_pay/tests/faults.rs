use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use time::macros::datetime;

use super::super::fault::{classify, is_order_unknown};
use super::header_map;
use crate::AnswerKind::{
    AlreadyPaid, InsufficientBalance, Misconfigured, OrderClosed, OrderMismatch, RateLimited,
    Rejected, Unavailable,
};
use crate::GatewayError;
use crate::http::Reply;

fn fault(status: u16, headers: HeaderMap, body: &str) -> GatewayError {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let reply = Reply { status: StatusCode::from_u16(status).unwrap(), headers, body };
    classify(&reply, datetime!(2026-11-22 12:00:00 UTC))
}

#[test]
fn codes_are_sorted_in_either_spelling() {
    for (status, code, expected) in [
        (400, "PARAM_ERROR", Rejected),
        (400, "INVALID_REQUEST", Rejected),
        (400, "APPID_MCHID_NOT_MATCH", Misconfigured),
        (400, "MCH_NOT_EXISTS", Misconfigured),
        (400, "ORDER_CLOSED", OrderClosed),
        (400, "ORDERCLOSED", OrderClosed),
        (400, "ORDERPAID", AlreadyPaid),
        (403, "ORDER_PAID", AlreadyPaid),
        (401, "SIGN_ERROR", Misconfigured),
        (401, "", Misconfigured),
        (403, "NO_AUTH", Misconfigured),
        (403, "NOAUTH", Misconfigured),
        (403, "OUT_TRADE_NO_USED", OrderMismatch),
        (403, "RULE_LIMIT", Rejected),
        (403, "TRADE_ERROR", Rejected),
        (403, "ACCOUNT_ERROR", Rejected),
        (400, "NO_STATEMENT_EXIST", Rejected),
        (400, "STATEMENT_CREATING", Unavailable),
        (500, "INVALID_TRANSACTIONID", Rejected),
        (403, "NOT_ENOUGH", InsufficientBalance),
        (403, "NOTENOUGH", InsufficientBalance),
        (403, "USER_ACCOUNT_ABNORMAL", Rejected),
        (404, "MCH_NOT_EXISTS", Misconfigured),
        (404, "RESOURCE_NOT_EXISTS", Rejected),
        (404, "ORDER_NOT_EXIST", Rejected),
        (404, "", Rejected),
        (429, "FREQUENCY_LIMITED", RateLimited),
        (429, "RATELIMIT_EXCEEDED", RateLimited),
        (429, "", RateLimited),
        (500, "SYSTEM_ERROR", Unavailable),
        (500, "SYSTEMERROR", Unavailable),
        (500, "BANK_ERROR", Unavailable),
        (500, "OPENID_MISMATCH", Rejected),
        (502, "", Unavailable),
        (503, "SERVICE_UNAVAILABLE", Unavailable),
        (202, "USERPAYING", Unavailable),
        (202, "USER_PAYING", Unavailable),
        (403, "RULELIMIT", Rejected),
    ] {
        let body = if code.is_empty() {
            "<html>".to_owned()
        } else {
            format!(r#"{{"code":"{code}","message":"m"}}"#)
        };
        let error = fault(status, HeaderMap::new(), &body);
        assert_eq!(error.kind(), Some(expected), "{status} {code}");
        // A status without a code of the gateway's own is the answer of a proxy before it.
        let is_foreign = code.is_empty() && expected == Rejected;
        let is_unknown = is_foreign || expected == Unavailable;
        assert_eq!(error.is_foreign(), is_foreign, "{status} {code}");
        assert_eq!(error.is_outcome_unknown(), is_unknown, "{status} {code}");
        assert_eq!(
            error.is_retryable(),
            matches!(expected, Unavailable | RateLimited | InsufficientBalance),
            "{status} {code}"
        );
    }
}

#[test]
fn the_number_in_the_request_id_is_more_precise() {
    for (number, expected) in [
        ("268449538", AlreadyPaid),
        ("268498689", AlreadyPaid),
        ("268498688", OrderMismatch),
        ("268445527", Misconfigured),
        ("268443715", Misconfigured),
        ("0", Rejected),
    ] {
        let headers = header_map(&[("Request-ID", format!("08F78BB4E505-{number}"))]);
        let error = fault(400, headers, r#"{"code":"INVALID_REQUEST","message":"m"}"#);
        assert_eq!(error.kind(), Some(expected), "{number}");
        assert!(error.request_id().unwrap().ends_with(number));
    }
}

/// D28: a number that was used with other parameters is neither retried nor counted as paid.
#[test]
fn d28_a_used_number_is_a_mismatch() {
    let body = r#"{"code":"OUT_TRADE_NO_USED","message":"商户订单号重复"}"#;
    let error = fault(403, HeaderMap::new(), body);
    assert_eq!(error.kind(), Some(OrderMismatch));
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

/// D17: refused because of our clock, with the difference.
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

#[test]
fn an_endless_code_or_message_is_cut() {
    let body =
        format!(r#"{{"code":"{}","message":"{}"}}"#, "错".repeat(1_000), "长".repeat(1_000_000));
    let GatewayError::Answered { code, message, .. } = fault(400, HeaderMap::new(), &body) else {
        panic!("not an answer");
    };
    assert_eq!((code, message), ("错".repeat(128), "长".repeat(512)));
    // Our own words after the gateway's stay.
    let late = header_map(&[("Date", "Sun, 22 Nov 2026 12:10:00 GMT".to_owned())]);
    let error = fault(401, late, &body);
    assert!(error.to_string().ends_with("fix NTP)"), "{error}");
}
