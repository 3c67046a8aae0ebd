//! Messages from public SDKs and pasted logs: members and values as found, persons replaced.

use super::calls::{signed, unsigned};
use super::{client, order};
use crate::alipay::{Buyer, Client};
use crate::test_server::{Reaction, Server};
use crate::{AnswerKind, GatewayError};

fn answering(react: impl Fn() -> Reaction + Send + 'static) -> Client {
    client(&Server::start(move |_| react()).url)
}

/// go-pay/gopay `alipay/sign_test.go`: the node of `alipay.trade.pay`, which has no state.
#[tokio::test]
async fn an_answer_to_another_method_is_no_trade() {
    const NODE: &str = r#"{"code":"10000","msg":"Success","buyer_logon_id":"abc***@example.com","buyer_pay_amount":"0.01","buyer_user_id":"2088000000000002","fund_bill_list":[{"amount":"0.01","fund_channel":"PCREDIT"}],"gmt_payment":"2019-08-29 20:14:05","invoice_amount":"0.01","out_trade_no":"GZ201901301040361012","point_amount":"0.00","receipt_amount":"0.01","total_amount":"0.01","trade_no":"2019082922001432790585537960"}"#;
    let alipay = answering(|| signed("alipay_trade_query_response", NODE));
    let error = alipay.query("GZ201901301040361012").await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
}

/// Alipay's Python SDK, `AlipayTradePrecreateResponse`: members that we do not use.
#[tokio::test]
async fn a_code_may_come_with_a_share_code_and_a_prepay_id() {
    const NODE: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https:\/\/qr.alipay.com\/bavh4wjlxf12tper3a","share_code":"吱口令","prepay_id":"2019082922001432790585537960"}"#;
    let alipay = answering(|| signed("alipay_trade_precreate_response", NODE));
    let ordered = alipay.precreate(&order()).await.unwrap();
    assert_eq!(ordered.qr_code, "https://qr.alipay.com/bavh4wjlxf12tper3a");
}

/// Alipay's Python SDK, `AlipaySystemOauthTokenResponse`, and a pasted answer: numbers as numbers.
#[tokio::test]
async fn a_token_names_the_buyer_in_either_way() {
    for (node, expected) in [
        (
            r#"{"access_token":"authbseB1","alipay_user_id":"20880000000000000000000000000002","auth_start":"2024-01-01 10:00:00","expires_in":1296000,"re_expires_in":2592000,"refresh_token":"authbseB2","user_id":"2088000000000002"}"#,
            Buyer::UserId("2088000000000002".to_owned()),
        ),
        (
            r#"{"access_token":"authbseB1","auth_start":"2024-01-01 10:00:00","expires_in":1296000,"open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5","re_expires_in":2592000,"refresh_token":"authbseB2","union_id":"u-1"}"#,
            Buyer::OpenId("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5".to_owned()),
        ),
    ] {
        let alipay = answering(move || signed("alipay_system_oauth_token_response", node));
        assert_eq!(alipay.buyer("code").await, Ok(expected));
    }
}

/// Alipay's SDK for Node, `test/alipay.exec.test.ts`: an unsigned error of the gateway itself.
#[tokio::test]
async fn an_unsigned_refusal_of_a_code_is_a_rejection() {
    const NODE: &str = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"授权码code无效"}"#;
    let alipay = answering(|| unsigned("error_response", NODE));
    let error = alipay.buyer("code").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (Some(AnswerKind::Rejected), "isv.code-invalid"));
}
