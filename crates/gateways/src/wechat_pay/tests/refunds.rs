//! Refunds against a loopback gateway, and their notifications.

use std::time::Duration;

use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;

use super::calls::{assert_authorized, signed, unsigned};
use super::notifications::body;
use super::{client, header_map, signed_headers};
use crate::test_server::{Reaction, Received, Server};
use crate::wechat_pay::RefundNotification;
use crate::{AnswerKind, Fen, GatewayError, NotificationError, Refund, RefundOrder, RefundState};

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00:00 UTC);
const PROCESSING: &str = r#"{"refund_id":"50000000382019052709732678859","out_refund_no":"REFUND_1","transaction_id":"42","out_trade_no":"ORDER_0001","channel":"ORIGINAL","user_received_account":"招商银行信用卡0403","create_time":"2026-11-23T20:00:00+08:00","status":"PROCESSING","funds_account":"AVAILABLE","amount":{"total":100,"refund":30,"payer_total":90,"payer_refund":27,"settlement_refund":30,"settlement_total":100,"discount_refund":3,"currency":"CNY"}}"#;
const ENDED: &str = r#"{"mchid":"1900007291","out_trade_no":"ORDER_0001","transaction_id":"42","out_refund_no":"REFUND_1","refund_id":"500","refund_status":"SUCCESS","success_time":"2026-11-23T20:00:05+08:00","user_received_account":"支付用户零钱","amount":{"total":100,"refund":30,"payer_total":90,"payer_refund":27}}"#;

fn order() -> RefundOrder {
    RefundOrder {
        out_trade_no: "ORDER_0001".to_owned(),
        out_refund_no: "REFUND_1".to_owned(),
        amount: Fen::new(30).unwrap(),
        total: Fen::new(100).unwrap(),
        reason: "重复付款".to_owned(),
        notify_url: Some("https://shop.example/v1/notifications/wechat_pay/refund".to_owned()),
    }
}

fn first() -> Refund {
    Refund {
        state: RefundState::Processing,
        out_trade_no: "ORDER_0001".to_owned(),
        out_refund_no: "REFUND_1".to_owned(),
        refund_id: Some("50000000382019052709732678859".to_owned()),
        amount: Fen::new(30),
        deposit_back: None,
    }
}

async fn refund_error(react: impl Fn(&Received) -> Reaction + Send + 'static) -> GatewayError {
    let server = Server::start(react);
    client(&server.url).with_timeout(Duration::from_millis(500)).refund(&order()).await.unwrap_err()
}

#[tokio::test]
async fn a_repeated_refund_is_the_same_bytes_and_the_first_refund() {
    let server = Server::start(|_| signed(200, PROCESSING));
    let client = client(&server.url);
    for _ in 0..2 {
        assert_eq!(client.refund(&order()).await.unwrap(), first());
    }
    let received = server.received();
    for request in &received {
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/v3/refund/domestic/refunds")
        );
        assert_authorized(request);
        assert_eq!(request.header("Accept"), "application/json");
        assert!(!request.header("User-Agent").is_empty());
        assert_eq!(
            String::from_utf8_lossy(&request.body),
            r#"{"out_trade_no":"ORDER_0001","out_refund_no":"REFUND_1","reason":"重复付款","notify_url":"https://shop.example/v1/notifications/wechat_pay/refund","amount":{"refund":30,"total":100,"currency":"CNY"}}"#
        );
    }
    assert_eq!(received.len(), 2);
}

#[tokio::test]
async fn a_full_refund_may_leave_out_what_is_optional() {
    let full = PROCESSING.replace("\"refund\":30", "\"refund\":100");
    let server = Server::start(move |_| signed(200, &full));
    let order = RefundOrder {
        amount: Fen::new(100).unwrap(),
        reason: " \n".to_owned(),
        notify_url: None,
        ..order()
    };
    let refund = client(&server.url).refund(&order).await.unwrap();
    assert_eq!(refund.amount, Fen::new(100));
    assert_eq!(
        String::from_utf8_lossy(&server.received()[0].body),
        r#"{"out_trade_no":"ORDER_0001","out_refund_no":"REFUND_1","amount":{"refund":100,"total":100,"currency":"CNY"}}"#
    );
}

