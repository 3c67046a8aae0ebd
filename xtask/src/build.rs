//! Builds the widget into `dist/`: cargo, wasm-bindgen, wasm-opt, esbuild.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::places::{Places, files_below, has_extension};
use crate::setup::{self, BuildTools};
use crate::step::{self, Failure};

/// Builds what changed since the last build.
///
/// # Errors
/// Names the stage that failed.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let tools = setup::for_build(places)?;
    let wasm = compile(places)?;
    let www = places.root.join("www");
    let inputs = fingerprint(places, &tools, &wasm, &www)?;
    let stamp = places.dist().join(".built-from");
    if fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == inputs) {
        println!("build: dist/ is up to date");
        return Ok(());
    }

    // A new folder takes the old one's place only when all of it is there.
    let unfinished = places.root.join("dist").join(".unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)
            .map_err(|error| Failure::file("remove", &unfinished, &error))?;
    }
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    let bound = places.cache.join("widget");
    let small = bound.join("www");
    bind(&tools, &wasm, &bound)?;
    let (tight, tight_glue) = (bound.join("tight.wasm"), bound.join("tight.js"));
    rewrite(places, "tighten.mjs", [&bound.join(WASM), &bound.join(GLUE), &tight, &tight_glue])?;
    let named = named(places);
    shrink(&tools, &tight, &named)?;
    with_small_css(&tools, &www, &small)?;
    let (wasm, glue) = (unfinished.join("opencashier.wasm"), small.join("glue.js"));
    rewrite(places, "shorten.mjs", [&named, &tight_glue, &wasm, &glue])?;
    scripts(&tools, &small, &www, &unfinished)?;
    let mut publish = Command::new("node");
    publish.arg(places.root.join("xtask").join("publish.mjs")).arg(&unfinished);
    step::run(&mut publish, "install Node.js 20 or newer")?;
    replace(&unfinished, &places.dist())?;
    fs::write(&stamp, inputs).map_err(|error| Failure::file("write", &stamp, &error))?;
    println!("build: the widget is in {}", places.dist().display());
    Ok(())
}

/// The last build's Wasm while its functions have names, for the scales.
pub(crate) fn named(places: &Places) -> PathBuf {
    places.cache.join("widget").join("named.wasm")
}

/// Compiles the widget together with the standard library.
///
/// The library's source comes with the pinned toolchain, so this can be repeated; only the
/// switches are unstable. They drop what the shipped Wasm never uses: the words of panics,
/// their places, and `Debug`. A panic is then a trap, which `www/element.js` catches.
fn compile(places: &Places) -> Result<PathBuf, Failure> {
    println!("build: compiling the widget");
    let mut cargo = places.cargo();
    cargo.args(["build", "--quiet", "--profile", "widget", "--target", TARGET]);
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", SHIPPED_RUSTFLAGS);
    step::run(cargo.args(["--package", "opencashier", "--lib"]), "install Rust with rustup")?;
    Ok(places.target.join(TARGET).join("widget").join("opencashier.wasm"))
}

/// Writes the JavaScript glue and the Wasm that goes with it.
fn bind(tools: &BuildTools, wasm: &Path, into: &Path) -> Result<(), Failure> {
    let mut bindgen = Command::new(tools.wasm_bindgen.join("wasm-bindgen"));
    bindgen.arg(wasm).arg("--out-dir").arg(into);
    bindgen.args(["--target", "web", "--out-name", "opencashier_wasm", "--no-typescript"]);
    bindgen.arg("--remove-producers-section");
    step::run(&mut bindgen, "run `cargo xtask setup`")
}

fn shrink(tools: &BuildTools, wasm: &Path, into: &Path) -> Result<(), Failure> {
    println!("build: shrinking it");
    let mut optimise = Command::new("node");
    optimise.arg(tools.node_modules.join("binaryen").join("bin").join("wasm-opt"));
    optimise.args(WASM_OPT).arg(wasm).arg("--output").arg(into);
    step::run(&mut optimise, "install Node.js 20 or newer")
}

/// Runs a script that writes the Wasm and the glue anew: both in, both out.
fn rewrite(places: &Places, script: &str, files: [&Path; 4]) -> Result<(), Failure> {
    let mut node = Command::new("node");
    node.arg(places.root.join("xtask").join(script)).args(files);
    step::run(&mut node, "see what the script says about its own requirements")
}

/// A copy of the loader's sources with its style sheet minified, which esbuild does not do
/// to what it bundles as text.
fn with_small_css(tools: &BuildTools, www: &Path, into: &Path) -> Result<(), Failure> {
    fs::create_dir_all(into).map_err(|error| Failure::file("make", into, &error))?;
    for source in files_below(www)? {
        if source.parent() != Some(www) {
            continue;
        }
        let copy = into.join(source.file_name().unwrap_or_default());
        if has_extension(&source, "css") {
            let mut minify = esbuild(tools);
            step::run(minify.arg(&source).arg(outfile(&copy)), REMEDY)?;
        } else {
            fs::copy(&source, &copy).map_err(|error| Failure::file("write", &copy, &error))?;
        }
    }
    Ok(())
}

