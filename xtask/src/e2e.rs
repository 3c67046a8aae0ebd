//! Runs the end-to-end tests: real servers and a real browser, from the shop to a paid order.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use crate::paths::{Paths, files_below};
use crate::step::{self, Failure};
use crate::{build, servers, setup};

/// Builds what they need and runs those whose file names begin with one of `names`, or all.
///
/// # Errors
/// A test failed, or no file fits the names.
pub(crate) fn run(paths: &Paths, names: &[String]) -> Result<(), Failure> {
    run_with(paths, names, &[])
}

/// As [`run`], with more environment variables for the tests.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_with(
    paths: &Paths,
    names: &[String],
    variables: &[(&str, &OsStr)],
) -> Result<(), Failure> {
    let test_tools = setup::for_tests(paths)?;
    build::run(paths)?;
    servers::build(paths)?;

    let specs = specs(paths, names)?;
    let out = paths.cache.join("e2e");
    let mut node = Command::new("node");
    node.current_dir(&paths.root)
        // Each file has servers and a browser of its own; two at once suit two cores.
        .args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
        .args(specs)
        .env("OPENCASHIER_BIN_DIR", servers::bin_dir(paths))
        .env("OPENCASHIER_NODE_MODULES", test_tools.node_modules)
        .env("OPENCASHIER_CHROMIUM", test_tools.browser.chromium)
        .env("OPENCASHIER_CHROMIUM_72", test_tools.old_chromiums.chromium_72)
        .env("OPENCASHIER_CHROMIUM_86", test_tools.old_chromiums.chromium_86)
        .env("OPENCASHIER_CHROMIUM_103", test_tools.old_chromiums.chromium_103)
        .env("OPENCASHIER_FIREFOX", test_tools.engines.firefox)
        .env("OPENCASHIER_WEBKIT_DRIVER", test_tools.engines.webkit_driver)
        .env("OPENCASHIER_MINIBROWSER", test_tools.engines.minibrowser)
        .env("OPENCASHIER_XVFB", test_tools.engines.xvfb)
        .env("OPENCASHIER_E2E_OUT", &out)
        .envs(variables.iter().copied());
    step::run(&mut node, "install Node.js 20 or newer").map_err(|failure| {
        Failure::new(format!("{failure}\nScreenshots and logs of failures: {}", out.display()))
    })
}

fn specs(paths: &Paths, names: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = files_below(&paths.root.join("tests").join("e2e"))?;
    specs.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        name.ends_with(".test.mjs")
            && (names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted.as_str())))
    });
    if specs.is_empty() {
        return Err(Failure::new(format!(
            "no file of tests/e2e begins with {} and ends with .test.mjs",
            names.join(" or ")
        )));
    }
    Ok(specs)
}
