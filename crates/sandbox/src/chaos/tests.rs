//! Draws repeat, do not depend on other orders, and have the configured rates.

use std::collections::BTreeMap;

use super::{Chaos, Fault, Key, Kind, Settings};

fn settings(seed: u64) -> Settings {
    let rates = BTreeMap::from([(Fault::DropAfter, 100), (Fault::Late, 200)]);
    let per_mille = BTreeMap::from([(Kind::Query, rates.clone()), (Kind::Close, rates)]);
    Settings { seed, per_mille, ..Settings::default() }
}

fn run(chaos: &mut Chaos, number: &str) -> Vec<Option<Fault>> {
    (0..50).map(|_| chaos.decide(Kind::Query, number)).collect()
}

#[test]
fn other_orders_and_kinds_change_no_draw() {
    let (mut alone, mut busy) = (Chaos::new(settings(7)), Chaos::new(settings(7)));
    let expected = run(&mut alone, "ORDER_1");
    let mut got = Vec::new();
    for turn in 0..50 {
        busy.decide(Kind::Query, &format!("OTHER_{turn}"));
        busy.decide(Kind::Close, "ORDER_1");
        got.push(busy.decide(Kind::Query, "ORDER_1"));
    }
    assert_eq!(got, expected);
    assert_ne!(run(&mut Chaos::new(settings(8)), "ORDER_1"), expected, "another seed");
    assert_ne!(run(&mut alone, "ORDER_2"), expected, "another order");
}

#[test]
fn faults_come_as_often_as_asked() {
    let mut chaos = Chaos::new(settings(1));
    let drawn: Vec<_> =
        (0..10_000).map(|order| chaos.decide(Kind::Query, &order.to_string())).collect();
    let count = |fault| drawn.iter().filter(|one| **one == fault).count();
    assert!((900..1100).contains(&count(Some(Fault::DropAfter))));
    assert!((1850..2150).contains(&count(Some(Fault::Late))));
    assert_eq!(chaos.decide(Kind::Order, "ORDER_1"), None, "no rates for orders");
    assert_eq!(
        chaos.injected[&Kind::Query][&Fault::Late],
        u64::try_from(count(Some(Fault::Late))).unwrap()
    );
}

#[test]
fn the_next_calls_have_their_faults_for_sure() {
    let next = BTreeMap::from([(Kind::Close, BTreeMap::from([(Fault::Html, 2)]))]);
    let mut chaos = Chaos::new(Settings { next, ..Settings::default() });
    let drawn: Vec<_> = ["A", "B", "C"].map(|number| chaos.decide(Kind::Close, number)).into();
    assert_eq!(drawn, [Some(Fault::Html), Some(Fault::Html), None]);
}

#[test]
fn described_orders_are_drawn_by_their_description() {
    let by_description = || Settings { key: Key::Description, ..settings(3) };
    let (mut one, mut other) = (Chaos::new(by_description()), Chaos::new(by_description()));
    one.describe("RANDOM_1", "shopper 17");
    other.describe("RANDOM_2", "shopper 17");
    assert_eq!(run(&mut one, "RANDOM_1"), run(&mut other, "RANDOM_2"));
}

#[test]
fn impossible_settings_are_refused() {
    let one = |kind, fault, rate| {
        let per_mille = BTreeMap::from([(kind, BTreeMap::from([(fault, rate)]))]);
        Settings { per_mille, ..Settings::default() }.check()
    };
    assert!(one(Kind::Notify, Fault::Lost, 1000).is_ok());
    assert!(one(Kind::Notify, Fault::Lost, 1001).is_err());
    assert!(one(Kind::Query, Fault::Lost, 1).is_err());
    assert!(one(Kind::Notify, Fault::DropBefore, 1).is_err());
    assert!(one(Kind::Order, Fault::NotEnough, 1).is_err());
    assert!(Settings { late_ms: 60_001, ..Settings::default() }.check().is_err());
}
