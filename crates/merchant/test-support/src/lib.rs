//! Support for tests of the merchant backend: a shop with a sandbox, a selector file, the backend's
//! records as they are stored, a cluster of PostgreSQL, and a round robin before several instances.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

pub mod bench;
pub mod cluster;
pub mod records;
pub mod round_robin;
pub mod selector;
pub mod stored;
