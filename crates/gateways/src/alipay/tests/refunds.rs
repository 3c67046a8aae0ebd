//! Refunds against a loopback gateway.

use std::time::Duration;

use time::macros::datetime;

use super::calls::{signed, unsigned};
use super::{client, verified};
use crate::test_server::{Reaction, Received, Server};
use crate::{
    AnswerKind, DepositBack, DepositBackState, Fen, GatewayError, Refund, RefundOrder, RefundState,
};

const REFUND: &str = "alipay_trade_refund_response";
const QUERY: &str = "alipay_trade_fastpay_refund_query_response";
const MOVED: &str = r#"{"code":"10000","msg":"Success","buyer_logon_id":"159****5620","buyer_user_id":"2088101117955611","fund_change":"Y","gmt_refund_pay":"2026-11-23 20:00:00","out_trade_no":"ORDER_0001","refund_fee":"0.80","send_back_fee":"0.30","trade_no":"42"}"#;
const FOUND: &str = r#"{"code":"10000","msg":"Success","out_request_no":"REFUND-1","out_trade_no":"ORDER_0001","refund_amount":"0.30","refund_status":"REFUND_SUCCESS","total_amount":"1.00","trade_no":"42"}"#;
const NOTHING: &str = r#"{"code":"10000","msg":"Success"}"#;

fn order() -> RefundOrder {
    RefundOrder {
        out_trade_no: "ORDER_0001".to_owned(),
        out_refund_no: "REFUND-1".to_owned(),
        amount: Fen::new(30).unwrap(),
        total: Fen::new(100).unwrap(),
        reason: "重复付款 A&B".to_owned(),
        notify_url: Some("https://shop.example/ignored".to_owned()),
    }
}

fn expected(state: RefundState, amount: Option<i64>) -> Refund {
    Refund {
        state,
        out_trade_no: "ORDER_0001".to_owned(),
        out_refund_no: "REFUND-1".to_owned(),
        refund_id: None,
        amount: amount.map(|fen| Fen::new(fen).unwrap()),
        deposit_back: None,
    }
}

fn is_query(request: &Received) -> bool {
    request.target.contains("method=alipay.trade.fastpay.refund.query")
}

async fn refund(
    react: impl Fn(&Received) -> Reaction + Send + 'static,
) -> Result<Refund, GatewayError> {
    let server = Server::start(react);
    client(&server.url).with_timeout(Duration::from_millis(500)).refund(&order()).await
}

/// A refund whose answer moved no money, and the answer to the query after it.
async fn unmoved(query: impl Fn() -> Reaction + Send + 'static) -> Result<Refund, GatewayError> {
    refund(move |request| {
        if is_query(request) {
            query()
        } else {
            signed(REFUND, &MOVED.replace("\"fund_change\":\"Y\"", "\"fund_change\":\"N\""))
        }
    })
    .await
}

#[tokio::test]
async fn moved_money_is_a_refund_of_ours_alone() {
    let server = Server::start(|_| signed(REFUND, MOVED));
    let refund = client(&server.url).refund(&order()).await.unwrap();
    // Not 0.80, the sum of all refunds of this trade.
    assert_eq!(refund, expected(RefundState::Succeeded, Some(30)));

    let received = server.received();
    assert_eq!(received.len(), 1);
    let (_, query) = received[0].target.split_once('?').unwrap();
    let parameters = verified(&[query.as_bytes(), &received[0].body]);
    assert_eq!(parameters["method"], "alipay.trade.refund");
    assert!(!parameters.contains_key("notify_url"));
    assert_eq!(
        parameters["biz_content"],
        r#"{"out_trade_no":"ORDER_0001","refund_amount":"0.30","out_request_no":"REFUND-1","refund_reason":"重复付款 A&B"}"#
    );
}

#[tokio::test]
async fn an_empty_reason_is_left_out() {
    let server = Server::start(|_| signed(REFUND, MOVED));
    let order = RefundOrder { reason: String::new(), ..order() };
    client(&server.url).refund(&order).await.unwrap();
    let request = &server.received()[0];
    let (_, in_query) = request.target.split_once('?').unwrap();
    let parameters = verified(&[in_query.as_bytes(), &request.body]);
    assert!(!parameters["biz_content"].contains("refund_reason"));
}

