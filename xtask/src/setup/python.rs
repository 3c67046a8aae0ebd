//! An environment of its own for Python packages from `PyPI`, exactly those of a file with hashes.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::process::Command;

use super::{debian, remove, rename};
use crate::places::Places;
use crate::step::{self, Failure};

/// Installs the packages of `tests/strangers/python/requirements.txt`, in a folder named by its
/// contents and Python's version, and returns the Python that finds them.
///
/// # Errors
/// Python is missing or too old, or a package cannot be installed.
pub(super) fn with_packages(places: &Places) -> Result<PathBuf, Failure> {
    let python = debian::python()?;
    let version = step::output(Command::new(&python).args(["-c", VERSION]), REMEDY)?;
    let requirements =
        places.root.join("tests").join("strangers").join("python").join("requirements.txt");
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    fs::read(&requirements)
        .map_err(|error| Failure::file("read", &requirements, &error))?
        .hash(&mut hasher);
    let home = places.tools().join(format!("strangers-python-{:016x}", hasher.finish()));
    let installed = home.join("bin").join("python");
    if home.is_dir() {
        return Ok(installed);
    }
    println!(
        "setup: installing the packages of tests/strangers/python/requirements.txt into {}",
        home.display()
    );
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    step::run(Command::new(&python).args(["-m", "venv"]).arg(&unfinished), REMEDY)?;
    // No package may run code of its own to be installed, and none is fetched that is not listed.
    let mut pip = Command::new(unfinished.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"])
        .args(["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement"])
        .arg(&requirements);
    step::run(&mut pip, REMEDY)?;
    rename(&unfinished, &home)?;
    Ok(installed)
}

/// Ends with a failure where the tests would miss `tomllib`.
const VERSION: &str = "import sys, tomllib; print(sys.version)";
const REMEDY: &str = "install Python 3.11 or newer, on Debian with \
                      `apt-get install python3 python3-venv`";
