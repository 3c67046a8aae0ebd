//! The options of a run.

use std::path::PathBuf;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of all decisions.
    pub seed: u64,
    /// The number of orders.
    pub checkouts: u32,
    /// Limit of orders that are served at once.
    pub at_once: u32,
    /// Milliseconds of the fast clock per real millisecond.
    pub speed: u64,
    /// Delay of a gateway's answer, in milliseconds of the fast clock.
    pub gateway_ms: u64,
    /// If set, only this order is served, with the same plan, and its shoppers are traced.
    pub only: Option<u32>,
    /// The database of the backend.
    pub store: Store,
    /// Number of instances of the backend; more than one need PostgreSQL.
    pub instances: u32,
    /// The folder of the backend's files; a temporary folder if absent. Kept if anything differs.
    pub folder: Option<PathBuf>,
}

/// The database of the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// A file of SQLite.
    Sqlite,
    /// A cluster of PostgreSQL of the run's own.
    Postgres,
}
