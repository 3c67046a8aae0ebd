//! H5 and JSAPI orders, and their use in a page.

use time::macros::datetime;

use super::super::signature::invocation_message;
use super::super::wire::{h5_request, jsapi_request, native_request};
use super::calls::{assert_authorized, signed};
use super::{client, order};
use crate::test_server::Server;
use crate::wechat_pay::H5Order;
use crate::{GatewayError, test_keys};

const H5_URL: &str = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016121516420242444321ca0631331346&package=1405458241";
const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

#[tokio::test]
async fn an_h5_order_says_from_where_the_payer_comes() {
    let server = Server::start(|_| signed(200, &format!(r#"{{"h5_url":"{H5_URL}"}}"#)));
    let client = client(&server.url);
    for address in ["203.0.113.9", "::ffff:203.0.113.9"] {
        let placed = client.h5_order(&order(), address).await.unwrap();
        assert_eq!(placed.h5_url, H5_URL);
    }
    for request in server.received() {
        assert_eq!(request.target, "/v3/pay/transactions/h5");
        assert_authorized(&request);
        assert_eq!(
            String::from_utf8(request.body).unwrap(),
            r#"{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-QQ公仔","out_trade_no":"ORDER_0001","time_expire":"2026-11-23T00:00:00+08:00","notify_url":"https://shop.example/v1/notifications/wechat_pay","amount":{"total":100,"currency":"CNY"},"scene_info":{"payer_client_ip":"203.0.113.9","h5_info":{"type":"Wap"}}}"#
        );
    }
    for address in ["", "localhost", "203.0.113", "203.0.113.9, 10.0.0.1"] {
        let refused = client.h5_order(&order(), address).await;
        assert!(
            matches!(refused, Err(GatewayError::InvalidOrder { field: "payer_client_ip", .. })),
            "{address}"
        );
    }
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn an_order_without_its_address_or_number_is_malformed() {
    for body in ["{}", r#"{"h5_url":""}"#, r#"{"h5_url":"javascript:alert(1)"}"#] {
        let server = Server::start(move |_| signed(200, body));
        let error = client(&server.url).h5_order(&order(), "203.0.113.9").await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}");
    }
    for body in ["{}", r#"{"prepay_id":""}"#, r#"{"prepay_id":"a\nb"}"#] {
        let server = Server::start(move |_| signed(200, body));
        let error = client(&server.url).jsapi_order(&order(), OPENID).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}");
    }
}

/// D21: the return address is appended, encoded, and the rest of the address is unchanged.
#[test]
fn d21_redirect_url_is_appended_encoded() {
    let placed = H5Order { h5_url: H5_URL.to_owned() };
    assert_eq!(
        placed.with_redirect_url("https://shop.example/pay?s=1&t=中 文#x"),
        format!(
            "{H5_URL}&redirect_url=https%3A%2F%2Fshop.example%2Fpay%3Fs%3D1%26t%3D%E4%B8%AD%20%E6%96%87%23x"
        )
    );
}

#[tokio::test]
async fn a_jsapi_order_is_for_one_payer() {
    let server =
        Server::start(|_| signed(200, r#"{"prepay_id":"wx201410272009395522657a690389285100"}"#));
    let client = client(&server.url);
    let placed = client.jsapi_order(&order(), OPENID).await.unwrap();
    assert_eq!(placed.prepay_id, "wx201410272009395522657a690389285100");
    let request = &server.received()[0];
    assert_eq!(request.target, "/v3/pay/transactions/jsapi");
    assert_authorized(request);
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert!(body.ends_with(&format!(r#","payer":{{"openid":"{OPENID}"}}}}"#)), "{body}");
    for openid in ["", "an openid", &"o".repeat(129)] {
        let refused = client.jsapi_order(&order(), openid).await;
        assert!(matches!(refused, Err(GatewayError::InvalidOrder { field: "openid", .. })));
    }
}

/// D29: WeChat Pay refuses members of other products, so each request has only its own.
#[test]
fn d29_each_product_sends_only_its_own_members() {
    let members = |body: Result<Vec<u8>, GatewayError>| {
        let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
        let shared = [
            "amount",
            "appid",
            "description",
            "mchid",
            "notify_url",
            "out_trade_no",
            "time_expire",
        ];
        let names = body.as_object().unwrap().keys().cloned();
        names.filter(|name| !shared.contains(&name.as_str())).collect::<Vec<String>>()
    };
    assert!(members(native_request("wx1", "19", &order())).is_empty());
    assert_eq!(members(h5_request("wx1", "19", &order(), "::1")), ["scene_info"]);
    assert_eq!(members(jsapi_request("wx1", "19", &order(), OPENID)), ["payer"]);
}

#[test]
fn the_page_gets_what_weixin_js_bridge_takes_signed_with_the_merchants_key() {
    let now = datetime!(2026-11-22 12:00:00 UTC);
    let client = client("http://127.0.0.1:9");
    let parameters = client.jsapi_parameters("wx2014", now).unwrap();
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"]);
    let value = |name: &str| {
        parameters
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
            .unwrap()
    };
    assert_eq!(value("appId"), "wxd678efh567hg6787");
    assert_eq!(value("timeStamp"), now.unix_timestamp().to_string());
    assert_eq!(value("package"), "prepay_id=wx2014");
    assert_eq!(value("signType"), "RSA");
    let message =
        invocation_message(value("appId"), value("timeStamp"), value("nonceStr"), value("package"));
    assert!(test_keys::merchant().verifies(message.as_bytes(), value("paySign")));
    assert_ne!(parameters, client.jsapi_parameters("wx2014", now).unwrap(), "a nonce repeats");
    for prepay_id in ["", "a\nb", "a b"] {
        assert!(client.jsapi_parameters(prepay_id, now).is_err());
    }
}
