//! The command line.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use fuzz::{TARGETS, Target};

/// The targets to run, and how.
pub(crate) struct Arguments {
    pub(crate) targets: Vec<&'static Target>,
    pub(crate) hunt: Hunt,
    /// True if the JavaScript targets are run, too.
    pub(crate) is_with_browser: bool,
    /// Time for each target.
    pub(crate) seconds: u64,
    /// True if new inputs are written into `corpus/`.
    pub(crate) keep: bool,
}

/// The source of inputs.
pub(crate) enum Hunt {
    /// libFuzzer.
    ByCoverage,
    /// Seeded mutations of the kept corpus.
    ByChance(u64),
    /// One file.
    Input(PathBuf),
}

impl Arguments {
    /// Reads the arguments; an error is the message for the user.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            targets: Vec::new(),
            hunt: Hunt::ByCoverage,
            is_with_browser: false,
            seconds: 60,
            keep: false,
        };
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments.next().ok_or_else(|| format!("{argument} needs a value\n\n{}", help()))
            };
            match argument.as_str() {
                "--seconds" => read.seconds = number(&value()?)?,
                "--input" => read.hunt = Hunt::Input(PathBuf::from(value()?)),
                "--seed" => read.hunt = Hunt::ByChance(number(&value()?)?),
                "--random" => read.hunt = Hunt::ByChance(now()),
                "--keep" => read.keep = true,
                "all" => {
                    read.targets.extend(TARGETS);
                    read.is_with_browser = true;
                }
                "options" => read.is_with_browser = true,
                name => {
                    let target = TARGETS.iter().find(|target| target.name == name);
                    read.targets.push(target.ok_or_else(help)?);
                }
            }
        }
        if read.targets.is_empty() && !read.is_with_browser { Err(help()) } else { Ok(read) }
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_invalid| format!("`{text}` is not a whole number"))
}

/// Returns a new seed: the time in seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn help() -> String {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    format!("{HELP}\n\ntargets: {} options", names.join(" "))
}

const HELP: &str = "\
cargo run -p fuzz -- <target>…|all [--seconds N] [--keep]
    searches with libFuzzer for N seconds each (default 60); needs a C++ compiler.
    New inputs are stored in ~/.cache/opencashier/fuzz (or OPENCASHIER_CACHE);
    --keep writes a minimal set with the same coverage into proofs/fuzz/corpus
cargo run -p fuzz -- <target>…|all --random [--seconds N]
cargo run -p fuzz -- <target>…|all --seed S [--seconds N]
    searches with random mutations, without coverage and without a C++ compiler; a seed
  repeats its inputs
cargo run -p fuzz -- <target> --input FILE
    runs one input, such as that of a finding

`options` tests the JavaScript of www/ and needs node.";
