//! Installs what the other commands need. Safe to run twice, and at the same time.

mod crates;
mod debian;
mod npm;
mod old_chromium;
mod python;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::{Paths, on_path};
use crate::step::{self, Failure};

pub(crate) use debian::{Browser, Engines};
pub(crate) use old_chromium::OldChromiums;

/// The tools that the widget is built with.
#[derive(Debug)]
pub(crate) struct BuildTools {
    /// The folder of wasm-bindgen's programs, of exactly the version in Cargo.lock.
    pub(crate) wasm_bindgen: PathBuf,
    /// `node_modules` with esbuild, binaryen, parse5 and TypeScript.
    pub(crate) node_modules: PathBuf,
}

/// The tools that the browser and end-to-end tests need besides [`BuildTools`].
#[derive(Debug)]
pub(crate) struct TestTools {
    /// `node_modules` with Playwright, axe, a decoder of QR codes.
    pub(crate) node_modules: PathBuf,
    /// The folder of wasm-pack.
    pub(crate) wasm_pack: PathBuf,
    /// The browser and its driver.
    pub(crate) browser: Browser,
    /// The folder of PostgreSQL's programs.
    pub(crate) postgres: PathBuf,
    /// The engines besides today's Chromium.
    pub(crate) engines: Engines,
    /// Chromium 72, the oldest that the widget supports, 86 and 103.
    pub(crate) old_chromiums: OldChromiums,
}

/// Other people's clients of both gateways, for `proofs/interop`.
#[derive(Debug)]
pub(crate) struct InteropTools {
    /// `node_modules` with the clients from npm.
    pub(crate) node_modules: PathBuf,
    /// The Python that finds the clients from PyPI.
    pub(crate) python: PathBuf,
}

/// The tools that the benches need besides [`BuildTools`].
#[derive(Debug)]
pub(crate) struct BenchTools {
    /// `node_modules` with Playwright and a decoder of QR codes.
    pub(crate) test_modules: PathBuf,
    /// `node_modules` with the peers and the load generator.
    pub(crate) bench_modules: PathBuf,
    /// The browser.
    pub(crate) browser: Browser,
}

/// The tools that the documentation site is built and checked with.
#[derive(Debug)]
pub(crate) struct DocsTools {
    /// The folder of mdBook.
    pub(crate) mdbook: PathBuf,
    /// `node_modules` with a parser of HTML.
    pub(crate) node_modules: PathBuf,
}

/// Installs everything and prints where it is.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn everything(paths: &Paths) -> Result<(), Failure> {
    let build = for_build(paths)?;
    let test = for_tests(paths)?;
    let interop = for_interop(paths)?;
    let package = for_package(paths)?;
    let bench = for_bench(paths)?;
    let cargo_deny = for_dependencies(paths)?;
    let docs = for_docs(paths)?;
    let installed = [
        ("wasm-bindgen", &build.wasm_bindgen),
        ("npm, build", &build.node_modules),
        ("npm, tests", &test.node_modules),
        ("npm, bench", &bench.bench_modules),
        ("npm, interop", &interop.node_modules),
        ("npm, package", &package),
        ("Python, interop", &interop.python),
        ("wasm-pack", &test.wasm_pack),
        ("cargo-deny", &cargo_deny),
        ("mdbook", &docs.mdbook),
        ("Chromium", &test.browser.chromium),
        ("ChromeDriver", &test.browser.chromedriver),
        ("Chromium 72", &test.old_chromiums.chromium_72),
        ("Chromium 86", &test.old_chromiums.chromium_86),
        ("Chromium 103", &test.old_chromiums.chromium_103),
        ("Firefox", &test.engines.firefox),
        ("WebKitWebDriver", &test.engines.webkit_driver),
        ("MiniBrowser", &test.engines.minibrowser),
        ("Xvfb", &test.engines.xvfb),
        ("PostgreSQL", &test.postgres),
        ("build output", &paths.target),
    ];
    for (name, path) in installed {
        println!("{name:<16} {}", path.display());
    }
    Ok(())
}

/// Installs what building the widget needs.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_build(paths: &Paths) -> Result<BuildTools, Failure> {
    require(&[("node", NODE), ("npm", NODE), ("cc", CC), ("rustup", RUSTUP)])?;
    let _lock = lock(paths)?;
    rustup_add("target", "wasm32-unknown-unknown")?;
    // The widget's standard library is compiled from source: see `build/wasm.rs`.
    rustup_add("component", "rust-src")?;
    let version = crates::locked_version(paths, "wasm-bindgen")?;
    let wasm_bindgen = crates::install(paths, "wasm-bindgen-cli", &version)?;
    let node_modules = npm::install(paths, "xtask", "build-npm")?;
    Ok(BuildTools { wasm_bindgen, node_modules })
}

