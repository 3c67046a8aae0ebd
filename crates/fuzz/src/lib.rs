//! Fuzz targets for everything that strangers can send.
//!
//! A [`Target`] takes any bytes and panics where a promise is broken: each has an oracle, a
//! second and simpler statement of what must come out. Three ways run them: `cargo test -p fuzz`
//! replays the kept corpus and a few thousand seeded mutations of it, on stable Rust and
//! nothing else; `cargo run -p fuzz -- <target>` hunts with libFuzzer, guided by coverage; and
//! `--random` hunts without a C++ compiler.

// The tests are in `tests/`. Compiled as a test itself, this would ask for the SSE parser's own.
#![cfg(not(test))]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how an oracle reports; nothing of this ships"
)]

mod document;
mod input;
mod keys;
mod random;
mod reference;
mod targets;

/// The widget's parser itself, not a copy: the widget's crate has no public face natively.
#[path = "../../../src/browser/sse.rs"]
#[rustfmt::skip]
#[allow(dead_code, reason = "the widget uses all of it")]
mod sse;

pub use random::Random;
pub use targets::{TARGETS, Target};
