use time::macros::datetime;

use super::{client, order, verified};
use crate::alipay::QrPayMode;
use crate::{Fen, GatewayError, Order};

#[test]
fn a_page_address_carries_every_parameter_signed() {
    let now = datetime!(2026-11-22 15:59:00 UTC);
    let url = client("http://127.0.0.1:9").page_pay_url(&order(), now).unwrap();
    let (address, query) = url.split_once('?').unwrap();
    assert_eq!(address, "http://127.0.0.1:9/gateway.do");
    assert!(!query.contains('+'), "a blank is %20 for every decoder");
    let parameters = verified(&[query.as_bytes()]);
    let expected = [
        ("app_id", "2021000000000001"),
        (
            "biz_content",
            r#"{"out_trade_no":"ORDER_0001","total_amount":"1.00","subject":"测试商品 A+BC","product_code":"FAST_INSTANT_TRADE_PAY","time_expire":"2026-11-23 00:00:00"}"#,
        ),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", "alipay.trade.page.pay"),
        ("notify_url", "https://shop.example/notify/alipay?x=1&y=2"),
        ("return_url", "https://shop.example/v1/returns/alipay"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-22 23:59:00"),
        ("version", "1.0"),
    ];
    assert!(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));
}

#[test]
fn a_page_in_a_frame_says_how_it_shows_its_code() {
    let now = datetime!(2026-11-22 15:59:00 UTC);
    for (mode, expected) in [
        (QrPayMode::Wide, r#","qr_pay_mode":"0"}"#),
        (QrPayMode::Tall, r#","qr_pay_mode":"1"}"#),
        (QrPayMode::Mini, r#","qr_pay_mode":"3"}"#),
        (QrPayMode::Width(240), r#","qr_pay_mode":"4","qrcode_width":240}"#),
    ] {
        let url = client("http://127.0.0.1:9").page_frame_url(&order(), mode, now).unwrap();
        let parameters = verified(&[url.split_once('?').unwrap().1.as_bytes()]);
        assert_eq!(parameters["method"], "alipay.trade.page.pay");
        assert_eq!(parameters["return_url"], "https://shop.example/v1/returns/alipay");
        let content = &parameters["biz_content"];
        assert!(content.contains(r#""product_code":"FAST_INSTANT_TRADE_PAY""#));
        assert!(content.ends_with(expected), "{content}");
    }
}

#[test]
fn the_phone_page_knows_the_way_back() {
    let url = client("http://127.0.0.1:9")
        .wap_pay_url(&order(), datetime!(2026-11-22 15:59:00 UTC))
        .unwrap();
    let parameters = verified(&[url.split_once('?').unwrap().1.as_bytes()]);
    assert_eq!(parameters["method"], "alipay.trade.wap.pay");
    assert!(parameters["biz_content"].contains(r#""product_code":"QUICK_WAP_WAY""#));
    assert!(parameters["biz_content"].contains(r#""quit_url":"https://shop.example/cart""#));
}

/// D33 too: a notification address without a scheme.
#[test]
fn an_order_that_breaks_a_rule_makes_no_page() {
    let refused = |change: fn(&mut Order)| {
        let mut order = order();
        change(&mut order);
        match client("http://127.0.0.1:9").page_pay_url(&order, datetime!(2026-11-22 15:59:00 UTC))
        {
            Err(GatewayError::InvalidOrder { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|o| o.out_trade_no = String::new()), "out_trade_no");
    assert_eq!(refused(|o| o.out_trade_no = "A|B".to_owned()), "out_trade_no");
    assert_eq!(refused(|o| o.out_trade_no = "1".repeat(65)), "out_trade_no");
    assert_eq!(refused(|o| o.amount = Fen::new(0).unwrap()), "amount");
    assert_eq!(refused(|o| o.amount = Fen::new(10_000_000_001).unwrap()), "amount");
    assert_eq!(refused(|o| o.notify_url = "shop.example".to_owned()), "notify_url");
    assert_eq!(refused(|o| o.return_url = Some("javascript:alert(1)".to_owned())), "return_url");
}
