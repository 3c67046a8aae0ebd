mod bills;
mod calls;
mod cancels;
mod certificates;
mod config;
mod downloads;
mod faults;
mod jsapi;
mod messages;
mod pages;
mod refunds;
mod samples;
mod vectors;

use std::collections::BTreeMap;

use time::macros::datetime;

use super::{Client, Config};
use crate::{Fen, Order, Secret, test_keys};

fn config() -> Config {
    Config {
        gateway_url: "http://127.0.0.1:9/gateway.do".to_owned(),
        alipay_public_key: Some(test_keys::platform().public_pem.clone()),
        ..Config::new(
            "2021000000000001",
            "2088000000000001",
            Secret::new(test_keys::merchant().pkcs1_pem.as_str()),
        )
    }
}

fn client(base_url: &str) -> Client {
    Client::new(Config { gateway_url: format!("{base_url}/gateway.do"), ..config() }).unwrap()
}

fn order() -> Order {
    Order {
        out_trade_no: "ORDER_0001".to_owned(),
        amount: Fen::new(100).unwrap(),
        description: "测试商品 A+B/C".to_owned(),
        expires_at: datetime!(2026-11-22 16:00:00 UTC),
        notify_url: "https://shop.example/notify/alipay?x=1&y=2".to_owned(),
        return_url: Some("https://shop.example/v1/returns/alipay".to_owned()),
        quit_url: Some("https://shop.example/cart".to_owned()),
        reference: None,
    }
}

/// Decodes parameters and checks the application's signature the way the gateway does.
fn verified(encoded: &[&[u8]]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for part in encoded {
        for (name, value) in form_urlencoded::parse(part) {
            assert!(
                all.insert(name.into_owned(), value.into_owned()).is_none(),
                "a parameter is sent twice"
            );
        }
    }
    let signature = all.remove("sign").unwrap();
    let pairs: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(test_keys::merchant().verifies(pairs.join("&").as_bytes(), &signature));
    all
}
