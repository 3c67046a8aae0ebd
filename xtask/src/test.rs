//! Every check, one after the other; stops at the first that fails.

use std::process::Command;
use std::time::Instant;

use crate::places::{Places, path_with};
use crate::step::{self, Failure};
use crate::{build, e2e, setup, size, strangers};

/// Runs all checks and prints how long each took.
///
/// # Errors
/// Names the check that failed.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let checks: [Check; 11] = [
        ("setup", |places| {
            setup::for_build(places)?;
            setup::for_tests(places)?;
            setup::for_strangers(places).map(|_| ())
        }),
        ("format", |places| cargo(places, &["fmt", "--all", "--check"])),
        ("lints", |places| cargo(places, &["clippy", "--workspace", "--all-targets", "--quiet"])),
        ("lints of the widget as Wasm", |places| {
            let target = "wasm32-unknown-unknown";
            let arguments = ["clippy", "--package", "opencashier", "--all-targets", "--quiet"];
            cargo(places, &[arguments.as_slice(), &["--target", target]].concat())
        }),
        ("native tests", |places| cargo(places, &["test", "--workspace", "--quiet"])),
        ("user agents", agents),
        ("strangers", strangers::run),
        ("browser tests", web),
        ("build", build::run),
        ("size", size::run),
        ("end-to-end tests", |places| e2e::run(places, &[])),
    ];
    let count = checks.len();
    let mut times = Vec::new();
    for (place, (name, check)) in checks.into_iter().enumerate() {
        println!("\n== {}/{count} {name}", place + 1);
        let begun = Instant::now();
        let result = check(places);
        let seconds = begun.elapsed().as_secs();
        if let Err(failure) = result {
            println!("\n{place} passed, 1 failed");
            return Err(Failure::new(format!("{name} failed after {seconds} s: {failure}")));
        }
        times.push(format!("{seconds:>5} s  {name}"));
    }
    println!("\n{}\n\n{count} passed, 0 failed", times.join("\n"));
    Ok(())
}

/// Takes every user agent of the table for what it is, then kept ones and seeded changes of all of
/// them, with whatever options a page may have; needs no browser.
fn agents(places: &Places) -> Result<(), Failure> {
    let table = places.root.join("tests").join("environment").join("environment.test.mjs");
    let fuzz = places.root.join("crates").join("fuzz").join("browser").join("options.mjs");
    let hint = "install Node.js 20 or newer";
    let mut node = Command::new("node");
    node.current_dir(&places.root).args(["--test", "--test-reporter=spec"]).arg(table);
    step::run(&mut node, hint)?;
    step::run(Command::new("node").current_dir(&places.root).arg(fuzz), hint)
}

/// Runs the widget's tests in a headless browser.
///
/// # Errors
/// A test failed, or a tool could not be installed.
pub(crate) fn web(places: &Places) -> Result<(), Failure> {
    let build_tools = setup::for_build(places)?;
    let test_tools = setup::for_tests(places)?;
    // wasm-pack takes the wasm-bindgen on PATH if it is the locked version, and downloads otherwise.
    let path = path_with(&[&build_tools.wasm_bindgen, &test_tools.wasm_pack])?;
    let mut wasm_pack = Command::new(test_tools.wasm_pack.join("wasm-pack"));
    wasm_pack
        .current_dir(&places.root)
        .args(["test", "--headless", "--chrome", "--chromedriver"])
        .arg(&test_tools.browser.chromedriver)
        .env("CARGO_TARGET_DIR", &places.target)
        .env("PATH", path);
    step::run(&mut wasm_pack, "run `cargo xtask setup`")
}

type Check = (&'static str, fn(&Places) -> Result<(), Failure>);

fn cargo(places: &Places, arguments: &[&str]) -> Result<(), Failure> {
    let mut cargo = places.cargo();
    cargo.args(arguments);
    if arguments.first() == Some(&"clippy") {
        cargo.args(["--", "-D", "warnings"]);
    }
    step::run(&mut cargo, "install Rust with rustup")
}
