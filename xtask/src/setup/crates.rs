//! Programs from crates.io, built with the lock file that they were published with.

use std::fs;
use std::path::PathBuf;

use super::{RUSTUP, remove, rename};
use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Returns the version of a crate in Cargo.lock.
///
/// # Errors
/// The lock file cannot be read or does not contain the crate.
pub(super) fn locked_version(paths: &Paths, name: &str) -> Result<String, Failure> {
    let path = paths.root.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let wanted = format!("name = \"{name}\"");
    let mut lines = text.lines();
    lines
        .find(|line| *line == wanted)
        .and_then(|_| lines.next())
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{} does not contain {name}", path.display())))
}

/// Installs a program from crates.io into a folder of its own and returns its `bin`.
///
/// # Errors
/// It cannot be downloaded or does not compile.
pub(super) fn install(paths: &Paths, name: &str, version: &str) -> Result<PathBuf, Failure> {
    install_with(paths, name, version, &[])
}

/// As [`install`], with more arguments of `cargo install`.
///
/// # Errors
/// As [`install`].
pub(super) fn install_with(
    paths: &Paths,
    name: &str,
    version: &str,
    arguments: &[&str],
) -> Result<PathBuf, Failure> {
    let home = paths.tools().join(format!("{name}-{version}"));
    let bin = home.join("bin");
    if bin.is_dir() {
        return Ok(bin);
    }
    let unfinished = paths.tools().join(format!("{name}-{version}.unfinished"));
    remove(&unfinished)?;
    let target = paths.tools().join("build");
    let mut cargo = paths.cargo("install");
    cargo
        .args([name, "--version", version, "--quiet", "--no-track", "--root"])
        .arg(&unfinished)
        .args(arguments)
        // Built once and run seldom: a short build matters more than a fast program.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_TARGET_DIR", &target);
    let step = format!("setup: installing {name} {version} from crates.io");
    let progress = Progress { step: &step, usual: "2 minutes" };
    step::run_logged(&mut cargo, progress, &paths.tools().join("crates.log"), RUSTUP)?;
    rename(&unfinished, &home)?;
    remove(&target)?;
    Ok(bin)
}
