//! The vectors F2.1, F2.2, F2.4, F2.5, F2.6 and F2.8.

use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::GBK;
use http::{HeaderMap, StatusCode};
use time::macros::datetime;

use super::super::parameters::{Message, Parameters};
use super::super::trust::Trust;
use super::super::{response, wire};
use super::config;
use crate::alipay::{Client, Config};
use crate::http::Reply;
use crate::keys::VerifyingKey;
use crate::published_test_vectors::*;
use crate::url_text::encode;
use crate::{Fen, GatewayError, NotificationError, TradeState};

fn key(text: &str) -> VerifyingKey {
    VerifyingKey::load("key", text).unwrap()
}

fn with_alipay_key(key: &str) -> Client {
    Client::new(Config { alipay_public_key: Some(key.to_owned()), ..config() }).unwrap()
}

#[test]
fn the_real_notification_of_2019_verifies() {
    let pairs = ALIPAY_2019_CANONICAL.split('&').map(|pair| pair.split_once('=').unwrap());
    let mut form: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    form.push(format!("sign={}", encode(ALIPAY_2019_SIGNATURE)));
    form.push("sign_type=RSA2".to_owned());
    form.reverse();
    let body = form.join("&");
    assert_eq!(
        Message::parse(body.as_bytes()).unwrap().canonical(),
        ALIPAY_2019_CANONICAL.as_bytes()
    );

    let notification =
        with_alipay_key(ALIPAY_2019_PUBLIC_KEY).notification(body.as_bytes()).unwrap();
    assert_eq!(notification.notify_id, "2019081500222155624068450559358070");
    assert!(!notification.is_refund_event);
    let trade = notification.trade;
    assert_eq!(trade.state, TradeState::Paid);
    assert_eq!(trade.out_trade_no, "20190815155618536-564-57");
    assert_eq!(trade.merchant_id.as_deref(), Some("2088531891668739"));
    assert_eq!(trade.amount, Fen::new(10));
    assert_eq!(trade.paid_at, Some(datetime!(2019-08-15 15:56:24 +8)));

    let refused = with_alipay_key(K_DOC_PUBLIC_KEY).notification(body.as_bytes());
    assert_eq!(refused, Err(NotificationError::BadSignature));
}

#[test]
fn sign_type_is_not_signed_in_notifications() {
    let key = key(ALIPAY_2019_PUBLIC_KEY);
    assert!(key.verifies(ALIPAY_2019_CANONICAL.as_bytes(), ALIPAY_2019_SIGNATURE));
    let with_type = ALIPAY_2019_CANONICAL.replace("&subject=", "&sign_type=RSA2&subject=");
    assert!(!key.verifies(with_type.as_bytes(), ALIPAY_2019_SIGNATURE));
}

#[test]
fn the_published_response_node_verifies() {
    let key = key(ALIPAY_NODE_PUBLIC_KEY);
    assert!(key.verifies(ALIPAY_NODE.as_bytes(), ALIPAY_NODE_SIGNATURE));
    assert!(!key.verifies(ALIPAY_NODE.replace(',', ", ").as_bytes(), ALIPAY_NODE_SIGNATURE));
}

#[test]
fn the_published_request_has_our_canonical_string() {
    let mut parameters = Parameters::default();
    parameters.set("version", "1.0");
    parameters.set("return_url", "");
    parameters.set("app_id", "2021000000000001");
    parameters.set("method", "alipay.trade.precreate");
    parameters.set("timestamp", "2024-01-02 03:04:05");
    parameters.set("format", "JSON");
    parameters.set("charset", "utf-8");
    parameters.set("sign_type", "RSA2");
    parameters.set("notify_url", "https://shop.example/notify/alipay?x=1&y=2");
    parameters.set(
        "biz_content",
        r#"{"out_trade_no":"ORDER_0001","total_amount":"1.00","subject":"测试商品 A+B"}"#,
    );
    assert_eq!(parameters.canonical(), ALIPAY_REQUEST_CANONICAL);
    assert!(
        key(K_DOC_PUBLIC_KEY).verifies(parameters.canonical().as_bytes(), ALIPAY_REQUEST_SIGNATURE)
    );
}

