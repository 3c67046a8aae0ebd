//! The reference merchant backend: the merchant API on axum, a database, and both gateways.
//!
//! `payments`, imported as `rules`, has all decisions; `db` writes each decision in one conditional
//! transaction; `service` implements the calls; `routes` and `web` are HTTP; `worker` does the
//! background work; `hosted` renders the page that works without JavaScript; `embed` fills the
//! prerendered selector.

mod action;
mod address;
mod amount;
mod app;
mod certificates;
mod check;
mod clock;
mod config;
mod db;
mod embed;
mod error;
mod gateway;
mod hosted;
mod html;
mod hub;
mod identity;
mod instance;
mod keys;
mod limits;
mod locale;
mod locks;
mod metrics;
mod migrate;
mod operator;
#[cfg(feature = "otlp")]
mod otlp;
mod payer;
mod routes;
mod service;
mod web;
mod webhooks;
mod worker;

use payments as rules;

pub use app::{
    App, EXIT_TIMEOUT, ReconcileError, StartError, listen, reconcile_day, require_bills,
};
pub use check::{Finding, check_config};
pub use clock::Clock;
pub use config::{
    AddressLimits, Alipay, Config, ConfigErrors, Database, Embed, IpNet, Orders, Server,
    WebhookSecret, Webhooks, WechatPay,
};
pub use db::postgres::address::{Address, AddressError};
pub use db::{DbError, Versions};
pub use embed::SelectorFileError;
pub use instance::Clash;
pub use metrics::AlarmCounter;
pub use migrate::{migrate, schema_versions};
pub use operator::{CommandError, Operator};
#[cfg(feature = "otlp")]
pub use otlp::Traces;
pub use routes::route_paths;

/// Limits of a session's life in seconds: at least the shortest order that gateways accept, at most
/// the time for which WeChat Pay keeps a Native order open (gateways.md A3.1).
const EXPIRY_RANGE_S: std::ops::RangeInclusive<u32> = 60..=604_800;
