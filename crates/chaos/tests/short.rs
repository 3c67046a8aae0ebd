//! A short run of the whole thing, and what a seed repeats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::process::Command;

fn chaos(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chaos")).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn all_books_agree() {
    let (is_success, text) = chaos(&["--seed", "1", "--checkouts", "60", "--speed", "20"]);
    assert!(is_success, "{text}");
    assert!(text.contains("differences: 0"), "{text}");
}

#[test]
fn equal_seeds_make_equal_plans() {
    let plan = |seed: &str| {
        let one = ["--seed", seed, "--checkouts", "500", "--only", "7", "--speed", "40"];
        let (is_success, text) = chaos(&one);
        assert!(is_success, "{text}");
        text.lines().next().unwrap().rsplit_once(' ').unwrap().1.to_owned()
    };
    let first = plan("1");
    assert_eq!(first, plan("1"));
    assert_ne!(first, plan("2"));
}

#[test]
fn what_is_not_understood_is_said() {
    for arguments in [&["--seed"][..], &["--seed", "x"], &["--shoppers", "3"]] {
        let (is_success, text) = chaos(arguments);
        assert!(!is_success && !text.is_empty(), "{text}");
    }
}
