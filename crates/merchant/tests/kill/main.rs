//! `kill -9` at any instruction loses nothing that was acknowledged.
//!
//! The real program runs on a real file, under load, and is killed at random and started again,
//! many times; then its books are compared with the sandbox's, to the fen. On PostgreSQL
//! (`OPENCASHIER_TEST_DATABASE`) three of it run behind a round robin, and one is killed at a time,
//! at times all. `OPENCASHIER_KILLS` is
//! the number of kills (default 15), `OPENCASHIER_KILL_SEED` the seed of the random numbers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod books;
mod call;
mod dice;
mod process;
mod receiver;
mod shopper;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dice::Dice;
use process::Instances;
use receiver::Receiver;
use sandbox::{Options, Sandbox};
use serde_json::json;
use shopper::{Record, World};

const SHOPPERS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let kills = number("OPENCASHIER_KILLS", 15);
    let seed = number("OPENCASHIER_KILL_SEED", u64::from(std::process::id()));
    let start = Instant::now();
    let sandbox =
        Sandbox::start(Options { notify_speed: 1_000, ..Options::default() }).await.unwrap();
    let gateway = sandbox.base_url();
    let chaos = json!({
        "seed": seed,
        "per_mille": {
            "order": { "drop_after": 30, "error_after": 20, "drop_before": 20 },
            "close": { "drop_after": 30, "error_after": 20 },
            "query": { "drop_before": 20 },
            "refund": { "drop_after": 40, "error_after": 20 },
            "notify": { "lost": 60, "repeated": 60, "concurrent": 60 },
            "refund_notify": { "lost": 60, "repeated": 60 }
        }
    });
    let set = call::post(&format!("{gateway}/sandbox/chaos"), &[], &chaos).await.unwrap();
    assert_eq!(set.status, 200, "{}", set.text());
    let receiver = Receiver::start().await;
    let mut instances = Instances::new(&sandbox, &receiver.url).await;
    instances.start().await;

    let world = Arc::new(World {
        base: instances.base.clone(),
        gateway,
        has_ended: AtomicBool::new(false),
    });
    let shoppers: Vec<_> = (0..SHOPPERS)
        .map(|number| {
            tokio::spawn(shopper::shop(Arc::clone(&world), Dice::new(seed ^ (number + 1))))
        })
        .collect();
    let mut dice = Dice::new(seed);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(100 + dice.below(700))).await;
        let killed = dice.below(instances.processes.len() as u64);
        let is_all = dice.below(5) == 0;
        for (number, process) in (0..).zip(&mut instances.processes) {
            if is_all || number == killed {
                process.kill();
            }
        }
        tokio::time::sleep(Duration::from_millis(dice.below(100))).await;
        for (number, process) in (0..).zip(&mut instances.processes) {
            if !is_all && number != killed {
                continue;
            }
            if dice.below(4) == 0 {
                // Killed during its start, too.
                process.spawn();
                tokio::time::sleep(Duration::from_millis(dice.below(60))).await;
                process.kill();
            }
            process.start().await;
        }
    }
    world.has_ended.store(true, Ordering::Relaxed);
    let mut records: Vec<Record> = Vec::new();
    for shopper in shoppers {
        records.extend(shopper.await.unwrap());
    }
    // A start queries every payment whose notification may have been lost.
    instances.kill();
    instances.start().await;
    shopper::settle(&world, &records, &instances.database).await;
    // Killed once more, so that the comparison reads what a crash leaves behind.
    instances.kill();

    let orders = call::get(&format!("{}/sandbox/orders", world.gateway), &[]).await.unwrap();
    let books = books::Books::read(&instances.database, &orders.json());
    let figures = books.compare(&records, &receiver.taken());
    let log = instances.log();
    for failure in ["panicked", "ended unexpectedly"] {
        assert!(!log.contains(failure), "{failure}: {}", instances.folder());
    }
    let mut out = std::io::stdout();
    writeln!(out, "killed {kills} times (seed {seed}), {} s: {figures}", start.elapsed().as_secs())
        .unwrap();
    instances.clean_up();
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect(name))
}
