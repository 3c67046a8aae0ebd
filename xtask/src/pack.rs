//! Builds the npm package, a folder and the tarball that a release would publish, and tests it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::{Paths, files_below};
use crate::step::{self, Failure, Progress};
use crate::{build, servers, setup};

/// Builds the widget, assembles the package and packs it. Returns the package's folder; the tarball
/// lies beside it.
///
/// # Errors
/// Names the step that failed.
pub(crate) fn run(paths: &Paths) -> Result<PathBuf, Failure> {
    build::run(paths)?;
    let tools = setup::for_build(paths)?;
    let package = paths.target.join("npm").join("package");
    let tsc = tools.node_modules.join("typescript").join("bin").join("tsc");
    let mut pack = Command::new("node");
    pack.arg(paths.root.join("npm").join("pack.mjs")).arg(&paths.root).arg(tsc).arg(&package);
    pack.env("OPENCASHIER_BUILD_MODULES", &tools.node_modules);
    step::run(&mut pack, "install Node.js 20 or newer")?;
    println!("pack: the npm package is in {}", package.display());
    println!("pack: its tarball is for `npm install {}`", tarball(&package).display());
    Ok(package)
}

/// The tarball of the package in a folder.
pub(crate) fn tarball(package: &Path) -> PathBuf {
    package.with_file_name(concat!("opencashier-", env!("CARGO_PKG_VERSION"), ".tgz"))
}

/// Installs the tarball as a shop does, checks it, and pays with it in frameworks and bundlers.
///
/// # Errors
/// A test failed.
pub(crate) fn test(paths: &Paths) -> Result<(), Failure> {
    let test_tools = setup::for_tests(paths)?;
    let modules = setup::for_package(paths)?;
    let package = run(paths)?;
    servers::build(paths)?;
    let mut kit = paths.cargo("build");
    kit.args(["--quiet", "--package", "conformance"]);
    let step = "build: compiling the conformance kit";
    step::run_long(&mut kit, Progress { step, usual: "2 minutes" }, "install Rust with rustup")?;

    let mut specs = files_below(&paths.root.join("tests").join("npm"))?;
    specs.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let mut node = Command::new("node");
    node.current_dir(&paths.root)
        .args(["--test", "--test-concurrency=2", "--test-timeout=180000", "--test-reporter=spec"])
        .args(specs)
        .env("OPENCASHIER_BIN_DIR", servers::bin_dir(paths))
        .env("OPENCASHIER_NODE_MODULES", test_tools.node_modules)
        .env("OPENCASHIER_PACKAGE", package)
        .env("OPENCASHIER_PACKAGE_MODULES", modules)
        .env("OPENCASHIER_CHROMIUM", test_tools.browser.chromium)
        .env("OPENCASHIER_E2E_OUT", paths.cache.join("e2e"));
    step::run(&mut node, "install Node.js 20 or newer")
}
