//! The reference merchant backend: the merchant API on axum, SQLite, and both gateways.
//!
//! `payments`, called `rules` in here, decides, purely; `db` writes each decision in one
//! conditional transaction; `service` is what every call does; `routes` and `web` are HTTP;
//! `worker` does what nobody waits for; `hosted` draws the page that works without JavaScript;
//! `embed` fills the prerendered selector.

mod action;
mod address;
mod app;
mod certificates;
mod clock;
mod config;
mod db;
mod embed;
mod error;
mod hosted;
mod html;
mod hub;
mod identity;
mod keys;
mod limits;
mod locks;
mod payer;
mod routes;
mod service;
mod wallets;
mod web;
mod webhooks;
mod worker;

use payments as rules;

pub use app::{App, ReconcileError, StartError, reconcile_day};
pub use clock::Clock;
pub use config::{
    AddressLimits, Alipay, Config, ConfigErrors, Embed, Network, Orders, Server, WebhookSecret,
    Webhooks, WechatPay,
};
pub use db::DbError;
pub use embed::SelectorFileError;

/// How long a session may live, in seconds: at least what gateways take as an order's life, at
/// most what WeChat Pay keeps a Native order open (gateways.md A3.1).
const EXPIRY_RANGE_S: std::ops::RangeInclusive<u32> = 60..=604_800;
