//! The client against a loopback gateway.

use std::time::Duration;

use time::OffsetDateTime;

use super::super::signature::request_message;
use super::{client, order, signed_headers};
use crate::test_server::{Reaction, Received, Server};
use crate::{AnswerKind, GatewayError, SignatureError, TradeState, test_keys};

const CODE_URL: &str = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;

pub(super) fn signed(status: u16, body: &str) -> Reaction {
    let headers = signed_headers(OffsetDateTime::now_utc(), body.as_bytes());
    Reaction::Answer { status, headers, body: body.as_bytes().to_vec() }
}

pub(super) fn unsigned(status: u16, body: &str) -> Reaction {
    Reaction::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// The client's result of a native order for a reaction.
async fn order_error(react: impl Fn(&Received) -> Reaction + Send + 'static) -> GatewayError {
    let server = Server::start(react);
    client(&server.url)
        .with_timeout(Duration::from_millis(500))
        .native_order(&order())
        .await
        .unwrap_err()
}

/// Checks the `Authorization` header over what came over the wire, with the other library.
pub(super) fn assert_authorized(request: &Received) {
    let authorization =
        request.header("Authorization").strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
    let value = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let timestamp: i64 = value("timestamp").parse().unwrap();
    let message = request_message(
        &request.method,
        &request.target,
        timestamp,
        &value("nonce_str"),
        &request.body,
    );
    assert!(test_keys::merchant().verifies(&message, &value("signature")));
    assert_eq!(value("mchid"), "1900007291");
    assert_eq!(value("serial_no"), "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB");
    assert_eq!(value("nonce_str").len(), 32);
    assert!((OffsetDateTime::now_utc().unix_timestamp() - timestamp).abs() < 60);
}

#[tokio::test]
async fn an_order_is_signed_as_sent_and_repeats_itself() {
    let server = Server::start(|_| signed(200, CODE_URL));
    let client = client(&server.url);
    for _ in 0..2 {
        let placed = client.native_order(&order()).await.unwrap();
        assert_eq!(placed.code_url, "weixin://wxpay/bizpayurl?pr=JyC91EIz1");
    }
    let received = server.received();
    for request in &received {
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/v3/pay/transactions/native")
        );
        assert_authorized(request);
        assert_eq!(request.header("Accept"), "application/json");
        assert_eq!(request.header("Content-Type"), "application/json");
        assert_eq!(request.header("Wechatpay-Serial"), super::KEY_ID);
        assert!(request.header("User-Agent").starts_with("OpenCashier/"));
    }
    assert_eq!(received[0].body, received[1].body);
    assert_ne!(received[0].header("Authorization"), received[1].header("Authorization"));
}

#[tokio::test]
async fn a_query_signs_the_escaped_path() {
    let body = r#"{"appid":"a","mchid":"m","out_trade_no":"ORDER|1*","trade_state":"CLOSED"}"#;
    let server = Server::start(move |_| signed(200, body));
    let trade = client(&server.url).query("ORDER|1*").await.unwrap();
    assert_eq!(trade.state, TradeState::Closed);
    let request = &server.received()[0];
    assert_eq!(request.target, "/v3/pay/transactions/out-trade-no/ORDER%7C1%2A?mchid=1900007291");
    assert_authorized(request);
    assert_eq!(request.header("Content-Type"), "");
}

#[tokio::test]
async fn an_unknown_order_is_not_created() {
    for code in ["ORDER_NOT_EXIST", "ORDERNOTEXIST"] {
        let server = Server::start(move |_| {
            unsigned(404, &format!(r#"{{"code":"{code}","message":"订单不存在"}}"#))
        });
        let trade = client(&server.url).query("ORDER_0001").await.unwrap();
        assert_eq!(
            (trade.state, trade.out_trade_no.as_str()),
            (TradeState::NotCreated, "ORDER_0001")
        );
    }
}

#[tokio::test]
async fn an_answer_about_another_order_is_not_believed() {
    let body = r#"{"appid":"a","mchid":"m","out_trade_no":"ORDER_0002","trade_state":"SUCCESS"}"#;
    let server = Server::start(move |_| signed(200, body));
    let error = client(&server.url).query("ORDER_0001").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }));
}

