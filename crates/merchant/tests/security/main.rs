//! Attacks: forgeries, stolen secrets, slow and large requests, strange texts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "tests"
)]

mod comparison;
mod disclosure;
mod dump;
mod forger;
mod injection;
mod limits;
mod log_lines;
mod notifications;
mod oversized;
mod process;
mod raw;
mod secrets;
mod slow;

use merchant_test_support::bench;