#[tokio::test]
async fn no_fund_change_is_not_failure_but_a_reason_to_ask() {
    let first = unmoved(|| signed(QUERY, FOUND)).await.unwrap();
    assert_eq!(first, expected(RefundState::Succeeded, Some(30)));

    let absent = MOVED.replace("\"fund_change\":\"Y\",", "");
    let first =
        refund(
            move |request| {
                if is_query(request) { signed(QUERY, FOUND) } else { signed(REFUND, &absent) }
            },
        )
        .await
        .unwrap();
    assert_eq!(first, expected(RefundState::Succeeded, Some(30)));

    // It was accepted, so it is under way until a later query says more.
    let under_way = expected(RefundState::Processing, None);
    assert_eq!(unmoved(|| signed(QUERY, NOTHING)).await.unwrap(), under_way);
    assert_eq!(unmoved(|| unsigned(QUERY, FOUND)).await.unwrap(), under_way);
    assert_eq!(unmoved(|| Reaction::HangUp).await.unwrap(), under_way);
    assert_eq!(unmoved(|| Reaction::Silence).await.unwrap(), under_way);
}

#[tokio::test]
async fn another_amount_under_the_same_number_is_an_error() {
    let error = unmoved(|| signed(QUERY, &FOUND.replace("0.30", "0.31"))).await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");

    let node = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.DISCORDANT_REPEAT_REQUEST","sub_msg":"不一致的请求"}"#;
    let error = refund(move |_| signed(REFUND, node)).await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::OrderMismatch), "{error:?}");
    assert!(!error.is_retryable() && !error.is_outcome_unknown());
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_believed() {
    for (from, to) in [
        ("ORDER_0001", "ORDER_0002"),
        ("\"refund_fee\":\"0.80\"", "\"refund_fee\":\"0.29\""),
        ("\"refund_fee\":\"0.80\"", "\"refund_fee\":\"1.01\""),
        ("\"refund_fee\":\"0.80\"", "\"refund_fee\":\"0.800\""),
        ("\"refund_fee\":\"0.80\",", ""),
        ("\"out_trade_no\"", "\"trade\""),
    ] {
        let node = MOVED.replace(from, to);
        assert_ne!(node, MOVED);
        let error = refund(move |_| signed(REFUND, &node)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{from} {to}: {error:?}");
        assert!(error.is_outcome_unknown() && !error.is_retryable());
    }
}

#[tokio::test]
async fn a_refund_of_unknown_outcome_may_be_sent_again() {
    let busy = |sub_code: &str| {
        let node = format!(r#"{{"code":"40004","msg":"m","sub_code":"{sub_code}"}}"#);
        move |_: &Received| signed(REFUND, &node)
    };
    for error in [
        refund(|_| Reaction::Silence).await.unwrap_err(),
        refund(|_| Reaction::HangUp).await.unwrap_err(),
        refund(|_| unsigned(REFUND, MOVED)).await.unwrap_err(),
        refund(busy("ACQ.SYSTEM_ERROR")).await.unwrap_err(),
        refund(busy("aop.ACQ.SYSTEM_ERROR")).await.unwrap_err(),
    ] {
        assert!(error.is_outcome_unknown() && error.is_retryable(), "{error:?}");
    }
    let error = refund(busy("ACQ.SELLER_BALANCE_NOT_ENOUGH")).await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::InsufficientBalance), "{error:?}");
    assert!(error.is_retryable() && !error.is_outcome_unknown());
}

#[tokio::test]
async fn a_finished_trade_refuses_refunds_for_good() {
    for sub_code in ["ACQ.TRADE_HAS_FINISHED", "ACQ.TRADE_HAS_CLOSE", "ACQ.TRADE_NOT_EXIST"] {
        let node = format!(r#"{{"code":"40004","msg":"m","sub_code":"{sub_code}"}}"#);
        let error = refund(move |_| signed(REFUND, &node)).await.unwrap_err();
        assert_eq!(error.kind(), Some(AnswerKind::Rejected), "{error:?}");
        assert_eq!(error.code(), sub_code);
    }
}

/// The client's result for a node.
async fn query(
    react: impl Fn(&Received) -> Reaction + Send + 'static,
) -> Result<Refund, GatewayError> {
    let server = Server::start(react);
    let refund = client(&server.url).query_refund("ORDER_0001", "REFUND-1").await;
    let request = server.received().remove(0);
    let (_, in_query) = request.target.split_once('?').unwrap();
    let parameters = verified(&[in_query.as_bytes(), &request.body]);
    assert_eq!(parameters["method"], "alipay.trade.fastpay.refund.query");
    assert_eq!(
        parameters["biz_content"],
        r#"{"out_trade_no":"ORDER_0001","out_request_no":"REFUND-1","query_options":["deposit_back_info"]}"#
    );
    refund
}

#[tokio::test]
async fn a_query_finds_a_refund_only_where_it_says_success() {
    let found = query(|_| signed(QUERY, FOUND)).await.unwrap();
    assert_eq!(found, expected(RefundState::Succeeded, Some(30)));

    let nothing = expected(RefundState::NotFound, None);
    assert_eq!(query(|_| signed(QUERY, NOTHING)).await.unwrap(), nothing);
    let unfinished = FOUND.replace("\"refund_status\":\"REFUND_SUCCESS\",", "");
    assert_eq!(query(move |_| signed(QUERY, &unfinished)).await.unwrap(), nothing);
    let no_trade = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}"#;
    assert_eq!(query(move |_| signed(QUERY, no_trade)).await.unwrap(), nothing);
    // An unsigned answer must not cause a second refund.
    let error = query(move |_| unsigned(QUERY, no_trade)).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unverified { .. }), "{error:?}");

    let else_ = FOUND.replace("REFUND_SUCCESS", "REFUND_PROCESSING");
    let found = query(move |_| signed(QUERY, &else_)).await.unwrap();
    assert_eq!(found, expected(RefundState::Unknown, Some(30)));
}

