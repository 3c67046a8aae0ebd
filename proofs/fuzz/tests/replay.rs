//! The short run: every input of the corpus, and seeded mutations of them, on stable Rust alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use fuzz::{Random, TARGETS, Target};

const SEED: u64 = 2026;

fn corpus_folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(corpus_folder(target)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Runs one input; after a failure, writes it to a file and prints the command that repeats it.
fn try_one(target: &Target, input: &[u8], what: &str) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) else { return };
    let file = std::env::temp_dir().join(format!("fuzz-{}-{}", target.name, std::process::id()));
    fs::write(&file, input).unwrap();
    eprintln!("{}, {what}: {}", target.name, input.escape_ascii());
    eprintln!("repeat: cargo run -p fuzz -- {} --input {}", target.name, file.display());
    resume_unwind(panic);
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "no kept inputs in {}", corpus_folder(target).display());
    for (number, input) in corpus.iter().enumerate() {
        try_one(target, input, &format!("kept input {number}"));
    }
    try_one(target, &[], "nothing");
    let mut random = Random::new(SEED);
    for number in 0..target.tries {
        let input = random.input(&corpus, target.words);
        try_one(target, &input, &format!("seed {SEED}, input {number}"));
    }
}

macro_rules! short_runs {
    ($($name:ident)+) => {
        $(#[test] fn $name() { replay(stringify!($name)); })+

        #[test]
        fn every_target_is_run() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
        }
    };
}

short_runs! {
    money timestamp client_secret address sse contract_json machine rules wechat_pay alipay bills archives
    answers
}
