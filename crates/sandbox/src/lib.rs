//! Both gateways emulated on loopback, with a wallet phone to scan and pay with.
//!
//! WeChat Pay API v3 and the Alipay OpenAPI v2 gateway answer on one address, sign and check as the
//! real ones do, and notify the merchant backend. It is a second reading of gateways.md: it shares no
//! code with the clients it is there to test. Nothing is kept but the keys, and no money moves.

mod alipay;
mod api;
mod bill;
mod body;
mod book;
mod bounded;
mod bridge;
mod certificate;
mod chaos;
mod clock;
mod console;
mod crypto;
mod error;
mod event;
mod faults;
mod keys;
mod layers;
mod loopback;
mod notifier;
mod notify;
mod page;
mod phone;
mod problem;
mod random;
mod refund;
mod server;
mod shopper;
mod signing;
mod state;
mod unpaid;
mod wallet;
mod wechat;

pub use error::Error;
pub use keys::{
    AlipayChain, AlipayKeys, DesktopFlow, Flows, Keys, MobileFlow, Secret, WechatPayKeys,
};
pub use server::{MERCHANT_NAME, Options, Running, Sandbox, Shutdown};
