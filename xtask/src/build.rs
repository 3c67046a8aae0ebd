//! Builds the widget into `dist/`: cargo, wasm-bindgen, wasm-opt, the prerenderer, esbuild.

mod wasm;

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::{Paths, files_below, has_extension};
use crate::setup::{self, BuildTools};
use crate::step::{self, Failure, Progress};

pub(crate) use wasm::named_wasm;

/// Builds what changed since the last build.
///
/// # Errors
/// Names the stage that failed.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let tools = setup::for_build(paths)?;
    let compiled = wasm::compile(paths)?;
    let prerendered = prerender(paths)?;
    let inputs = fingerprint(paths, &tools, &[&compiled, &prerendered])?;
    let stamp = paths.dist().join(".built-from");
    if fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == inputs) {
        println!("build: dist/ is up to date");
        return Ok(());
    }

    let bound = wasm::bind(paths, &tools, &compiled)?;
    let small = wasm::optimize(paths, &tools, &bound.wasm)?;
    // A new folder replaces the old one only when it is complete.
    let unfinished = paths.root.join("dist").join(".unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)
            .map_err(|error| Failure::file("remove", &unfinished, &error))?;
    }
    fs::create_dir_all(&unfinished).map_err(|error| Failure::file("make", &unfinished, &error))?;
    let mut dist = Command::new("node");
    dist.arg(paths.xtask("dist.mjs")).arg(paths.root.join("www"));
    dist.args([&bound.glue, &small, &prerendered, &unfinished]);
    dist.env("OPENCASHIER_BUILD_MODULES", &tools.node_modules);
    step::run(&mut dist, "install Node.js 20 or newer")?;
    replace(&unfinished, &paths.dist())?;
    fs::write(&stamp, inputs).map_err(|error| Failure::file("write", &stamp, &error))?;
    println!("build: the widget is in {}", paths.dist().display());
    Ok(())
}

/// Draws the selector of every locale and layout by Yew's server renderer, as JSON.
fn prerender(paths: &Paths) -> Result<PathBuf, Failure> {
    let mut compile = paths.cargo("build");
    compile.args(["--quiet", "--features", "prerender", "--bin", "prerender"]);
    let progress = Progress { step: "build: compiling the prerenderer", usual: "2 minutes" };
    step::run_long(&mut compile, progress, "install Rust with rustup")?;
    let mut program = Command::new(paths.target.join("debug").join("prerender"));
    let json = step::output(program.current_dir(&paths.root), "run `cargo xtask build`")?;
    let path = paths.widget().join("prerendered.json");
    fs::write(&path, json).map_err(|error| Failure::file("write", &path, &error))?;
    Ok(path)
}

/// Moves each new file over the old one and removes what is no longer built.
fn replace(unfinished: &Path, dist: &Path) -> Result<(), Failure> {
    let mut kept = Vec::new();
    for file in files_below(unfinished)? {
        let path = dist.join(file.strip_prefix(unfinished).unwrap_or(&file));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        fs::rename(&file, &path).map_err(|error| Failure::file("write", &path, &error))?;
        kept.push(path);
    }
    fs::remove_dir_all(unfinished).map_err(|error| Failure::file("remove", unfinished, &error))?;
    for old in files_below(dist)? {
        if !kept.contains(&old) {
            fs::remove_file(&old).map_err(|error| Failure::file("remove", &old, &error))?;
        }
    }
    Ok(())
}

/// A hash of everything that `dist/` is made from.
fn fingerprint(paths: &Paths, tools: &BuildTools, made: &[&Path]) -> Result<String, Failure> {
    let mut hasher = DefaultHasher::new();
    let mut files = files_below(&paths.root.join("www"))?;
    files.extend(made.iter().map(|path| path.to_path_buf()));
    let xtask = files_below(&paths.root.join("xtask"))?;
    files.extend(
        xtask.into_iter().filter(|file| {
            has_extension(file, "mjs") || file.to_string_lossy().contains("src/build")
        }),
    );
    for file in files {
        file.strip_prefix(&paths.root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file).map_err(|error| Failure::file("read", &file, &error))?.hash(&mut hasher);
    }
    tools.wasm_bindgen.hash(&mut hasher);
    tools.node_modules.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}
