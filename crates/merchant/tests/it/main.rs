//! The backend from outside, over HTTP, against a real sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod bills;
mod deploy;
mod elsewhere;
mod embed;
mod ending;
mod environments;
mod events;
mod former;
mod health;
mod hosted;
mod instances;
mod lists;
mod metrics;
mod migrate;
mod notifications;
mod openapi;
mod operator;
mod orders;
mod outages;
mod paying;
mod pitfalls;
mod postgres;
mod program;
mod proxy;
mod refunds;
mod refusals;
mod restart;
mod rotation;
mod starting;
mod webhooks;
mod worker;

use merchant_test_support::{bench, cluster, selector, stored};
