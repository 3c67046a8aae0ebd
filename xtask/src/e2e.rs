//! Runs the end-to-end tests: real servers, a real browser, the whole way from shop to paid.

use std::path::PathBuf;
use std::process::Command;

use crate::places::{Places, files_below};
use crate::step::{self, Failure};
use crate::{build, servers, setup};

/// Builds what they need and runs those whose file names begin with one of `names`, or all.
///
/// # Errors
/// A test failed, or no file fits the names.
pub(crate) fn run(places: &Places, names: &[String]) -> Result<(), Failure> {
    let build_tools = setup::for_build(places)?;
    let test_tools = setup::for_tests(places)?;
    build::run(places)?;
    servers::build(places)?;

    let specs = specs(places, names)?;
    let out = places.cache.join("e2e");
    let mut node = Command::new("node");
    node.current_dir(&places.root)
        // Each file has servers and a browser of its own; two at once suit two cores.
        .args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
        .args(specs)
        .env("OPENCASHIER_BIN_DIR", servers::bin_dir(places))
        .env("OPENCASHIER_NODE_MODULES", build_tools.node_modules)
        .env("OPENCASHIER_CHROMIUM", test_tools.browser.chromium)
        .env("OPENCASHIER_E2E_OUT", &out);
    step::run(&mut node, "install Node.js 20 or newer").map_err(|failure| {
        Failure::new(format!("{failure}\nScreenshots and logs of failures: {}", out.display()))
    })
}

fn specs(places: &Places, names: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = files_below(&places.root.join("tests").join("e2e"))?;
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
