//! Weighs what a shopper downloads for the default embed, against `xtask/budget.toml`.

mod code;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build;
use crate::paths::Paths;
use crate::step::{self, Failure};

/// Prints raw, gzip and brotli sizes of the built widget, and what its Wasm consists of.
///
/// # Errors
/// A sum is over its budget, or `dist/` is not built.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let budget = Budget::read(&paths.xtask("budget.toml"))?;
    let files = weigh(paths)?;
    // A page loads one language; the largest is the worst case.
    let locale = files
        .iter()
        .filter(|file| file.name.starts_with("locales/"))
        .max_by_key(|file| file.brotli)
        .map(|file| file.name.as_str())
        .ok_or_else(|| Failure::new("dist/manifest.json has no locale"))?;
    let usable = total(&files, &["opencashier.js", locale])?;
    let rest = total(&files, &["app.js", "opencashier.wasm"])?;
    let all = Size {
        name: "all that a page loads".to_owned(),
        raw: usable.raw + rest.raw,
        gzip: usable.gzip + rest.gzip,
        brotli: usable.brotli + rest.brotli,
    };

    println!("{:>34} {:>9} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip -9", "brotli 11", "budget");
    for file in &files {
        file.print("");
    }
    let usable = Size { name: "until the selector is usable".to_owned(), ..usable };
    usable.print(&budget.usable.to_string());
    all.print(&budget.all.to_string());
    for (size, limit) in [(&usable, budget.usable), (&all, budget.all)] {
        if size.brotli > limit {
            return Err(Failure::new(format!(
                "{}: {} bytes, {} over the budget of {limit} in xtask/budget.toml",
                size.name,
                size.brotli,
                size.brotli - limit
            )));
        }
    }
    code::print(&build::named_wasm(paths))
}

/// Bytes of one file or of several.
#[derive(Debug)]
struct Size {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Size {
    fn print(&self, budget: &str) {
        let Self { name, raw, gzip, brotli } = self;
        println!("{name:>34} {raw:>9} {gzip:>9} {brotli:>9} {budget:>9}");
    }
}

/// The sum of the named files.
fn total(files: &[Size], names: &[&str]) -> Result<Size, Failure> {
    let mut sum = Size { name: names.join(" + "), raw: 0, gzip: 0, brotli: 0 };
    for name in names {
        let file = files
            .iter()
            .find(|file| file.name == *name)
            .ok_or_else(|| Failure::new(format!("dist/manifest.json has no {name}")))?;
        sum.raw += file.raw;
        sum.gzip += file.gzip;
        sum.brotli += file.brotli;
    }
    Ok(sum)
}

/// Weighs the files of the manifest. Node.js brings both compressors, which std does not.
fn weigh(paths: &Paths) -> Result<Vec<Size>, Failure> {
    let mut node = Command::new("node");
    node.arg(paths.xtask("weigh.mjs")).arg(paths.dist());
    let lines = step::output(&mut node, "install Node.js 20 or newer")?;
    let sizes = lines.lines().map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let mut numbers = words.map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(raw)), Some(Ok(gzip)), Some(Ok(brotli))) => {
                Ok(Size { name, raw, gzip, brotli })
            }
            _ => Err(Failure::new(format!("xtask/weigh.mjs wrote {line:?}"))),
        }
    });
    sizes.collect()
}

/// The limits, in bytes after brotli.
#[derive(Debug)]
struct Budget {
    usable: u64,
    all: u64,
}

impl Budget {
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
        let number = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| name.trim() == key)
                .and_then(|(_, value)| value.trim().parse().ok())
                .ok_or_else(|| Failure::new(format!("{} has no `{key} = N`", path.display())))
        };
        Ok(Self { usable: number("usable")?, all: number("all")? })
    }
}