#[tokio::test]
async fn a_long_reason_is_cut_to_eighty_bytes() {
    let server = Server::start(|_| signed(200, PROCESSING));
    let order = RefundOrder { reason: "退".repeat(40), ..order() };
    client(&server.url).refund(&order).await.unwrap();
    let sent = String::from_utf8(server.received()[0].body.clone()).unwrap();
    assert!(sent.contains(&format!("\"reason\":\"{}\"", "退".repeat(26))), "{sent}");
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_believed() {
    for (from, to) in [
        ("REFUND_1", "REFUND_2"),
        ("ORDER_0001", "ORDER_0002"),
        ("\"refund\":30", "\"refund\":31"),
        ("\"refund\":30", "\"refund\":-30"),
        ("\"refund\":30", "\"refund\":0.3"),
        ("\"refund\":30,", ""),
        ("\"total\":100", "\"total\":101"),
        ("\"total\":100", "\"total\":29"),
        ("CNY", "USD"),
        ("\"status\":\"PROCESSING\",", ""),
    ] {
        let error = refund_error(move |_| signed(200, &PROCESSING.replace(from, to))).await;
        assert!(matches!(error, GatewayError::Malformed { .. }), "{from} {to}: {error:?}");
        assert!(error.is_outcome_unknown() && !error.is_retryable());
    }
    for body in ["", "{}", "<html>"] {
        let error = refund_error(move |_| signed(200, body)).await;
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_refund_of_unknown_outcome_may_be_sent_again() {
    let system_error = r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#;
    for error in [
        refund_error(|_| Reaction::Silence).await,
        refund_error(|_| Reaction::HangUp).await,
        refund_error(|_| unsigned(200, PROCESSING)).await,
        refund_error(move |_| unsigned(500, system_error)).await,
        refund_error(|_| unsigned(502, "<html>")).await,
        refund_error(|_| signed(202, "{}")).await,
    ] {
        assert!(error.is_outcome_unknown() && error.is_retryable(), "{error:?}");
    }
}

#[tokio::test]
async fn a_low_balance_waits_for_a_top_up_and_a_refusal_is_final() {
    let error =
        refund_error(|_| unsigned(403, r#"{"code":"NOT_ENOUGH","message":"余额不足"}"#)).await;
    assert!(
        matches!(
            error,
            GatewayError::Answered { kind: AnswerKind::InsufficientBalance, status: 403, .. }
        ),
        "{error:?}"
    );
    assert!(error.is_retryable() && !error.is_outcome_unknown());
    assert_eq!((error.code(), error.request_id()), ("NOT_ENOUGH", None));

    let error = refund_error(|_| unsigned(429, r#"{"code":"FREQUENCY_LIMITED"}"#)).await;
    assert!(error.kind() == Some(AnswerKind::RateLimited) && error.is_retryable());

    // Another amount under a used number, and an order that was never paid.
    for (status, code) in [(400, "INVALID_REQUEST"), (404, "RESOURCE_NOT_EXISTS")] {
        let error = refund_error(move |_| {
            unsigned(status, &format!(r#"{{"code":"{code}","message":"m"}}"#))
        })
        .await;
        assert_eq!(error.kind(), Some(AnswerKind::Rejected), "{error:?}");
        assert!(!error.is_retryable() && !error.is_outcome_unknown());
    }
}

#[tokio::test]
async fn a_query_signs_the_escaped_number_and_reads_every_state() {
    for (word, expected) in [
        ("SUCCESS", RefundState::Succeeded),
        ("PROCESSING", RefundState::Processing),
        ("CLOSED", RefundState::Closed),
        ("ABNORMAL", RefundState::Abnormal),
        ("PENDING", RefundState::Unknown),
    ] {
        let body = PROCESSING
            .replace("REFUND_1", "R|1*@")
            .replace("\"PROCESSING\"", &format!("\"{word}\""));
        let server = Server::start(move |_| signed(200, &body));
        let refund = client(&server.url).query_refund("R|1*@").await.unwrap();
        assert_eq!((refund.state, refund.amount), (expected, Fen::new(30)), "{word}");
        let request = &server.received()[0];
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("GET", "/v3/refund/domestic/refunds/R%7C1%2A%40")
        );
        assert_authorized(request);
    }
}

#[tokio::test]
async fn only_a_clear_404_says_that_a_refund_is_unknown() {
    for code in ["RESOURCE_NOT_EXISTS", "RESOURCENOTEXISTS"] {
        let server = Server::start(move |_| unsigned(404, &format!(r#"{{"code":"{code}"}}"#)));
        let refund = client(&server.url).query_refund("REFUND_1").await.unwrap();
        assert_eq!(refund, Refund::not_found("", "REFUND_1"));
    }
    for body in ["<html>", r#"{"code":"MCH_NOT_EXISTS"}"#, r#"{"code":"ORDER_NOT_EXIST"}"#] {
        let server = Server::start(move |_| unsigned(404, body));
        assert!(client(&server.url).query_refund("REFUND_1").await.is_err(), "{body}");
    }
    let server = Server::start(|_| signed(200, PROCESSING));
    let error = client(&server.url).query_refund("REFUND_2").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_bad_refund_never_reaches_the_wire() {
    let server = Server::start(|_| Reaction::HangUp);
    let client = client(&server.url);
    let fen = |value| Fen::new(value).unwrap();
    let number = |text: &str| RefundOrder { out_refund_no: text.to_owned(), ..order() };
    for (bad, expected) in [
        (number(""), "out_refund_no"),
        (number("../1"), "out_refund_no"),
        (number(&"1".repeat(65)), "out_refund_no"),
        (RefundOrder { out_trade_no: "1".to_owned(), ..order() }, "out_trade_no"),
        (RefundOrder { amount: fen(0), ..order() }, "amount"),
        (RefundOrder { amount: fen(101), ..order() }, "amount"),
        (
            RefundOrder { notify_url: Some("https://s.example/?a".to_owned()), ..order() },
            "notify_url",
        ),
    ] {
        match client.refund(&bad).await {
            Err(GatewayError::InvalidOrder { field, .. }) => assert_eq!(field, expected),
            other => panic!("{bad:?}: {other:?}"),
        }
    }
    for number in ["", "a/b", "a?b", "a b"] {
        let error = client.query_refund(number).await.unwrap_err();
        assert!(matches!(error, GatewayError::InvalidOrder { field: "out_refund_no", .. }));
    }
    assert!(server.received().is_empty());
}

/// Delivers a genuinely signed body.
pub(super) fn deliver(body: &str) -> Result<RefundNotification, NotificationError> {
    client("http://127.0.0.1:9").refund_notification(
        &header_map(&signed_headers(NOW, body.as_bytes())),
        body.as_bytes(),
        NOW,
    )
}

#[test]
fn every_final_state_of_a_refund_is_reported() {
    for (event_type, word, expected) in [
        ("REFUND.SUCCESS", "SUCCESS", RefundState::Succeeded),
        ("REFUND.CLOSED", "CLOSED", RefundState::Closed),
        ("REFUND.ABNORMAL", "ABNORMAL", RefundState::Abnormal),
        ("REFUND.ELSE", "ELSE", RefundState::Unknown),
    ] {
        let text = body(event_type, &ENDED.replace("\"SUCCESS\"", &format!("\"{word}\"")));
        let RefundNotification { id, refund } = deliver(&text).unwrap();
        assert_eq!(id, "EV-1");
        assert_eq!(
            refund,
            Refund { state: expected, refund_id: Some("500".to_owned()), ..first() }
        );
    }
}

/// D34: a refund's message under a payment's address says what it is.
#[test]
fn d34_payments_and_refunds_are_not_read_as_each_other() {
    let payment = body("TRANSACTION.SUCCESS", ENDED);
    assert_eq!(
        deliver(&payment),
        Err(NotificationError::NotAboutRefund { event_type: "TRANSACTION.SUCCESS".to_owned() })
    );
    let refund = body("REFUND.SUCCESS", ENDED);
    let headers = header_map(&signed_headers(NOW, refund.as_bytes()));
    assert_eq!(
        client("http://127.0.0.1:9").notification(&headers, refund.as_bytes(), NOW),
        Err(NotificationError::AboutRefund { event_type: "REFUND.SUCCESS".to_owned() })
    );
}

#[test]
fn a_genuine_refund_notification_may_still_be_unusable() {
    use NotificationError::{BadSignature, Malformed, Undecryptable};
    let with = |from: &str, to: &str| deliver(&body("REFUND.SUCCESS", &ENDED.replace(from, to)));
    assert_eq!(with("1900007291", "1900007292"), Err(Malformed("a refund of another merchant")));
    assert_eq!(
        with("\"refund\":30", "\"refund\":-1"),
        Err(Malformed("an amount that is negative or too large"))
    );
    assert_eq!(
        with("\"refund\":30", "\"refund\":101"),
        Err(Malformed("a refund of more than was paid"))
    );
    assert_eq!(
        with("\"SUCCESS\"", "\"CLOSED\""),
        Err(Malformed("an event that contradicts its refund"))
    );
    // The name that answers use, not notifications.
    assert_eq!(with("refund_status", "status"), Err(Malformed("not a refund")));
    assert_eq!(
        deliver(&body("REFUND.SUCCESS", ENDED).replace("fdasflkja484", "fdasflkja485")),
        Err(Undecryptable)
    );
    let text = body("REFUND.SUCCESS", ENDED);
    let headers = header_map(&signed_headers(NOW, b"something else"));
    assert_eq!(
        client("http://127.0.0.1:9").refund_notification(&headers, text.as_bytes(), NOW),
        Err(BadSignature)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_refund_resource_panics(plain in "\\PC{0,100}", event in "(REFUND\\.){0,3}[A-Z]{0,8}") {
        let _opened = deliver(&body(&event, &plain));
    }
}
