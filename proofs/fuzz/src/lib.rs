//! Fuzz targets for everything that untrusted parties can send.
//!
//! A [`Target`] takes any bytes and panics where a promise is broken: each has an oracle, a
//! second and simpler statement of what must come out. Three ways run them: `cargo test -p fuzz`
//! replays the kept corpus and a few thousand seeded mutations of it, on stable Rust and
//! nothing else; `cargo run -p fuzz -- <target>` hunts with libFuzzer, guided by coverage; and
//! `--random` hunts without a C++ compiler.

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
