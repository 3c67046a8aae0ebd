//! Other people's clients of both gateways and their verifiers of webhooks against our programs.

use std::process::Command;

use crate::paths::{Paths, files_below};
use crate::step::{self, Failure, Progress};
use crate::{servers, setup};

/// Installs the clients, builds the sandbox, the backend and our clients, and runs `proofs/interop`.
///
/// # Errors
/// A test failed.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let tools = setup::for_interop(paths)?;
    let mut build = paths.cargo("build");
    build.args([
        "--quiet",
        "--package",
        "sandbox",
        "--package",
        "gateways",
        "--package",
        "merchant",
    ]);
    build.args(["--bins", "--example", "one_call"]);
    let step = "build: compiling the sandbox, the backend and the example one_call";
    let progress = Progress { step, usual: "3 minutes" };
    step::run_long(&mut build, progress, "install Rust with rustup")?;

    let tests = paths.root.join("proofs").join("interop");
    let mut specs = files_below(&tests)?;
    specs.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let out = paths.cache.join("interop");
    let configured = |mut command: Command| {
        command
            .current_dir(&paths.root)
            .env("OPENCASHIER_BIN_DIR", servers::bin_dir(paths))
            .env("OPENCASHIER_INTEROP_MODULES", &tools.node_modules)
            .env("OPENCASHIER_INTEROP_OUT", &out);
        command
    };
    let mut node = configured(Command::new("node"));
    node.args(["--test", "--test-concurrency=2", "--test-timeout=180000", "--test-reporter=spec"]);
    step::run(node.args(specs), "install Node.js 20 or newer")?;

    let mut python = configured(Command::new(&tools.python));
    python
        .args(["-m", "unittest", "discover", "--verbose", "--start-directory"])
        .arg(tests.join("python"))
        // Compiled modules stay out of the checkout.
        .env("PYTHONPYCACHEPREFIX", out.join("pycache"));
    step::run(&mut python, "run `cargo xtask setup`")
}
