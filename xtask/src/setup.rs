//! Installs what the other commands need. Safe to run twice, and at the same time.

mod debian;
mod python;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::places::{Places, on_path};
use crate::step::{self, Failure};

pub(crate) use debian::Browser;

/// What the widget is built with.
#[derive(Debug)]
pub(crate) struct BuildTools {
    /// The folder of wasm-bindgen's programs, of exactly the version in Cargo.lock.
    pub(crate) wasm_bindgen: PathBuf,
    /// `node_modules` with esbuild, binaryen and what the tests use.
    pub(crate) node_modules: PathBuf,
}

/// What the tests need besides.
#[derive(Debug)]
pub(crate) struct TestTools {
    /// The folder of wasm-pack.
    pub(crate) wasm_pack: PathBuf,
    /// The browser and its driver.
    pub(crate) browser: Browser,
}

/// Other people's clients of both gateways, which `tests/strangers` sets against ours.
#[derive(Debug)]
pub(crate) struct Strangers {
    /// `node_modules` with those from npm.
    pub(crate) node_modules: PathBuf,
    /// The Python that finds those from PyPI.
    pub(crate) python: PathBuf,
}

/// What the benches need besides the build's tools.
#[derive(Debug)]
pub(crate) struct BenchTools {
    /// `node_modules` with esbuild and Playwright.
    pub(crate) node_modules: PathBuf,
    /// `node_modules` with what is measured against and loaded with.
    pub(crate) bench_modules: PathBuf,
    /// The browser.
    pub(crate) browser: Browser,
}

/// Installs everything and says where it is.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn everything(places: &Places) -> Result<(), Failure> {
    let build = for_build(places)?;
    let test = for_tests(places)?;
    let strangers = for_strangers(places)?;
    let bench = for_bench(places)?;
    println!("wasm-bindgen  {}", build.wasm_bindgen.display());
    println!("npm packages  {}", build.node_modules.display());
    println!("of the bench  {}", bench.bench_modules.display());
    println!("wasm-pack     {}", test.wasm_pack.display());
    println!("browser       {}", test.browser.chromium.display());
    println!("its driver    {}", test.browser.chromedriver.display());
    println!("strangers     {}", strangers.node_modules.display());
    println!("              {}", strangers.python.display());
    println!("build output  {}", places.target.display());
    Ok(())
}

/// Installs what building the widget needs: the Wasm target, wasm-bindgen, esbuild, binaryen.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_build(places: &Places) -> Result<BuildTools, Failure> {
    require(&[("node", NODE), ("npm", NODE), ("cc", CC)])?;
    let _lock = lock(places)?;
    rustup_has("target", "wasm32-unknown-unknown")?;
    // The widget's own standard library is compiled from source: see `build::compile`.
    rustup_has("component", "rust-src")?;
    let wasm_bindgen = from_crates(places, "wasm-bindgen-cli", &locked_version(places)?)?;
    let node_modules = from_npm(places, "tests/e2e", "npm")?;
    Ok(BuildTools { wasm_bindgen, node_modules })
}

/// Installs what the tests need besides: wasm-pack, and Debian's Chromium with CJK fonts.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_tests(places: &Places) -> Result<TestTools, Failure> {
    let _lock = lock(places)?;
    let browser = debian::browser()?;
    let wasm_pack = from_crates(places, "wasm-pack", WASM_PACK_VERSION)?;
    Ok(TestTools { wasm_pack, browser })
}

/// Installs what the benches need: Adyen's library to compare with, autocannon, the browser.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_bench(places: &Places) -> Result<BenchTools, Failure> {
    let BuildTools { node_modules, .. } = for_build(places)?;
    let _lock = lock(places)?;
    let browser = debian::browser()?;
    let bench_modules = from_npm(places, "bench", "bench-npm")?;
    Ok(BenchTools { node_modules, bench_modules, browser })
}

/// Installs other people's clients of both gateways, from npm and from `PyPI`.
///
/// # Errors
/// Names what could not be installed and what to do.
pub(crate) fn for_strangers(places: &Places) -> Result<Strangers, Failure> {
    require(&[("node", NODE), ("npm", NODE)])?;
    let _lock = lock(places)?;
    let node_modules = from_npm(places, "tests/strangers", "strangers-npm")?;
    let python = python::with_packages(places)?;
    Ok(Strangers { node_modules, python })
}