fn escaped_answer(node: &str) -> Result<String, GatewayError> {
    let body = format!(
        r#"{{"alipay_trade_precreate_response":{node},"sign":"{ALIPAY_ESCAPED_NODE_SIGNATURE}"}}"#
    );
    let reply =
        Reply { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(body) };
    response::read("alipay.trade.precreate", &reply, &Trust::Key(Arc::new(key(K_DOC_PUBLIC_KEY))))?
        .success()
}

/// D7: serialized again, the JSON has other bytes.
#[test]
fn d07_a_node_verifies_as_received_never_reserialised() {
    let node = escaped_answer(ALIPAY_ESCAPED_NODE).unwrap();
    assert_eq!(
        wire::qr_code(&node, "ORDER_0001").as_deref(),
        Ok("https://qr.alipay.com/bax03431ljhokirwl38f00a7")
    );

    let reserialised = ALIPAY_ESCAPED_NODE.replace("\\/", "/");
    assert!(matches!(escaped_answer(&reserialised), Err(GatewayError::Unverified { .. })));
}

/// D9: only a paid trade's message carries JSON, which filters damage.
#[test]
fn d09_a_success_that_carries_json_verifies() {
    let message = Message::parse(ALIPAY_NOTIFICATION_BODY.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(message.canonical()).unwrap(), ALIPAY_NOTIFICATION_CANONICAL);

    let client = with_alipay_key(K_DOC_PUBLIC_KEY);
    let notification = client.notification(ALIPAY_NOTIFICATION_BODY.as_bytes()).unwrap();
    assert_eq!(notification.notify_id, "2024010200222030406000000001");
    assert_eq!(notification.trade.state, TradeState::Paid);
    assert_eq!(notification.trade.app_id.as_deref(), Some(client.app_id()));
    assert_eq!(notification.trade.merchant_id.as_deref(), Some(client.seller_id()));
    assert_eq!(notification.trade.transaction_id.as_deref(), Some("2024010222001400000000000001"));
    assert_eq!(notification.trade.amount, Fen::new(100));

    let forged = ALIPAY_NOTIFICATION_BODY.replace("total_amount=1.00", "total_amount=0.01");
    assert_eq!(client.notification(forged.as_bytes()), Err(NotificationError::BadSignature));
}

/// An application whose charset is GBK: the bytes are signed as they came.
#[test]
fn a_notification_and_a_return_in_gbk_verify() {
    let message = Message::parse(ALIPAY_GBK_NOTIFICATION_BODY.as_bytes()).unwrap();
    assert_eq!(message.canonical(), *GBK.encode(ALIPAY_GBK_NOTIFICATION_CANONICAL).0);

    let client = with_alipay_key(ALIPAY_GBK_PUBLIC_KEY);
    let notification = client.notification(ALIPAY_GBK_NOTIFICATION_BODY.as_bytes()).unwrap();
    assert_eq!(notification.trade.state, TradeState::Paid);
    assert_eq!(notification.trade.out_trade_no, "ORDER_0002");
    assert_eq!(notification.trade.amount, Fen::new(100));
    assert_eq!(
        client.verify_return(ALIPAY_GBK_NOTIFICATION_BODY).unwrap().out_trade_no,
        "ORDER_0002"
    );

    // The same text in UTF-8, as a framework hands on what it has decoded.
    let utf8 = encode("誠記茶鋪 明前龙井").replace("%20", "+");
    let again = ALIPAY_GBK_NOTIFICATION_BODY
        .replace("%D5%5C%D3%9B%B2%E8%E4%81+%C3%F7%C7%B0%C1%FA%BE%AE", &utf8);
    assert_ne!(again, ALIPAY_GBK_NOTIFICATION_BODY);
    assert_eq!(client.notification(again.as_bytes()), Err(NotificationError::BadSignature));
}
