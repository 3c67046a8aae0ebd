//! Runs targets with seeded mutations of the corpus, on stable Rust alone.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fuzz::{Random, Target};

use crate::folders;

/// Returns true if something was found, and prints the file with the input.
pub(crate) fn hunt(target: &Target, seed: u64, seconds: u64) -> Result<bool, String> {
    let files = folders::files(&folders::corpus(target));
    let corpus: Vec<Vec<u8>> = files.iter().flat_map(fs::read).collect();
    let mut random = Random::new(seed);
    let begin = Instant::now();
    let mut executions = 0_u64;
    while begin.elapsed() < Duration::from_secs(seconds) {
        let input = random.input(&corpus, target.words);
        executions += 1;
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            let file =
                folders::cache("found")?.join(format!("{}-{seed}-{executions}", target.name));
            fs::write(&file, &input)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
            println!(
                "{}: FOUND by input {executions} of seed {seed}: {}",
                target.name,
                file.display()
            );
            return Ok(true);
        }
    }
    println!("{}: {executions} executions of seed {seed}, nothing found", target.name);
    Ok(false)
}
