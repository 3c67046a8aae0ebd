//! Builds libFuzzer with the targets, runs it, and keeps the inputs that it finds.
//!
//! `cargo-fuzz` does the same on a nightly toolchain; here the pinned stable toolchain gets the
//! flags through `RUSTC_BOOTSTRAP`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fuzz::Target;

use crate::folders;

/// The built engine.
pub(crate) struct Engine {
    program: PathBuf,
}

impl Engine {
    /// Builds the engine into the cache; takes minutes the first time.
    pub(crate) fn build() -> Result<Self, String> {
        let output = folders::cache("target")?;
        let engine = folders::package().join("engine");
        // The engine is not in the workspace, but must be built with the same dependencies.
        let (theirs, ours) = (folders::workspace().join("Cargo.lock"), engine.join("Cargo.lock"));
        fs::copy(&theirs, &ours).map_err(|error| cannot("copy", &theirs, &error))?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["build", "--release", "--target", HOST, "--manifest-path"])
            .arg(engine.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &output)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", FLAGS.join(" "));
        let status = command.status().map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err(
                "the engine was not built. It needs a C++ compiler (g++ or clang++) on an x86-64 \
                 or arm64 Linux; `--random` hunts without it"
                    .to_owned(),
            );
        }
        Ok(Self { program: output.join(HOST).join("release").join("fuzz-engine") })
    }

    /// Runs a target; returns true if something was found, and prints a summary.
    pub(crate) fn hunt(&self, target: &Target, seconds: u64) -> Result<bool, String> {
        let learnt = folders::cache("corpus")?.join(target.name);
        let found = folders::cache("found")?;
        let kept = folders::corpus(target);
        folders::make(&learnt)?;
        folders::make(&kept)?;
        let words = self.dictionary(target)?;
        let log = folders::cache("logs")?.join(format!("{}.log", target.name));
        let mut engine = self.run(target, &log)?;
        // libFuzzer refuses an empty dictionary.
        if !target.words.is_empty() {
            engine.arg(format!("-dict={}", words.display()));
        }
        let status = engine
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/{}-", found.display(), target.name))
            .args([
                "-print_final_stats=1",
                "-max_len=1024",
                "-len_control=0",
                // The first input of some targets includes the generation of RSA keys, which is
                // slow on a busy machine.
                "-timeout=60",
                "-rss_limit_mb=4096",
            ])
            .args([&learnt, &kept])
            .status()
            .map_err(|error| format!("cannot start the engine: {error}"))?;
        let said = fs::read(&log).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        println!("{}: {}", target.name, summary(&said));
        if !status.success() {
            println!("{}: FOUND, see {}", target.name, log.display());
            let lines = said.lines().filter(|line| {
                line.contains("panicked at") || line.contains("Test unit written to")
            });
            lines.for_each(|line| println!("  {line}"));
            println!("  repeat with: cargo run -p fuzz -- {} --input <that file>", target.name);
        }
        Ok(!status.success())
    }

    /// Replaces the corpus by a minimal set of all inputs with the same coverage.
    pub(crate) fn keep(&self, target: &Target) -> Result<(), String> {
        let learnt = folders::cache("corpus")?.join(target.name);
        let least = folders::cache("least")?.join(target.name);
        let kept = folders::corpus(target);
        let log = folders::cache("logs")?.join(format!("{}-keep.log", target.name));
        fs::remove_dir_all(&least).ok();
        folders::make(&least)?;
        let status = self
            .run(target, &log)?
            .args(["-set_cover_merge=1", "-max_len=512"])
            .args([&least, &kept, &learnt])
            .status()
            .map_err(|error| format!("cannot start the engine: {error}"))?;
        let mut files = folders::files(&least);
        if !status.success() || files.is_empty() {
            return Err(format!("the corpus was not merged; see {}", log.display()));
        }
        // Small inputs are preferred.
        files.sort_by_key(|file| fs::metadata(file).map_or(u64::MAX, |data| data.len()));
        for file in folders::files(&kept) {
            fs::remove_file(&file).map_err(|error| cannot("remove", &file, &error))?;
        }
        for file in files.iter().take(MAX_CORPUS_INPUTS) {
            let to = kept.join(file.file_name().unwrap_or_default());
            fs::copy(file, &to).map_err(|error| cannot("write", &to, &error))?;
        }
        println!("{}: keeps {} inputs", target.name, files.len().min(MAX_CORPUS_INPUTS));
        Ok(())
    }

    fn run(&self, target: &Target, log: &Path) -> Result<Command, String> {
        let file = fs::File::create(log).map_err(|error| cannot("write", log, &error))?;
        let mut command = Command::new(&self.program);
        command.env("FUZZ_TARGET", target.name).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(file);
        Ok(command)
    }

    /// Writes the target's words as a dictionary for libFuzzer.
    fn dictionary(&self, target: &Target) -> Result<PathBuf, String> {
        let file = folders::cache("words")?.join(target.name);
        let quoted = |word: &&str| {
            let bytes: String = word.bytes().map(|byte| format!("\\x{byte:02X}")).collect();
            format!("\"{bytes}\"\n")
        };
        let text: String = target.words.iter().map(quoted).collect();
        fs::write(&file, text).map_err(|error| cannot("write", &file, &error))?;
        Ok(file)
    }
}

/// Returns a summary of libFuzzer's output.
fn summary(said: &str) -> String {
    let number = |name: &str| {
        let line = said.lines().rev().find_map(|line| line.strip_prefix(name));
        line.unwrap_or(" ?").trim().to_owned()
    };
    let last = said.lines().rev().find(|line| line.contains(" cov: ")).unwrap_or_default();
    let after = |name: &str| {
        let rest = last.split_once(name).map_or("?", |(_, rest)| rest);
        rest.split_whitespace().next().unwrap_or("?").to_owned()
    };
    format!(
        "{} executions, {} a second, {} places covered, {} features, {} inputs in the corpus",
        number("stat::number_of_executed_units:"),
        number("stat::average_exec_per_sec:"),
        after(" cov: "),
        after(" ft: "),
        after(" corp: "),
    )
}

fn cannot(what: &str, file: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} {}: {error}", file.display())
}

/// With an explicit target, the flags do not apply to build scripts.
const HOST: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};
/// The flags of `cargo-fuzz`, without a sanitizer: the project has no `unsafe` code.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];
/// Limit of a target's inputs in the repository.
const MAX_CORPUS_INPUTS: usize = 120;
