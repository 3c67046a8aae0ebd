//! A short run of everything, and of what a seed repeats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::process::Command;

use payments::Product;

fn chaos(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chaos")).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn all_books_agree_over_three_instances() {
    let size = ["--seed", "1", "--checkouts", "120", "--at-once", "40", "--speed", "16"];
    let store = ["--database", "postgres", "--instances", "3"];
    let (is_success, text) = chaos(&[&size[..], &store].concat());
    assert!(is_success && text.contains("differences: 0"), "{text}");
    // Two sets of ten sessions wait at each of three instances.
    assert!(text.contains("pushes across instances: 60 told"), "{text}");
    let crashes = text.lines().find_map(|line| line.strip_prefix("crashes under load: ")).unwrap();
    let numbers: Vec<u32> = crashes.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers.len(), 3, "kills, restarts, cuts: {crashes}");
    assert!(!numbers.contains(&0), "each kind must have happened: {crashes}");
}

#[test]
fn all_books_agree() {
    // Few at once, so that on a busy machine enough of them get as far as each kind of fault.
    let (is_success, text) =
        chaos(&["--seed", "1", "--checkouts", "120", "--at-once", "40", "--speed", "16"]);
    assert!(is_success, "{text}");
    assert!(text.contains("differences: 0"), "{text}");
    let flows = flows(&text);
    assert_eq!(flows.len(), Product::ALL.len(), "{text}");
    for (product, [started, ordered, captured]) in &flows {
        let is_all = *started > 0 && *ordered > 0 && *captured > 0;
        assert!(is_all, "nobody has paid by {product:?}:\n{text}");
    }
    // Each of these connections must have had a fault.
    let returns = ["return lost", "return repeated", "return at once twice", "return late"];
    let words = ["bridge's word late", "bridge's word lost", "bridge says what is not so"];
    for faults in [&returns[..], &words, &["back before it is paid"]] {
        assert!(faults.iter().any(|fault| text.contains(fault)), "none of {faults:?}:\n{text}");
    }
    // The merchant's side: its receiver of webhooks, its staff, and a second session of an order.
    for happened in [
        "receiver hangs",
        "receiver fails ",
        "receiver refuses",
        "console refunds made",
        "second sessions that were the first one",
        "second sessions beside or after",
        "second sessions refused",
    ] {
        assert!(text.contains(happened), "no {happened:?}:\n{text}");
    }
    assert!(!text.contains("refunds made elsewhere: 0"), "{text}");
}

/// Returns the report's counts for each product: checkouts started, ordered, captured.
fn flows(text: &str) -> Vec<(Product, [u64; 3])> {
    let line = text.lines().find_map(|line| line.strip_prefix("checkouts by flow: ")).unwrap();
    let entries = line.split("), ").map(|entry| {
        let mut words = entry.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        let product = Product::parse(words.next().unwrap()).unwrap();
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        (product, numbers.try_into().unwrap())
    });
    entries.collect()
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
fn unknown_or_incomplete_options_are_reported() {
    let one_file = ["--instances", "3", "--database", "sqlite"];
    for arguments in [&["--seed"][..], &["--seed", "x"], &["--shoppers", "3"], &one_file] {
        let (is_success, text) = chaos(arguments);
        assert!(!is_success && !text.is_empty(), "{text}");
    }
}
