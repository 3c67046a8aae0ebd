//! Fuzz targets for everything that untrusted parties can send.
//!
//! A [`Target`] takes any bytes and panics if the code breaks a promise: each has an oracle, a
//! second and simpler statement of the expected result. There are three ways to run them: `cargo
//! test -p fuzz` replays the corpus and a few thousand seeded mutations of it, on stable Rust
//! alone; `cargo run -p fuzz -- <target>` searches with libFuzzer, guided by coverage; and
//! `--random` searches without a C++ compiler.

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

pub use random::Random;
pub use targets::{TARGETS, Target};