fn esbuild(tools: &BuildTools) -> Command {
    let mut command = Command::new(tools.node_modules.join("esbuild").join("bin").join("esbuild"));
    command.args(["--minify", "--target=es2022", "--log-level=warning"]);
    command.args(["--legal-comments=none", "--charset=utf8"]);
    command
}

/// Bundles and minifies what the page loads besides the Wasm: the loader with the glue in it,
/// the classic script, the texts.
fn scripts(tools: &BuildTools, small: &Path, www: &Path, into: &Path) -> Result<(), Failure> {
    let esbuild = || {
        let mut command = esbuild(tools);
        command.arg("--format=esm");
        command
    };
    for (source, out) in [("opencashier.js", "opencashier.js"), ("classic.js", CLASSIC)] {
        let mut bundle = esbuild();
        bundle.arg(small.join(source)).args(["--bundle", "--loader:.css=text"]);
        bundle.args(["--external:./locales/*", "--external:./opencashier.js"]);
        if out == CLASSIC {
            // A classic script: no import or export may be left at its top.
            bundle.args(["--format=iife", "--supported:dynamic-import=true"]);
        } else {
            // Read by Chromium, which then compiles all of it while it comes, beside the page.
            bundle.arg("--banner:js=//# allFunctionsCalledOnLoad");
        }
        step::run(bundle.arg(outfile(&into.join(out))), REMEDY)?;
    }
    for locale in files_below(&www.join("locales"))? {
        if let (true, Some(name)) = (has_extension(&locale, "js"), locale.file_name()) {
            let mut minify = esbuild();
            minify.arg(&locale);
            step::run(minify.arg(outfile(&into.join("locales").join(name))), REMEDY)?;
        }
    }
    let types = www.join(TYPES);
    if types.is_file() {
        let copy = into.join(TYPES);
        fs::copy(&types, &copy).map_err(|error| Failure::file("write", &copy, &error))?;
    }
    Ok(())
}

fn outfile(path: &Path) -> String {
    format!("--outfile={}", path.display())
}

/// Moves each new file over the old one and drops what is no longer built.
fn replace(unfinished: &Path, dist: &Path) -> Result<(), Failure> {
    let mut kept = Vec::new();
    for file in files_below(unfinished)? {
        let place = dist.join(file.strip_prefix(unfinished).unwrap_or(&file));
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        fs::rename(&file, &place).map_err(|error| Failure::file("write", &place, &error))?;
        kept.push(place);
    }
    fs::remove_dir_all(unfinished).map_err(|error| Failure::file("remove", unfinished, &error))?;
    for old in files_below(dist)? {
        if !kept.contains(&old) {
            fs::remove_file(&old).map_err(|error| Failure::file("remove", &old, &error))?;
        }
    }
    Ok(())
}

/// What `dist/` is made from, besides the steps in this file.
fn fingerprint(
    places: &Places,
    tools: &BuildTools,
    wasm: &Path,
    www: &Path,
) -> Result<String, Failure> {
    let mut hasher = DefaultHasher::new();
    let mut files = files_below(www)?;
    files.push(wasm.to_path_buf());
    files.push(places.root.join("xtask").join("order.mjs"));
    let xtask = places.root.join("xtask");
    files.push(xtask.join("src").join("build.rs"));
    files.extend(
        ["tighten.mjs", "shorten.mjs", "publish.mjs", "wasm.mjs"].map(|script| xtask.join(script)),
    );
    for file in files {
        file.strip_prefix(&places.root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file).map_err(|error| Failure::file("read", &file, &error))?.hash(&mut hasher);
    }
    tools.wasm_bindgen.hash(&mut hasher);
    tools.node_modules.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

const TARGET: &str = "wasm32-unknown-unknown";
const WASM: &str = "opencashier_wasm_bg.wasm";
const GLUE: &str = "opencashier_wasm.js";
const REMEDY: &str = "run `cargo xtask setup`";
const SHIPPED_RUSTFLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
     -Clink-arg=-zstack-size=131072 \
     -Zmir-opt-level=3 -Zinline-mir-threshold=30 -Zinline-mir-hint-threshold=50";
const CLASSIC: &str = "opencashier-classic.js";
const TYPES: &str = "opencashier.d.ts";
/// The features that Rust 1.95 uses by default on this target; no newer one may come in here,
/// or older browsers could not load the widget.
const WASM_OPT: [&str; 14] = [
    // The names are for the scales; `shorten.mjs` takes them away.
    "--debuginfo",
    // All larger than `-Oz` alone, but smaller after brotli (measured: 3 kB).
    "-O2",
    "--shrink-level=2",
    "--one-caller-inline-max-function-size=20",
    "--always-inline-max-function-size=0",
    "--zero-filled-memory",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--strip-producers",
    "--strip-target-features",
];
