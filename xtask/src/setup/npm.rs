//! Packages from npm, exactly those of a lock file.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::process::Command;

use super::{NODE, remove, rename};
use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Installs the packages of `folder`'s package-lock.json and returns their `node_modules`.
///
/// They go into a folder of the cache that is named by `name` and the hash of both manifests.
///
/// # Errors
/// A manifest cannot be read, or npm fails.
pub(super) fn install(paths: &Paths, folder: &str, name: &str) -> Result<PathBuf, Failure> {
    let source = paths.root.join(folder);
    let mut hasher = DefaultHasher::new();
    for file in MANIFESTS {
        let path = source.join(file);
        fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?.hash(&mut hasher);
    }
    let home = paths.tools().join(format!("{name}-{:016x}", hasher.finish()));
    let modules = home.join("node_modules");
    if modules.is_dir() {
        return Ok(modules);
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    for file in MANIFESTS {
        let copy = unfinished.join(file);
        fs::copy(source.join(file), &copy)
            .map_err(|error| Failure::file("write", &copy, &error))?;
    }
    // No package that we use needs its install script, so none may run one.
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm.current_dir(&unfinished);
    let step = format!("setup: installing the npm packages of {folder}");
    let progress = Progress { step: &step, usual: "1 minute" };
    step::run_logged(&mut npm, progress, &paths.tools().join("npm.log"), NODE)?;
    rename(&unfinished, &home)?;
    Ok(modules)
}

const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];
