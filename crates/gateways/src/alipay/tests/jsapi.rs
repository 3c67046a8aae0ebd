//! Payment inside Alipay: the buyer, and a trade that only this buyer can pay.

use super::calls::{signed, unsigned};
use super::{client, config, order, verified};
use crate::alipay::{Buyer, Client, Config};
use crate::test_server::{Reaction, Received, Server};
use crate::{AnswerKind, GatewayError, SignatureError};

const TOKEN: &str = "alipay_system_oauth_token_response";
const CREATE: &str = "alipay_trade_create_response";

fn user() -> Buyer {
    Buyer::UserId("2088000000000002".to_owned())
}

async fn buyer(
    react: impl Fn(&Received) -> Reaction + Send + 'static,
) -> Result<Buyer, GatewayError> {
    let server = Server::start(react);
    client(&server.url).buyer("a-code").await
}

#[test]
fn the_buyer_is_sent_to_alipay_and_back_with_the_state() {
    assert_eq!(
        client("http://127.0.0.1:9").oauth_url("https://shop.example/v1/returns?x=1", "st.at/e+"),
        "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm?app_id=2021000000000001&scope=auth_base&redirect_uri=https%3A%2F%2Fshop.example%2Fv1%2Freturns%3Fx%3D1&state=st.at%2Fe%2B"
    );
}

#[tokio::test]
async fn a_code_becomes_a_buyer_and_stays_out_of_the_address() {
    let node = r#"{"access_token":"t","alipay_user_id":"x","expires_in":1296000,"re_expires_in":2592000,"refresh_token":"r","user_id":"2088000000000002"}"#;
    let server = Server::start(move |_| signed(TOKEN, node));
    assert_eq!(client(&server.url).buyer("a+code").await, Ok(user()));
    let request = &server.received()[0];
    let query = request.target.split_once('?').unwrap().1;
    assert!(!query.contains("code=") && query.contains("charset=utf-8&"), "{query}");
    let parameters = verified(&[query.as_bytes(), &request.body]);
    assert_eq!(parameters["method"], "alipay.system.oauth.token");
    assert_eq!(parameters["grant_type"], "authorization_code");
    assert_eq!(parameters["code"], "a+code");
    assert!(!parameters.contains_key("biz_content"));

    let node =
        r#"{"access_token":"t","open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}"#;
    let found = buyer(move |_| signed(TOKEN, node)).await.unwrap();
    assert_eq!(found, Buyer::OpenId("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5".to_owned()));
}

