//! Every check, one after the other; stops at the first that fails.

use std::process::Command;
use std::time::Instant;

use crate::paths::{Paths, files_below, path_with};
use crate::step::{self, Failure, Progress};
use crate::{
    build, citations, dependencies, docs, e2e, interop, openapi, pack, setup, size, types,
};

/// Runs all checks and prints how long each took.
///
/// # Errors
/// Names the check that failed.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let checks: &[Check] = &[
        ("setup", |paths| {
            setup::for_build(paths)?;
            setup::for_tests(paths)?;
            setup::for_bench(paths)?;
            setup::for_package(paths)?;
            setup::for_interop(paths)?;
            setup::for_docs(paths)?;
            setup::for_dependencies(paths).map(|_| ())
        }),
        ("citations", citations::run),
        ("dependencies", dependencies::run),
        ("types of the scripts", types::run),
        ("format", format),
        ("lints", |paths| clippy(paths, &["--workspace", "--all-targets"])),
        ("lints of the widget as Wasm", |paths| {
            let target = ["--target", "wasm32-unknown-unknown"];
            clippy(
                paths,
                &[&["--package", "opencashier", "--lib", "--tests"], &target[..]].concat(),
            )
        }),
        ("native tests", native),
        ("traces", traces),
        ("merchant's tests on PostgreSQL", postgres),
        ("scripts in Node.js", scripts),
        ("OpenAPI document", openapi::check),
        ("interop", interop::run),
        ("browser tests", web),
        ("build", build::run),
        ("size", size::run),
        ("documentation site", docs::run),
        ("npm package", pack::test),
        ("end-to-end tests", |paths| e2e::run(paths, &[])),
    ];
    let count = checks.len();
    let mut times = Vec::new();
    for (index, (name, check)) in checks.iter().enumerate() {
        println!("\n== {}/{count} {name}", index + 1);
        let started = Instant::now();
        let result = check(paths);
        let seconds = started.elapsed().as_secs();
        if let Err(failure) = result {
            println!("\n{index} passed, 1 failed");
            return Err(Failure::new(format!("{name} failed after {seconds} s: {failure}")));
        }
        times.push(format!("{seconds:>5} s  {name}"));
    }
    println!("\n{}\n\n{count} passed, 0 failed", times.join("\n"));
    Ok(())
}

/// Tests the page's scripts in Node.js: what every user agent of the table is recognized as, then
/// random changes of them with random options; needs no browser.
fn scripts(paths: &Paths) -> Result<(), Failure> {
    let tests = paths.root.join("tests");
    let mut specs = files_below(&tests.join("environment"))?;
    specs.extend(files_below(&tests.join("www"))?);
    specs.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    let fuzz = paths.root.join("proofs").join("fuzz").join("browser").join("options.mjs");
    let remedy = "install Node.js 20 or newer";
    let mut node = Command::new("node");
    node.current_dir(&paths.root).args(["--test", "--test-reporter=spec"]).args(specs);
    step::run(&mut node, remedy)?;
    step::run(Command::new("node").current_dir(&paths.root).arg(fuzz), remedy)
}

/// Runs the widget's tests in a headless browser.
///
/// # Errors
/// A test failed, or a tool could not be installed.
pub(crate) fn web(paths: &Paths) -> Result<(), Failure> {
    let build_tools = setup::for_build(paths)?;
    let test_tools = setup::for_tests(paths)?;
    // wasm-pack takes the wasm-bindgen on PATH if it is the locked version, and downloads otherwise.
    let path = path_with(&[&build_tools.wasm_bindgen, &test_tools.wasm_pack])?;
    let mut wasm_pack = Command::new(test_tools.wasm_pack.join("wasm-pack"));
    wasm_pack
        .current_dir(&paths.root)
        .args(["test", "--headless", "--chrome", "--chromedriver"])
        .arg(&test_tools.browser.chromedriver)
        .args(["--", "--locked"])
        .env("CARGO_TARGET_DIR", &paths.target)
        // Seconds for all tests together; the default of 20 is too short for a busy machine.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("PATH", path);
    let progress = Progress { step: "tests: the widget in a headless browser", usual: "4 minutes" };
    step::run_long(&mut wasm_pack, progress, "run `cargo xtask setup`")
}

type Check = (&'static str, fn(&Paths) -> Result<(), Failure>);

fn format(paths: &Paths) -> Result<(), Failure> {
    let mut cargo = paths.cargo_unlocked("fmt");
    step::run(cargo.args(["--all", "--check"]), RUSTUP)
}

fn clippy(paths: &Paths, arguments: &[&str]) -> Result<(), Failure> {
    let mut cargo = paths.cargo("clippy");
    cargo.arg("--quiet").args(arguments).args(["--", "-D", "warnings"]);
    step::run_long(&mut cargo, Progress { step: "tests: clippy", usual: "5 minutes" }, RUSTUP)
}

fn native(paths: &Paths) -> Result<(), Failure> {
    let mut cargo = paths.cargo("test");
    cargo.args(["--workspace", "--quiet"]);
    let progress = Progress { step: "tests: compiling and running", usual: "10 minutes" };
    step::run_long(&mut cargo, progress, RUSTUP)
}

/// Runs the test of the exported traces, which are a feature of the backend. Of the whole workspace, as
/// in [`native`].
fn traces(paths: &Paths) -> Result<(), Failure> {
    let mut cargo = paths.cargo("test");
    cargo.args(["--workspace", "--quiet", "--features", "merchant/otlp", "--test", "otlp"]);
    let progress = Progress { step: "tests: compiling the traces", usual: "4 minutes" };
    step::run_long(&mut cargo, progress, RUSTUP)
}

/// Runs the tests of everything that stores again, on PostgreSQL: each in a database of its own, in
/// a cluster that the test process makes.
///
/// Of the whole workspace, as in [`native`]: for one package cargo would compile dependencies anew.
fn postgres(paths: &Paths) -> Result<(), Failure> {
    let test = |arguments: &[&str]| {
        let mut cargo = paths.cargo("test");
        cargo.args(["--workspace", "--quiet"]).args(arguments);
        cargo.env("OPENCASHIER_TEST_DATABASE", "postgres");
        let progress = Progress { step: "tests: on PostgreSQL", usual: "4 minutes" };
        step::run_long(&mut cargo, progress, "run `cargo xtask setup`")
    };
    test(&["--lib", "--", "db::tests"])?;
    test(&["--exclude", "sandbox", "--test", "it", "--test", "security", "--test", "kill"])
}

const RUSTUP: &str = "install Rust with rustup";
