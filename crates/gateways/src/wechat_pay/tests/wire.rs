use super::super::wire::{code_url, native_request, trade};
use super::order;
use crate::{Fen, GatewayError, Order, TradeState};

/// D19: `time_expire` is as stored, in whole seconds, at every try.
#[test]
fn d19_an_order_is_the_same_bytes_every_time() {
    let body = native_request("wx1", "19", &order()).unwrap();
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"appid":"wx1","mchid":"19","description":"Image形象店-QQ公仔","out_trade_no":"ORDER_0001","time_expire":"2026-11-23T00:00:00+08:00","notify_url":"https://shop.example/v1/notifications/wechat_pay","amount":{"total":100,"currency":"CNY"}}"#
    );
}

#[test]
fn an_order_that_breaks_a_rule_is_not_sent() {
    let refused = |change: fn(&mut Order)| {
        let mut order = order();
        change(&mut order);
        match native_request("wx1", "19", &order) {
            Err(GatewayError::InvalidOrder { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    for change in [
        (|o| o.out_trade_no = "12345".to_owned()) as fn(&mut Order),
        |o| o.out_trade_no = "1".repeat(33),
        |o| o.out_trade_no = "ORDER/0001".to_owned(),
        |o| o.out_trade_no = "订单订单".to_owned(),
    ] {
        assert_eq!(refused(change), "out_trade_no");
    }
    assert_eq!(refused(|o| o.amount = Fen::new(0).unwrap()), "amount");
}

/// D33: without a scheme, with a query, too long: no notification would ever arrive.
#[test]
fn d33_a_notification_address_that_cannot_work_is_not_sent() {
    let long = format!("https://shop.example/{}", "a".repeat(240));
    for url in ["/relative", "shop.example/n", "https://shop.example/?a=b", "ftp://a/b", &long] {
        let order = Order { notify_url: url.to_owned(), ..order() };
        let refused = native_request("wx1", "19", &order);
        assert!(
            matches!(refused, Err(GatewayError::InvalidOrder { field: "notify_url", .. })),
            "{url}"
        );
    }
}

#[test]
fn captured_query_bodies_are_read() {
    let unpaid = br#"{"amount":{"payer_currency":"CNY","total":100},"appid":"wx1","mchid":"19","out_trade_no":"ORDER_0001","promotion_detail":[],"scene_info":{"device_id":""},"trade_state":"NOTPAY","trade_state_desc":"x"}"#;
    let unpaid = trade(unpaid).unwrap();
    assert_eq!(unpaid.state, TradeState::AwaitingPayer);
    assert_eq!(
        (unpaid.amount, unpaid.currency, unpaid.transaction_id),
        (Fen::new(100), None, None)
    );

    let paid = br#"{"amount":{"currency":"CNY","payer_currency":"CNY","payer_total":1,"total":1},"appid":"wx1","attach":"5_21","bank_type":"OTHERS","mchid":"19","out_trade_no":"ORDER_0001","payer":{"openid":"o"},"promotion_detail":[],"success_time":"2023-05-06T15:17:31+08:00","trade_state":"SUCCESS","trade_state_desc":"x","trade_type":"JSAPI","transaction_id":"4200001863202305068344507881"}"#;
    let paid = trade(paid).unwrap();
    assert_eq!(paid.state, TradeState::Paid);
    assert_eq!(paid.transaction_id.as_deref(), Some("4200001863202305068344507881"));
    assert_eq!(paid.paid_at.unwrap().unix_timestamp(), 1_683_357_451);
}

#[test]
fn every_state_has_a_meaning_and_unknown_ones_do_not_fail() {
    for (word, expected) in [
        ("SUCCESS", TradeState::Paid),
        ("REFUND", TradeState::Refunded),
        ("NOTPAY", TradeState::AwaitingPayer),
        ("USERPAYING", TradeState::AwaitingPayer),
        ("CLOSED", TradeState::Closed),
        ("REVOKED", TradeState::Closed),
        ("PAYERROR", TradeState::Closed),
        ("ACCEPT", TradeState::Unknown),
        ("", TradeState::Unknown),
    ] {
        let body =
            format!(r#"{{"appid":"a","mchid":"m","out_trade_no":"o","trade_state":"{word}"}}"#);
        assert_eq!(trade(body.as_bytes()).unwrap().state, expected, "{word}");
    }
}

#[test]
fn a_code_that_cannot_be_drawn_is_refused() {
    let read = |text: &str| code_url(format!(r#"{{"code_url":"{text}"}}"#).as_bytes());
    let longest = "x".repeat(2331);
    assert_eq!(read(&longest), Some(longest.clone()));
    assert_eq!(read(&format!("{longest}x")), None);
    assert_eq!(read(&"码".repeat(778)), None, "in bytes");
    assert_eq!(read(""), None);
}
