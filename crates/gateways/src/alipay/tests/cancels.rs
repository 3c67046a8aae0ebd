use super::calls::signed;
use super::{client, verified};
use crate::alipay::CancelOutcome;
use crate::test_server::Server;
use crate::{AnswerKind, GatewayError, SignatureError};

const CANCEL: &str = "alipay_trade_cancel_response";

async fn cancel(members: &'static str) -> Result<CancelOutcome, GatewayError> {
    let server = Server::start(move |_| {
        signed(
            CANCEL,
            &format!(r#"{{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001"{members}}}"#),
        )
    });
    let outcome = client(&server.url).cancel("ORDER_0001").await;
    let request = &server.received()[0];
    let query = request.target.split_once('?').unwrap().1.as_bytes();
    let parameters = verified(&[query, &request.body]);
    assert_eq!(parameters["method"], "alipay.trade.cancel");
    assert_eq!(parameters["biz_content"], r#"{"out_trade_no":"ORDER_0001"}"#);
    outcome
}

#[tokio::test]
async fn cancelling_reports_whether_money_moved() {
    use CancelOutcome::{Closed, NotCreated, Refunded, TryAgain};
    assert_eq!(cancel(r#","retry_flag":"N","action":"close","trade_no":"42""#).await, Ok(Closed));
    assert_eq!(cancel(r#","retry_flag":"N","action":"refund""#).await, Ok(Refunded));
    assert_eq!(cancel(r#","retry_flag":"N""#).await, Ok(NotCreated));
    assert_eq!(cancel(r#","retry_flag":"Y","action":"close""#).await, Ok(TryAgain));
    let error = cancel(r#","action":"keep""#).await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn cancelling_needs_proof_and_keeps_the_gateways_word() {
    let node = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","action":"close"}"#;
    let server = Server::start(move |_| super::calls::unsigned(CANCEL, node));
    let error = client(&server.url).cancel("ORDER_0001").await.unwrap_err();
    assert!(matches!(
        error,
        GatewayError::Unverified { cause: SignatureError::Missing("sign"), .. }
    ));

    let node = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.SELLER_BALANCE_NOT_ENOUGH","sub_msg":"商户余额不足"}"#;
    let server = Server::start(move |_| signed(CANCEL, node));
    let error = client(&server.url).cancel("ORDER_0001").await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::InsufficientBalance), "{error:?}");

    let node = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0002","action":"close"}"#;
    let server = Server::start(move |_| signed(CANCEL, node));
    let error = client(&server.url).cancel("ORDER_0001").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");

    let node = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"交易不存在"}"#;
    let server = Server::start(move |_| signed(CANCEL, node));
    assert_eq!(client(&server.url).cancel("ORDER_0001").await, Ok(CancelOutcome::NotCreated));
}
