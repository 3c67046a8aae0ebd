//! The options of a run.

use std::path::PathBuf;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of all decisions.
    pub seed: u64,
    /// The number of orders.
    pub checkouts: u32,
    /// Orders that are served at once.
    pub at_once: u32,
    /// Milliseconds that pass in one of real time.
    pub speed: u64,
    /// Milliseconds in which a gateway answers, by the clock that runs faster.
    pub gateway_ms: u64,
    /// Only this order is served, with the same plan, and its shoppers are traced.
    pub only: Option<u32>,
    /// The folder of the backend's files; in the folder for temporary files where absent. Kept if
    /// anything differs.
    pub folder: Option<PathBuf>,
}
