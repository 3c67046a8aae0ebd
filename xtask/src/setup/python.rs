//! A Python environment with packages from `PyPI`, exactly those of a file with hashes.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::process::Command;

use super::{debian, remove, rename};
use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Installs the packages of `proofs/interop/python` and returns their Python.
///
/// They go into a folder that is named by the hash of both lists and Python's version.
///
/// # Errors
/// Python is missing or too old, or a package cannot be installed.
pub(super) fn install(paths: &Paths) -> Result<PathBuf, Failure> {
    let python = debian::python(paths)?;
    let version = step::output(Command::new(&python).args(["-c", VERSION]), REMEDY)?;
    let folder = paths.root.join("proofs/interop/python");
    let [wheels, sources] =
        ["requirements.txt", "requirements-source.txt"].map(|name| folder.join(name));
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    for list in [&wheels, &sources] {
        fs::read(list).map_err(|error| Failure::file("read", list, &error))?.hash(&mut hasher);
    }
    let home = paths.tools().join(format!("interop-python-{:016x}", hasher.finish()));
    let installed = home.join("bin").join("python");
    if home.is_dir() {
        return Ok(installed);
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    step::output(Command::new(&python).args(["-m", "venv"]).arg(&unfinished), REMEDY)?;
    // None is fetched that is not listed, and those of the first list run no code to be installed.
    // A source runs its `setup.py`: that of the pinned hash has been read.
    let of_wheels = ["--only-binary", ":all:"].map(OsString::from);
    let target = unfinished.join("source-packages");
    let of_sources =
        ["--no-binary", ":all:", "--no-build-isolation", "--target"].map(OsString::from);
    let of_sources: Vec<_> = of_sources.into_iter().chain([target.into()]).collect();
    for (list, options) in [(&wheels, &of_wheels[..]), (&sources, &of_sources)] {
        let mut pip = Command::new(unfinished.join("bin").join("python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-compile",
        ])
        .args(["--no-deps", "--require-hashes"])
        .args(options)
        .arg("--requirement")
        .arg(list);
        let step = "setup: installing the Python packages of proofs/interop";
        let progress = Progress { step, usual: "1 minute" };
        step::run_logged(&mut pip, progress, &paths.tools().join("pip.log"), REMEDY)?;
    }
    rename(&unfinished, &home)?;
    Ok(installed)
}

/// Fails on a Python without `tomllib`, which the tests use.
const VERSION: &str = "import sys, tomllib; print(sys.version)";
const REMEDY: &str = "install Python 3.11 or newer, on Debian with \
                      `apt-get install python3 python3-venv`";
