//! The widget's Wasm: compiled, bound to JavaScript, made small.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::Paths;
use crate::setup::BuildTools;
use crate::step::{self, Failure, Progress};

/// The output of wasm-bindgen.
#[derive(Debug)]
pub(super) struct Bound {
    /// The Wasm.
    pub(super) wasm: PathBuf,
    /// The JavaScript that goes with it.
    pub(super) glue: PathBuf,
}

/// The last build's optimized Wasm with the names of its functions, for `cargo xtask size`.
pub(crate) fn named_wasm(paths: &Paths) -> PathBuf {
    paths.widget().join("named.wasm")
}

/// Compiles the widget together with the standard library and returns the Wasm.
pub(super) fn compile(paths: &Paths) -> Result<PathBuf, Failure> {
    let folder = paths.widget();
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    let mut cargo = paths.cargo("build");
    cargo.args(["--quiet", "--package", "opencashier", "--lib"]);
    cargo.args(["--profile", "widget", "--target", TARGET]);
    cargo.args(UNSTABLE_CARGO).env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
    let progress = Progress {
        step: "build: compiling the widget and its standard library",
        usual: "4 minutes",
    };
    step::run_long(&mut cargo, progress, "install Rust with rustup")?;
    Ok(paths.target.join(TARGET).join("widget").join("opencashier.wasm"))
}

/// Runs wasm-bindgen.
pub(super) fn bind(paths: &Paths, tools: &BuildTools, wasm: &Path) -> Result<Bound, Failure> {
    let folder = paths.widget();
    let mut bindgen = Command::new(tools.wasm_bindgen.join("wasm-bindgen"));
    bindgen.arg(wasm).arg("--out-dir").arg(&folder);
    bindgen.args(["--target", "web", "--out-name", "opencashier_wasm", "--no-typescript"]);
    bindgen.arg("--remove-producers-section");
    step::run(&mut bindgen, "run `cargo xtask setup`")?;
    Ok(Bound {
        wasm: folder.join("opencashier_wasm_bg.wasm"),
        glue: folder.join("opencashier_wasm.js"),
    })
}

/// Runs wasm-opt and returns the Wasm that ships, without names.
pub(super) fn optimize(paths: &Paths, tools: &BuildTools, wasm: &Path) -> Result<PathBuf, Failure> {
    println!("build: optimizing the Wasm");
    let wasm_opt = |arguments: &[&str], from: &Path, to: &Path| {
        let mut command = Command::new("node");
        command.arg(tools.node_modules.join("binaryen").join("bin").join("wasm-opt"));
        command.args(arguments).arg(from).arg("--output").arg(to);
        step::run(&mut command, "install Node.js 20 or newer")
    };
    let named = named_wasm(paths);
    wasm_opt(&WASM_OPT, wasm, &named)?;
    let small = paths.widget().join("opencashier.wasm");
    let mut strip = vec!["--strip-debug", "--strip-producers", "--strip-target-features"];
    strip.extend(FEATURES);
    wasm_opt(&strip, &named, &small)?;
    Ok(small)
}

const TARGET: &str = "wasm32-unknown-unknown";

/// The unstable switches of the build, all of them here. `RUSTC_BOOTSTRAP` allows
/// them on the stable toolchain of rust-toolchain.toml, so the build stays repeatable.
///
/// The standard library is compiled from source, which all switches in [`RUSTFLAGS`] need to reach
/// it, and which Yew's guide describes. Together they save 13,331 bytes after brotli: 112,526
/// instead of 125,857 with the stable compiler and its own standard library. The figures beside
/// the switches are what the same build weighs more without that one, after brotli.
const UNSTABLE_CARGO: [&str; 2] = [
    "-Zbuild-std=std,panic_abort",
    // Smaller instead of faster sorting and formatting in the standard library: 600 bytes.
    "-Zbuild-std-features=optimize_for_size",
];

/// Switches of rustc. All but `target-cpu` are unstable.
const RUSTFLAGS: [&str; 5] = [
    // No reference types, bulk memory, sign extension, which Chromium 72 and Safari 13 do not know.
    // It saves nothing, and was measured to cost nothing.
    "-Ctarget-cpu=mvp",
    "-Zunstable-options",
    // A panic is a trap without a message, as release builds do not show one: 4,800 bytes.
    "-Cpanic=immediate-abort",
    // No file names and line numbers for messages of panics: 750 bytes.
    "-Zlocation-detail=none",
    // `{:?}` writes nothing, as Yew formats values for traces that are switched off: 2,900 bytes.
    "-Zfmt-debug=none",
];

/// The features of WebAssembly that may be used: those of its first version.
const FEATURES: [&str; 1] = ["--mvp-features"];

/// `-Oz` alone inlines so much that the file is larger after brotli than without any optimization
/// (137,908 bytes against 132,894, and 128,455 with these limits, measured on one build).
const WASM_OPT: [&str; 6] = [
    "-O2",
    "--shrink-level=2",
    "--one-caller-inline-max-function-size=20",
    "--always-inline-max-function-size=0",
    "--debuginfo",
    FEATURES[0],
];