fn require(programs: &[(&str, &str)]) -> Result<(), Failure> {
    match programs.iter().find(|(program, _)| on_path(&[program]).is_none()) {
        Some((program, remedy)) => Err(Failure::new(format!("{program} is missing: {remedy}"))),
        None => Ok(()),
    }
}

/// One setup at a time: the lock goes with the returned file.
fn lock(places: &Places) -> Result<File, Failure> {
    let tools = places.tools();
    fs::create_dir_all(&tools).map_err(|error| Failure::file("make", &tools, &error))?;
    let path = tools.join("setup.lock");
    let file = File::create(&path).map_err(|error| Failure::file("make", &path, &error))?;
    file.lock().map_err(|error| Failure::file("lock", &path, &error))?;
    Ok(file)
}

/// Adds a target or component to the toolchain of rust-toolchain.toml where it is not there.
fn rustup_has(kind: &str, name: &str) -> Result<(), Failure> {
    let installed =
        step::output(Command::new("rustup").args([kind, "list", "--installed"]), RUSTUP)?;
    if installed.lines().any(|line| line.trim() == name) {
        return Ok(());
    }
    println!("setup: adding the Rust {kind} {name} with rustup");
    step::run(Command::new("rustup").args([kind, "add", name]), RUSTUP)
}

/// The wasm-bindgen of Cargo.lock: the tool and the library only speak to each other if equal.
fn locked_version(places: &Places) -> Result<String, Failure> {
    let path = places.root.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let mut lines = text.lines();
    lines
        .find(|line| *line == "name = \"wasm-bindgen\"")
        .and_then(|_| lines.next())
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{} names no wasm-bindgen", path.display())))
}

/// Installs a program from crates.io into a folder of its own and returns its `bin`.
fn from_crates(places: &Places, name: &str, version: &str) -> Result<PathBuf, Failure> {
    let home = places.tools().join(format!("{name}-{version}"));
    let bin = home.join("bin");
    if bin.is_dir() {
        return Ok(bin);
    }
    println!("setup: installing {name} {version} from crates.io into {}", home.display());
    let unfinished = places.tools().join(format!("{name}-{version}.unfinished"));
    remove(&unfinished)?;
    let install = |locked: &[&str]| {
        let mut cargo = places.cargo();
        cargo
            .args(["install", name, "--version", version, "--quiet", "--no-track", "--root"])
            .arg(&unfinished)
            .args(locked)
            // Built once and run seldom: what counts is how soon it is there.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_TARGET_DIR", places.tools().join("build"));
        step::run(&mut cargo, RUSTUP)
    };
    if let Err(failure) = install(&["--locked"]) {
        println!("setup: {failure}; trying without --locked");
        install(&[])?;
    }
    rename(&unfinished, &home)?;
    remove(&places.tools().join("build"))?;
    Ok(bin)
}

/// Installs the packages of a folder's package-lock.json, in a folder named by `name` and its contents.
fn from_npm(places: &Places, folder: &str, name: &str) -> Result<PathBuf, Failure> {
    let source = places.root.join(folder);
    let mut hasher = DefaultHasher::new();
    for file in NPM_FILES {
        let path = source.join(file);
        fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?.hash(&mut hasher);
    }
    let home = places.tools().join(format!("{name}-{:016x}", hasher.finish()));
    let modules = home.join("node_modules");
    if modules.is_dir() {
        return Ok(modules);
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    for file in NPM_FILES {
        let copy = unfinished.join(file);
        fs::copy(source.join(file), &copy)
            .map_err(|error| Failure::file("write", &copy, &error))?;
    }
    // No package of ours needs its install script, so none may run one.
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    step::run(npm.current_dir(&unfinished), NODE)?;
    rename(&unfinished, &home)?;
    Ok(modules)
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| Failure::file("rename to", to, &error))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("remove", folder, &error))?;
    }
    Ok(())
}

const WASM_PACK_VERSION: &str = "0.15.1";
const NPM_FILES: [&str; 2] = ["package.json", "package-lock.json"];
const NODE: &str = "install Node.js 20 or newer, which brings npm, and put both on PATH";
const CC: &str = "install a C compiler, on Debian with `apt-get install build-essential`";
const RUSTUP: &str = "install Rust with rustup, which brings rustup and cargo";