#[tokio::test]
async fn closing_needs_a_signed_204() {
    let server = Server::start(|_| signed(204, ""));
    client(&server.url).close("ORDER_0001").await.unwrap();
    let request = &server.received()[0];
    assert_eq!(request.target, "/v3/pay/transactions/out-trade-no/ORDER_0001/close");
    assert_eq!(request.body, br#"{"mchid":"1900007291"}"#);
    assert_authorized(request);

    let server = Server::start(|_| unsigned(204, ""));
    let error = client(&server.url).close("ORDER_0001").await.unwrap_err();
    assert!(matches!(error, GatewayError::Unverified { cause: SignatureError::Missing(_), .. }));
}

/// The documented errors of a close (gateways.md A4.2).
#[tokio::test]
async fn a_close_that_fails_says_what_to_do() {
    for (status, code, kind, is_unknown) in [
        (202, "USER_PAYING", AnswerKind::Unavailable, true),
        (400, "ORDER_CLOSED", AnswerKind::OrderClosed, false),
        (403, "TRADE_ERROR", AnswerKind::Rejected, false),
        (403, "RULELIMIT", AnswerKind::Rejected, false),
    ] {
        let body = format!(r#"{{"code":"{code}","message":"m"}}"#);
        let server = Server::start(move |_| signed(status, &body));
        let error = client(&server.url).close("ORDER_0001").await.unwrap_err();
        assert_eq!((error.kind(), error.is_outcome_unknown()), (Some(kind), is_unknown), "{code}");
    }
}

#[tokio::test]
async fn a_success_that_is_not_proved_is_an_unknown_outcome() {
    let altered = |name: &'static str, value: &'static str| {
        move |_: &Received| {
            let mut headers = signed_headers(OffsetDateTime::now_utc(), CODE_URL.as_bytes());
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value.to_owned()));
            Reaction::Answer { status: 200, headers, body: CODE_URL.as_bytes().to_vec() }
        }
    };
    let cause = |error: GatewayError| {
        assert!(error.is_outcome_unknown() && error.is_retryable());
        match error {
            GatewayError::Unverified { cause, .. } => cause,
            other => panic!("{other:?}"),
        }
    };
    let missing = SignatureError::Missing("Wechatpay-Timestamp");
    assert_eq!(cause(order_error(|_| unsigned(200, CODE_URL)).await), missing);
    assert_eq!(cause(order_error(|_| unsigned(200, "<html>login</html>")).await), missing);
    let other = altered("Wechatpay-Nonce", "0");
    assert_eq!(cause(order_error(other).await), SignatureError::BadSignature);
    let stale = altered("Wechatpay-Timestamp", "1554208460");
    assert!(matches!(cause(order_error(stale).await), SignatureError::StaleTimestamp { .. }));
    let serial = altered("Wechatpay-Serial", "PUB_KEY_ID_OTHER");
    assert!(matches!(cause(order_error(serial).await), SignatureError::UnknownSerial { .. }));
}

/// D12: a probe is a wrong signature with its own error, and the call may be repeated.
#[tokio::test]
async fn d12_a_probe_signature_is_a_typed_error() {
    for probe in ["WECHATPAY/SIGNTEST/c2lnbmF0dXJl", "WECHATPAY/SIGNTEST/c", "WECHATPAY/SIGNTEST/"]
    {
        let error = order_error(move |_: &Received| {
            let mut headers = signed_headers(OffsetDateTime::now_utc(), CODE_URL.as_bytes());
            headers.retain(|(known, _)| *known != "Wechatpay-Signature");
            headers.push(("Wechatpay-Signature", probe.to_owned()));
            Reaction::Answer { status: 200, headers, body: CODE_URL.as_bytes().to_vec() }
        })
        .await;
        assert!(
            matches!(error, GatewayError::Unverified { cause: SignatureError::BadSignature, .. }),
            "{error:?}"
        );
        assert!(error.is_outcome_unknown() && error.is_retryable());
    }
}

#[tokio::test]
async fn a_proved_answer_that_says_nothing_is_malformed() {
    for body in ["{}", "<html>", r#"{"code_url":""}"#, ""] {
        let error = order_error(move |_| signed(200, body)).await;
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}");
        assert_eq!(error.request_id(), Some("08F78BB4E50510-0"));
    }
}

/// D30: 202 is not a success, and an error answer is parsed whatever its status is.
#[tokio::test]
async fn d30_errors_keep_the_gateways_words() {
    let error =
        order_error(|_| unsigned(500, r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#)).await;
    assert!(matches!(
        error,
        GatewayError::Answered { kind: AnswerKind::Unavailable, status: 500, .. }
    ));
    assert!(error.is_outcome_unknown());
    assert_eq!(error.code(), "SYSTEM_ERROR");
    assert!(error.to_string().contains("系统错误"));

    let error = order_error(|_| unsigned(502, "<html>bad gateway</html>")).await;
    assert_eq!((error.code(), error.is_outcome_unknown()), ("HTTP_502", true));

    let error = order_error(|_| signed(202, r#"{"code":"USERPAYING","message":"m"}"#)).await;
    assert!(matches!(
        error,
        GatewayError::Answered { kind: AnswerKind::Unavailable, status: 202, .. }
    ));

    let error = order_error(|_| unsigned(302, "")).await;
    assert!(matches!(
        error,
        GatewayError::Answered { kind: AnswerKind::Rejected, status: 302, .. }
    ));
}

#[tokio::test]
async fn a_broken_exchange_is_an_unknown_outcome_but_no_connection_is_not() {
    let error = order_error(|_| Reaction::Silence).await;
    assert!(matches!(error, GatewayError::TimedOut { after_ms: 500, .. }), "{error:?}");
    assert!(error.is_outcome_unknown() && error.is_retryable());

    let error = order_error(|_| Reaction::HangUp).await;
    assert!(matches!(error, GatewayError::Interrupted { .. }), "{error:?}");
    assert!(error.is_outcome_unknown());

    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client(&format!("http://{free}")).native_order(&order()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unreachable { .. }), "{error:?}");
    assert!(!error.is_outcome_unknown() && error.is_retryable());
}

#[tokio::test]
async fn a_huge_answer_is_cut_off() {
    let error = order_error(|_| signed(200, &" ".repeat(1024 * 1024 + 1))).await;
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
    assert!(error.is_outcome_unknown());
}

#[tokio::test]
async fn a_bad_order_number_never_reaches_the_wire() {
    let server = Server::start(|_| Reaction::HangUp);
    let client = client(&server.url);
    for number in ["", "12345", "../../refund", "ORDER?mchid=1", "ORDER\n0001"] {
        assert!(
            matches!(client.query(number).await, Err(GatewayError::InvalidOrder { .. })),
            "{number}"
        );
        assert!(
            matches!(client.close(number).await, Err(GatewayError::InvalidOrder { .. })),
            "{number}"
        );
    }
    assert!(server.received().is_empty());
}
