//! The client against a loopback gateway.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;

use super::{client, order, verified};
use crate::alipay::CloseOutcome;
use crate::test_server::{Reaction, Received, Server};
use crate::{AnswerKind, Fen, GatewayError, SignatureError, TradeState, test_keys};

const NOT_EXIST: &str = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"交易不存在","buyer_pay_amount":"0.00","invoice_amount":"0.00","out_trade_no":"ORDER_0001","point_amount":"0.00","receipt_amount":"0.00"}"#;
const PRECREATED: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https:\/\/qr.alipay.com\/bax1"}"#;

/// An answer of the gateway, which always says 200 and calls it HTML.
fn answer(body: String) -> Reaction {
    let headers = vec![("Content-Type", "text/html;charset=utf-8".to_owned())];
    Reaction::Answer { status: 200, headers, body: body.into_bytes() }
}

pub(super) fn signed(member: &str, node: &str) -> Reaction {
    let sign = test_keys::platform().sign(node.as_bytes()).replace('/', "\\/");
    answer(format!(r#"{{"{member}":{node},"sign":"{sign}"}}"#))
}

pub(super) fn unsigned(member: &str, node: &str) -> Reaction {
    answer(format!(r#"{{"{member}":{node}}}"#))
}

async fn order_error(react: impl Fn(&Received) -> Reaction + Send + 'static) -> GatewayError {
    let server = Server::start(react);
    client(&server.url)
        .with_timeout(Duration::from_millis(500))
        .precreate(&order())
        .await
        .unwrap_err()
}

/// D31: the same text there and in what is signed.
#[tokio::test]
async fn d31_charset_is_in_the_query_and_content_in_the_form() {
    let server = Server::start(|_| signed("alipay_trade_precreate_response", PRECREATED));
    let placed = client(&server.url).precreate(&order()).await.unwrap();
    assert_eq!(placed.qr_code, "https://qr.alipay.com/bax1");

    let request = &server.received()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("Content-Type"), "application/x-www-form-urlencoded;charset=utf-8");
    let (path, query) = request.target.split_once('?').unwrap();
    assert_eq!(path, "/gateway.do");
    assert!(query.contains("charset=utf-8&"));
    assert!(!query.contains("biz_content"));
    let parameters = verified(&[query.as_bytes(), &request.body]);
    assert_eq!(parameters["method"], "alipay.trade.precreate");
    assert_eq!(parameters["notify_url"], "https://shop.example/notify/alipay?x=1&y=2");
    assert!(!parameters.contains_key("return_url"));
    assert_eq!(
        parameters["biz_content"],
        r#"{"out_trade_no":"ORDER_0001","total_amount":"1.00","subject":"测试商品 A+BC","product_code":"FACE_TO_FACE_PAYMENT","time_expire":"2026-11-23 00:00:00"}"#
    );
    let sent_at = crate::china_time::parse_spaced(&parameters["timestamp"]).unwrap();
    assert!((OffsetDateTime::now_utc() - sent_at).whole_seconds().abs() < 60);
}

#[tokio::test]
async fn captured_query_answers_are_read() {
    let paid = r#"{"code":"10000","msg":"Success","buyer_logon_id":"ljf***@sandbox.com","buyer_pay_amount":"0.00","buyer_user_id":"2088102178965924","buyer_user_type":"PRIVATE","invoice_amount":"0.00","out_trade_no":"2222223","point_amount":"0.00","receipt_amount":"0.00","send_pay_date":"2020-05-26 17:09:35","total_amount":"20.00","trade_no":"2020052622001465920500929641","trade_status":"TRADE_SUCCESS"}"#;
    let server = Server::start(move |_| signed("alipay_trade_query_response", paid));
    let client = client(&server.url);
    let trade = client.query("2222223").await.unwrap();
    assert_eq!(trade.state, TradeState::Paid);
    assert_eq!(trade.amount, Fen::new(2000));
    assert_eq!(trade.paid_at, Some(datetime!(2020-05-26 17:09:35 +8)));
    assert_eq!(trade.transaction_id.as_deref(), Some("2020052622001465920500929641"));
    assert_eq!(trade.app_id.as_deref(), Some(client.app_id()));
    assert_eq!(trade.merchant_id.as_deref(), Some(client.seller_id()));

    let error = client.query("2222224").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "another order's answer: {error:?}");
}

/// D27: neither an error nor closed.
#[tokio::test]
async fn d27_a_trade_that_does_not_exist_is_not_created_if_that_is_proved() {
    let server = Server::start(|_| signed("alipay_trade_query_response", NOT_EXIST));
    let trade = client(&server.url).query("ORDER_0001").await.unwrap();
    assert_eq!((trade.state, trade.amount), (TradeState::NotCreated, None));

    let server = Server::start(|_| unsigned("alipay_trade_query_response", NOT_EXIST));
    let error = client(&server.url).query("ORDER_0001").await.unwrap_err();
    assert!(matches!(error, GatewayError::Unverified { .. }));
}

#[tokio::test]
async fn closing_says_whether_there_was_anything_to_close() {
    let closed = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","trade_no":"42"}"#;
    let server = Server::start(move |_| signed("alipay_trade_close_response", closed));
    assert_eq!(client(&server.url).close("ORDER_0001").await, Ok(CloseOutcome::Closed));
    let request = &server.received()[0];
    let parameters =
        verified(&[request.target.split_once('?').unwrap().1.as_bytes(), &request.body]);
    assert_eq!(parameters["biz_content"], r#"{"out_trade_no":"ORDER_0001"}"#);

    // L9: a signed answer to somebody else's close.
    let other = closed.replace("ORDER_0001", "ORDER_0002");
    let server = Server::start(move |_| signed("alipay_trade_close_response", &other));
    let error = client(&server.url).close("ORDER_0001").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
    let server = Server::start(|_| signed("alipay_trade_close_response", NOT_EXIST));
    assert_eq!(client(&server.url).close("ORDER_0001").await, Ok(CloseOutcome::NotCreated));

    let paid = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_STATUS_ERROR","sub_msg":"交易状态不合法"}"#;
    let server = Server::start(move |_| signed("alipay_trade_close_response", paid));
    let error = client(&server.url).close("ORDER_0001").await.unwrap_err();
    assert_eq!(error.code(), "ACQ.TRADE_STATUS_ERROR");
    assert_eq!(error.kind(), Some(AnswerKind::Rejected));
}

#[tokio::test]
async fn a_success_that_is_not_proved_is_an_unknown_outcome() {
    let name = "alipay_trade_precreate_response";
    let error = order_error(move |_| unsigned(name, PRECREATED)).await;
    assert!(matches!(
        error,
        GatewayError::Unverified { cause: SignatureError::Missing("sign"), .. }
    ));
    assert!(error.is_outcome_unknown());

    let own = test_keys::merchant().sign(PRECREATED.as_bytes());
    for sign in [format!("\"{own}\""), "\"\"".to_owned(), "null".to_owned(), "\"%\"".to_owned()] {
        let error =
            order_error(move |_| answer(format!(r#"{{"{name}":{PRECREATED},"sign":{sign}}}"#)))
                .await;
        assert!(matches!(
            error,
            GatewayError::Unverified { cause: SignatureError::BadSignature, .. }
        ));
    }
}

/// Alipay's SDK for Java tries `/` for `\/` if the text as received does not verify (gateways.md B4).
#[tokio::test]
async fn a_node_may_be_signed_with_plain_slashes() {
    let name = "alipay_trade_precreate_response";
    let answered = |node: &str, signed: &str| {
        let sign = test_keys::platform().sign(signed.as_bytes());
        let body = format!(r#"{{"{name}":{node},"sign":"{sign}"}}"#);
        let server = Server::start(move |_| answer(body.clone()));
        async move { client(&server.url).precreate(&order()).await }
    };
    let plain = PRECREATED.replace("\\/", "/");
    let ordered = answered(PRECREATED, &plain).await.unwrap();
    assert_eq!(ordered.qr_code, "https://qr.alipay.com/bax1");
    // Neither another text nor an added backslash is covered by a signature.
    let other = PRECREATED.replace("bax1", "bax2");
    let longer = PRECREATED.replace("\\/", "\\\\/");
    for (node, signed) in [(other, plain.as_str()), (longer.clone(), &plain), (longer, PRECREATED)]
    {
        let error = answered(&node, signed).await.unwrap_err();
        assert!(matches!(error, GatewayError::Unverified { .. }), "{node}: {error:?}");
    }
}

#[tokio::test]
async fn an_unsigned_error_is_still_an_error() {
    let node = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id","sub_msg":"无效的AppID参数"}"#;
    for member in ["alipay_trade_precreate_response", "error_response"] {
        let error = order_error(move |_| unsigned(member, node)).await;
        assert_eq!(error.kind(), Some(AnswerKind::Misconfigured), "{error:?}");
        assert_eq!(error.code(), "isv.invalid-app-id");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_malformed() {
    for body in [
        "<html>调试错误</html>",
        "",
        "[]",
        r#"{"sign":"x"}"#,
        r#"{"alipay_trade_query_response":{"code":"10000"}}"#,
        r#"{"error_response":{"code":"10000"}}"#,
        r#"{"alipay_trade_precreate_response":"text"}"#,
    ] {
        let error = order_error(move |_| answer(body.to_owned())).await;
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}: {error:?}");
    }
    // One byte more than a QR code holds.
    let endless = format!(
        r#"{{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"{}"}}"#,
        "x".repeat(2332)
    );
    for node in [
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001"}"#.to_owned(),
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0002","qr_code":"q"}"#.to_owned(),
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":""}"#.to_owned(),
        endless,
    ] {
        let sent = node.clone();
        let error = order_error(move |_| signed("alipay_trade_precreate_response", &sent)).await;
        assert!(matches!(error, GatewayError::Malformed { .. }), "{node}: {error:?}");
    }
}

#[tokio::test]
async fn a_broken_exchange_is_an_unknown_outcome() {
    let error = order_error(|_| Reaction::Silence).await;
    assert!(matches!(error, GatewayError::TimedOut { .. }), "{error:?}");
    assert!(error.is_outcome_unknown());
    let error = order_error(|_| Reaction::HangUp).await;
    assert!(matches!(error, GatewayError::Interrupted { .. }), "{error:?}");
    assert!(error.is_outcome_unknown());
    let error = order_error(|_| answer(" ".repeat(1024 * 1024 + 1))).await;
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
    let error =
        order_error(|_| Reaction::Answer { status: 500, headers: Vec::new(), body: Vec::new() })
            .await;
    assert!(
        error.kind() == Some(AnswerKind::Unavailable) && error.is_outcome_unknown(),
        "{error:?}"
    );
    let node = r#"{"code":"20000","msg":"Service Currently Unavailable","sub_code":"aop.unknow-error","sub_msg":"系统繁忙"}"#;
    let error = order_error(move |_| signed("alipay_trade_precreate_response", node)).await;
    assert!(error.is_outcome_unknown() && error.is_retryable());
}
