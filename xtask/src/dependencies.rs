//! Checks the licences and the sources of the dependencies, and those that are banned.

use std::process::Command;

use crate::notice;
use crate::paths::Paths;
use crate::setup;
use crate::step::{self, Failure};

/// Runs cargo-deny with `deny.toml`, and checks that NOTICE is up to date.
///
/// # Errors
/// A dependency breaks a rule, or is not in NOTICE; the program prints which.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    notice::check(paths)?;
    let bin = setup::for_dependencies(paths)?;
    let mut deny = Command::new(bin.join("cargo-deny"));
    deny.current_dir(&paths.root);
    deny.args(["--locked", "--log-level", "error", "check", "--hide-inclusion-graph"]);
    deny.args(["licenses", "bans", "sources"]);
    step::run(&mut deny, "run `cargo xtask setup`")
}