/// Installs what the tests need besides the tools of the build.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_tests(paths: &Paths) -> Result<TestTools, Failure> {
    require(&[("node", NODE), ("npm", NODE)])?;
    let _lock = lock(paths)?;
    let browser = debian::browser(paths)?;
    let engines = debian::engines(paths)?;
    let postgres = debian::postgres(paths)?;
    let wasm_pack = crates::install(paths, "wasm-pack", WASM_PACK_VERSION)?;
    let node_modules = npm::install(paths, "tests/e2e", "e2e-npm")?;
    let old_chromiums = old_chromium::install(paths, &node_modules)?;
    Ok(TestTools { node_modules, wasm_pack, browser, engines, postgres, old_chromiums })
}

/// Installs what the npm package is tested with: frameworks, bundlers, checkers of packages and of
/// the OpenAPI document, and the languages of its examples.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_package(paths: &Paths) -> Result<PathBuf, Failure> {
    require(&[("node", NODE), ("npm", NODE)])?;
    let _lock = lock(paths)?;
    debian::php(paths)?;
    debian::python(paths)?;
    npm::install(paths, "tests/npm", "package-npm")
}

/// Installs what the benches need: Adyen's library to compare with, autocannon, the browser.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_bench(paths: &Paths) -> Result<BenchTools, Failure> {
    require(&[("node", NODE), ("npm", NODE)])?;
    let _lock = lock(paths)?;
    let browser = debian::browser(paths)?;
    let test_modules = npm::install(paths, "tests/e2e", "e2e-npm")?;
    let bench_modules = npm::install(paths, "bench", "bench-npm")?;
    Ok(BenchTools { test_modules, bench_modules, browser })
}

/// Installs other people's clients of both gateways, from npm and from PyPI.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_interop(paths: &Paths) -> Result<InteropTools, Failure> {
    require(&[("node", NODE), ("npm", NODE)])?;
    let _lock = lock(paths)?;
    let node_modules = npm::install(paths, "proofs/interop", "interop-npm")?;
    let python = python::install(paths)?;
    Ok(InteropTools { node_modules, python })
}

/// Installs cargo-deny and returns its folder.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_dependencies(paths: &Paths) -> Result<PathBuf, Failure> {
    require(&[("cc", CC)])?;
    let _lock = lock(paths)?;
    crates::install(paths, "cargo-deny", CARGO_DENY_VERSION)
}

/// Installs mdBook, without its server, and what the check of links needs.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_docs(paths: &Paths) -> Result<DocsTools, Failure> {
    require(&[("node", NODE), ("npm", NODE), ("cc", CC)])?;
    let _lock = lock(paths)?;
    let features = ["--no-default-features", "--features", "search"];
    let mdbook = crates::install_with(paths, "mdbook", MDBOOK_VERSION, &features)?;
    let node_modules = npm::install(paths, "xtask", "build-npm")?;
    Ok(DocsTools { mdbook, node_modules })
}

/// Fails with the names of all missing programs and how to get them.
fn require(programs: &[(&str, &str)]) -> Result<(), Failure> {
    let missing: Vec<String> = programs
        .iter()
        .filter(|(program, _)| on_path(&[program]).is_none())
        .map(|(program, remedy)| format!("{program} is missing: {remedy}"))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::new(missing.join("\n"))) }
}

/// Waits until no other setup is running. Dropping the returned file releases the lock.
fn lock(paths: &Paths) -> Result<File, Failure> {
    let tools = paths.tools();
    fs::create_dir_all(&tools).map_err(|error| Failure::file("make", &tools, &error))?;
    let path = tools.join("setup.lock");
    let file = File::create(&path).map_err(|error| Failure::file("make", &path, &error))?;
    if file.try_lock().is_err() {
        println!("setup: waiting for another setup to finish");
        file.lock().map_err(|error| Failure::file("lock", &path, &error))?;
    }
    Ok(file)
}

/// Adds a target or component to the toolchain of rust-toolchain.toml if it is missing.
fn rustup_add(kind: &str, name: &str) -> Result<(), Failure> {
    let installed =
        step::output(Command::new("rustup").args([kind, "list", "--installed"]), RUSTUP)?;
    if installed.lines().any(|line| line.trim() == name) {
        return Ok(());
    }
    println!("setup: adding the Rust {kind} {name} with rustup");
    step::run(Command::new("rustup").args([kind, "add", name]), RUSTUP)
}

/// Moves a finished installation to its final path.
fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| Failure::file("rename to", to, &error))
}

/// Removes what an interrupted installation has left.
fn remove(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("remove", folder, &error))?;
    }
    Ok(())
}

const CARGO_DENY_VERSION: &str = "0.20.2";
const MDBOOK_VERSION: &str = "0.5.4";
const WASM_PACK_VERSION: &str = "0.15.1";
const NODE: &str = "install Node.js 20 or newer, which brings npm, and put both on PATH";
const CC: &str = "install a C compiler, on Debian with `apt-get install build-essential`";
const RUSTUP: &str = "install Rust with rustup, which brings rustup and cargo";
