//! The sandbox over loopback HTTP, signed and verified by the tests' own code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod alipay;
mod alipay_phone;
mod bills;
mod certificates;
mod chaos;
mod faults;
mod h5;
mod jsapi;
mod keys;
mod notifications;
mod phone;
mod racing;
mod refunds;
mod support;
mod wechat;
