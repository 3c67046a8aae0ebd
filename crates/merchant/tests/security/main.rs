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

#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../it/bench.rs"]
mod bench;
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
