//! Checks that every document and heading that the repository cites is in it.

use std::process::Command;

use crate::paths::Paths;
use crate::step::{self, Failure};

/// Runs `xtask/citations.mjs`.
///
/// # Errors
/// A citation does not resolve; the script prints which.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let mut node = Command::new("node");
    node.arg(paths.xtask("citations.mjs")).current_dir(&paths.root);
    step::run(&mut node, "install Node.js 20 or newer")
}
