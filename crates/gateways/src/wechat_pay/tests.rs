mod backup;
mod bills;
mod calls;
mod certificates;
mod config;
mod faults;
mod notifications;
mod oauth;
mod products;
mod refunds;
mod samples;
mod vectors;
mod wire;

use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Client, Config, signature};
use crate::{Fen, Order, Secret, test_keys};

const KEY_ID: &str = "PUB_KEY_ID_0000000000000024101100397200000006";
const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";

fn config() -> Config {
    Config {
        base_url: "http://127.0.0.1:9".to_owned(),
        public_key_id: Some(KEY_ID.to_owned()),
        public_key: Some(test_keys::platform().public_pem.clone()),
        app_secret: Some(Secret::new("an-app-secret")),
        ..Config::new(
            "1900007291",
            "wxd678efh567hg6787",
            "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
            Secret::new(test_keys::merchant().pkcs8_pem.as_str()),
            Secret::new(API_V3_KEY),
        )
    }
}

fn client(base_url: &str) -> Client {
    Client::new(Config { base_url: base_url.to_owned(), ..config() }).unwrap()
}

fn order() -> Order {
    Order {
        out_trade_no: "ORDER_0001".to_owned(),
        amount: Fen::new(100).unwrap(),
        description: "Image形象店-QQ公仔".to_owned(),
        expires_at: datetime!(2026-11-22 16:00:00.9 UTC),
        notify_url: "https://shop.example/v1/notifications/wechat_pay".to_owned(),
        return_url: None,
        quit_url: None,
        reference: None,
    }
}

/// The headers of a message that the platform signs.
fn signed_headers(at: OffsetDateTime, body: &[u8]) -> Vec<(&'static str, String)> {
    let timestamp = at.unix_timestamp().to_string();
    let nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
    let signature = test_keys::platform().sign(&signature::answer_message(&timestamp, nonce, body));
    vec![
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce.to_owned()),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", KEY_ID.to_owned()),
        ("Request-ID", "08F78BB4E50510-0".to_owned()),
    ]
}

fn header_map(headers: &[(&'static str, String)]) -> HeaderMap {
    let parse = |(name, value): &(&'static str, String)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    };
    headers.iter().map(parse).collect()
}
