//! Weighs what a shopper downloads for the default embed, against `xtask/budget.toml`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::places::{Places, files_below, has_extension};
use crate::step::{self, Failure};

/// Prints raw, gzip and brotli sizes of the built widget.
///
/// # Errors
/// The sum is over the budget, or `dist/` is not built.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let budget = budget(&places.root.join("xtask").join("budget.toml"))?;
    let dist = places.dist();
    let mut files = vec![dist.join("opencashier.js")];
    files.extend(files_below(&dist)?.into_iter().filter(|file| has_extension(file, "wasm")));
    // One language is loaded; the largest stands for the worst case.
    let locales = weigh(places, &files_below(&dist.join("locales"))?)?;
    if let Some(largest) = locales.into_iter().max_by_key(|weight| weight.brotli) {
        files.push(largest.file);
    }

    println!("{:>34} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip -9", "brotli 11");
    let (mut raw, mut gzip, mut brotli) = (0, 0, 0);
    for weight in weigh(places, &files)? {
        let name = weight.file.strip_prefix(&dist).unwrap_or(&weight.file).display().to_string();
        println!("{name:>34} {:>9} {:>9} {:>9}", weight.raw, weight.gzip, weight.brotli);
        raw += weight.raw;
        gzip += weight.gzip;
        brotli += weight.brotli;
    }
    println!("{:>34} {raw:>9} {gzip:>9} {brotli:>9}", "sum");
    if brotli > budget {
        return Err(Failure::new(format!(
            "the widget weighs {brotli} bytes, {} over the budget of {budget} in xtask/budget.toml",
            brotli - budget
        )));
    }
    println!("{:>34} {:>9} {:>9} {budget:>9}", "budget", "", "");
    parts(places)
}

/// Prints what the Wasm is made of, by crate.
fn parts(places: &Places) -> Result<(), Failure> {
    let mut node = Command::new("node");
    node.arg(places.root.join("xtask").join("weigh-wasm.mjs")).arg(build::named(places));
    step::run(&mut node, "run `cargo xtask build`")
}

struct Weight {
    file: PathBuf,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Node.js brings both compressors, which std does not.
fn weigh(places: &Places, files: &[PathBuf]) -> Result<Vec<Weight>, Failure> {
    let mut node = Command::new("node");
    node.arg(places.root.join("xtask").join("weigh.mjs")).args(files);
    let lines = step::output(&mut node, "install Node.js 20 or newer")?;
    let weights = files.iter().zip(lines.lines()).map(|(file, line)| {
        let mut numbers = line.split(' ').map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(raw)), Some(Ok(gzip)), Some(Ok(brotli))) => {
                Ok(Weight { file: file.clone(), raw, gzip, brotli })
            }
            _ => {
                Err(Failure::new(format!("xtask/weigh.mjs wrote {line:?} for {}", file.display())))
            }
        }
    });
    weights.collect()
}

fn budget(path: &Path) -> Result<u64, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    text.lines()
        .find_map(|line| line.strip_prefix("brotli = ")?.trim().parse().ok())
        .ok_or_else(|| Failure::new(format!("{} has no line `brotli = N`", path.display())))
}