#[tokio::test]
async fn a_query_tells_what_the_payers_bank_made_of_a_refund() {
    let with = |info: &str| {
        let last = FOUND.rfind('}').unwrap();
        let node = format!(r#"{},"deposit_back_info":{info}}}"#, &FOUND[..last]);
        query(move |_| signed(QUERY, &node))
    };
    let returned = r#"{"has_deposit_back":"true","dback_status":"F","dback_amount":"0.30","bank_ack_time":"2026-11-22 12:00:00"}"#;
    let found = with(returned).await.unwrap();
    let expected = DepositBack {
        state: DepositBackState::Returned,
        amount: Fen::new(30),
        acknowledged_at: Some(datetime!(2026-11-22 12:00:00 +8)),
    };
    assert_eq!((found.state, found.deposit_back), (RefundState::Succeeded, Some(expected)));
    for (info, state) in [
        (r#"{"has_deposit_back":"true","dback_status":"S"}"#, Some(DepositBackState::Succeeded)),
        (r#"{"has_deposit_back":"true","dback_status":"P"}"#, Some(DepositBackState::Processing)),
        (r#"{"has_deposit_back":true,"dback_amount":7}"#, Some(DepositBackState::Unknown)),
        (r#"{"has_deposit_back":"false"}"#, None),
        ("[]", None),
        ("\"text\"", None),
    ] {
        let found = with(info).await.unwrap();
        assert_eq!(found.state, RefundState::Succeeded, "{info}");
        assert_eq!(found.deposit_back.map(|back| back.state), state, "{info}");
    }
}

#[tokio::test]
async fn a_query_about_something_else_is_not_believed() {
    for (from, to) in [
        ("ORDER_0001", "ORDER_0002"),
        ("REFUND-1", "REFUND-2"),
        ("\"out_request_no\":\"REFUND-1\",", ""),
        ("\"out_trade_no\":\"ORDER_0001\",", ""),
        ("\"refund_amount\":\"0.30\",", ""),
        ("0.30", "0.3.0"),
    ] {
        let node = FOUND.replace(from, to);
        assert_ne!(node, FOUND);
        let error = query(move |_| signed(QUERY, &node)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{from} {to}: {error:?}");
    }
}

#[tokio::test]
async fn a_bad_refund_never_reaches_the_wire() {
    let server = Server::start(|_| Reaction::HangUp);
    let client = client(&server.url);
    let fen = |value| Fen::new(value).unwrap();
    for (bad, expected) in [
        (RefundOrder { out_refund_no: String::new(), ..order() }, "out_refund_no"),
        (RefundOrder { out_refund_no: "1".repeat(65), ..order() }, "out_refund_no"),
        (RefundOrder { out_refund_no: "a@b".to_owned(), ..order() }, "out_refund_no"),
        (RefundOrder { out_trade_no: "a b".to_owned(), ..order() }, "out_trade_no"),
        (RefundOrder { amount: fen(0), ..order() }, "amount"),
        (RefundOrder { amount: fen(101), ..order() }, "amount"),
    ] {
        match client.refund(&bad).await {
            Err(GatewayError::InvalidOrder { field, .. }) => assert_eq!(field, expected),
            other => panic!("{bad:?}: {other:?}"),
        }
    }
    assert!(client.query_refund("ORDER_0001", "").await.is_err());
    assert!(client.query_refund("", "REFUND-1").await.is_err());
    assert!(server.received().is_empty());
}
