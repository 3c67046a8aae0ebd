//! Other people's clients of both gateways against our sandbox and our clients.

use std::process::Command;

use crate::places::{Places, files_below};
use crate::step::{self, Failure};
use crate::{servers, setup};

/// Installs the clients, builds what they are set against, and runs `tests/strangers`.
///
/// # Errors
/// They and we disagree; which test says so is on the terminal.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let tools = setup::for_strangers(places)?;
    println!("build: compiling the sandbox and the example one_call");
    let mut build = places.cargo();
    build.args(["build", "--quiet", "--package", "sandbox", "--package", "gateways", "--bins"]);
    step::run(build.args(["--example", "one_call"]), "install Rust with rustup")?;

    let tests = places.root.join("tests").join("strangers");
    let mut specs = files_below(&tests)?;
    specs.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let out = places.cache.join("strangers");
    let told = |mut command: Command| {
        command
            .current_dir(&places.root)
            .env("OPENCASHIER_BIN_DIR", servers::bin_dir(places))
            .env("OPENCASHIER_STRANGERS_MODULES", &tools.node_modules)
            .env("OPENCASHIER_STRANGERS_OUT", &out);
        command
    };
    let mut node = told(Command::new("node"));
    node.args(["--test", "--test-concurrency=2", "--test-timeout=180000", "--test-reporter=spec"]);
    step::run(node.args(specs), "install Node.js 20 or newer")?;

    let mut python = told(Command::new(&tools.python));
    python
        .args(["-m", "unittest", "discover", "--verbose", "--start-directory"])
        .arg(tests.join("python"))
        // Compiled modules go where nobody trips over them.
        .env("PYTHONPYCACHEPREFIX", out.join("pycache"));
    step::run(&mut python, "run `cargo xtask setup`")
}
