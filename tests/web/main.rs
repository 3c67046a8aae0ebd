//! The real widget in a real browser, in a shadow root as the element mounts it.
#![cfg(target_family = "wasm")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod environments;
mod life;
mod network;
mod paint;
mod pollution;
mod screens;
mod takeover;
mod test_page;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