#[tokio::test]
async fn a_token_needs_a_signature_and_a_buyer() {
    let node = r#"{"access_token":"t","user_id":"2088000000000002"}"#;
    let error = buyer(move |_| unsigned(TOKEN, node)).await.unwrap_err();
    assert!(matches!(
        error,
        GatewayError::Unverified { cause: SignatureError::Missing("sign"), .. }
    ));
    for node in [
        r#"{"access_token":"t"}"#,
        r#"{"user_id":""}"#,
        r#"{"user_id":"2088&x=y"}"#,
        r#"{"user_id":7}"#,
    ] {
        let error = buyer(move |_| signed(TOKEN, node)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{node}: {error:?}");
    }
    // A node that is named as an error and states neither success nor failure.
    let error =
        buyer(move |_| signed("error_response", r#"{"user_id":"2088"}"#)).await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::Rejected), "{error:?}");
}

#[tokio::test]
async fn a_used_code_is_rejected_not_misconfigured() {
    let node = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"授权码code无效"}"#;
    for member in [TOKEN, "error_response"] {
        let error = buyer(move |_| signed(member, node)).await.unwrap_err();
        assert_eq!(error.kind(), Some(AnswerKind::Rejected), "{error:?}");
        assert_eq!(error.code(), "isv.code-invalid");
    }
    for code in ["", "a b", "a\nb", &"c".repeat(129)] {
        let refused = client("http://127.0.0.1:9").buyer(code).await;
        assert!(matches!(refused, Err(GatewayError::InvalidOrder { field: "auth_code", .. })));
    }
}

#[test]
fn a_buyer_is_not_printed() {
    let printed = format!("{:?} {:?}", user(), Buyer::OpenId("074a1CcTG1".to_owned()));
    assert_eq!(printed, "UserId(***) OpenId(***)");
}

#[tokio::test]
async fn a_trade_is_created_for_one_buyer() {
    let node = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","trade_no":"2020022922001434021425786415"}"#;
    let server = Server::start(move |_| signed(CREATE, node));
    let client = client(&server.url);
    let created = client.trade_create(&order(), &user()).await.unwrap();
    assert_eq!(created.trade_no, "2020022922001434021425786415");
    client.trade_create(&order(), &Buyer::OpenId("074a".to_owned())).await.unwrap();
    let contents: Vec<String> = server
        .received()
        .iter()
        .map(|request| {
            let query = request.target.split_once('?').unwrap().1.as_bytes();
            let parameters = verified(&[query, &request.body]);
            assert_eq!(parameters["method"], "alipay.trade.create");
            assert_eq!(parameters["notify_url"], "https://shop.example/notify/alipay?x=1&y=2");
            parameters["biz_content"].clone()
        })
        .collect();
    assert_eq!(
        contents[0],
        r#"{"out_trade_no":"ORDER_0001","total_amount":"1.00","subject":"测试商品 A+BC","product_code":"JSAPI_PAY","time_expire":"2026-11-23 00:00:00","op_app_id":"2021000000000001","buyer_id":"2088000000000002"}"#
    );
    assert!(contents[1].ends_with(r#","buyer_open_id":"074a"}"#), "{}", contents[1]);

    let refused = client.trade_create(&order(), &Buyer::UserId("2088\n".to_owned())).await;
    assert!(matches!(refused, Err(GatewayError::InvalidOrder { field: "buyer", .. })));
}

#[tokio::test]
async fn the_contract_decides_product_code_and_application() {
    let node = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","trade_no":"42"}"#;
    let server = Server::start(move |_| signed(CREATE, node));
    for (product_code, op_app_id, expected) in [
        ("JSAPI_PAY", None, Some("2021000000000001")),
        ("JSAPI_PAY", Some("2021000000000009"), Some("2021000000000009")),
        ("FACE_TO_FACE_PAYMENT", None, None),
    ] {
        let client = Client::new(Config {
            gateway_url: format!("{}/gateway.do", server.url),
            jsapi_product_code: product_code.to_owned(),
            op_app_id: op_app_id.map(str::to_owned),
            ..config()
        })
        .unwrap();
        let open_id = Buyer::OpenId("074a".to_owned());
        client.trade_create(&order(), &open_id).await.unwrap();
        let request = server.received().pop().unwrap();
        let content: serde_json::Value =
            serde_json::from_str(&verified(&[&request.body, request.target.split_once('?').unwrap().1.as_bytes()])["biz_content"])
                .unwrap();
        assert_eq!(content["product_code"], product_code);
        assert_eq!(content.get("op_app_id").and_then(|id| id.as_str()), expected);
        // An open id belongs to one application: the mini-program's has a member of its own.
        let (sent, other) = match op_app_id {
            Some(_) => ("op_buyer_open_id", "buyer_open_id"),
            None => ("buyer_open_id", "op_buyer_open_id"),
        };
        assert_eq!((&content[sent], content.get(other)), (&"074a".into(), None));
    }
}

#[tokio::test]
async fn another_trade_than_asked_for_is_not_believed() {
    for node in [
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0002","trade_no":"42"}"#,
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","trade_no":""}"#,
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001"}"#,
    ] {
        let server = Server::start(move |_| signed(CREATE, node));
        let error = client(&server.url).trade_create(&order(), &user()).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{node}: {error:?}");
    }
}
