//! What several instances share: jobs on both databases, leases of sessions and the list of
//! instances on PostgreSQL.

use merchant_test_support::cluster;

use super::rows::{START, database, lease, session};
use crate::clock::Clock;
use crate::config::Database;
use crate::db::instances::{self, InstanceRow};
use crate::db::jobs::{self, Job};
use crate::db::postgres::address::Address;
use crate::db::session_leases::{self, SessionLease};
use crate::db::{Db, DbError, sessions};
use crate::instance::follow_server;

fn bill(day: &str) -> Job {
    Job { name: "bill alipay".to_owned(), day: day.to_owned() }
}

#[test]
fn a_job_of_a_day_is_done_once_and_taken_over_after_its_lease() {
    let connection = database();
    let take = |owner: &str, at| jobs::take(&connection, &bill("2026-11-28"), owner, lease(at));
    assert!(take("in_1", START).unwrap());
    assert!(!take("in_2", START).unwrap());
    assert!(!take("in_1", START).unwrap(), "not even by itself: it may be at work");
    let later = lease(START).until;
    assert!(!take("in_2", later.plus_ms(-1)).unwrap());
    assert!(take("in_2", later).unwrap());
    jobs::finish(&connection, &bill("2026-11-28"), later).unwrap();
    assert!(!take("in_1", later.plus_ms(86_400_000)).unwrap());
    assert!(jobs::take(&connection, &bill("2026-11-29"), "in_1", lease(START)).unwrap());
    jobs::resume(&connection, START).unwrap();
    assert!(jobs::take(&connection, &bill("2026-11-29"), "in_2", lease(START)).unwrap());
    jobs::forget_before(&connection, START.plus_ms(86_400_000)).unwrap();
    assert!(take("in_1", START).unwrap(), "it is forgotten");
}

#[test]
fn a_change_is_read_from_its_notification() {
    assert_eq!(sessions::read_change("cs_1 7"), Some(("cs_1", 7)));
    for other in ["", "cs_1", "cs_1 x", "cs_1 -1"] {
        assert_eq!(sessions::read_change(other), None, "{other}");
    }
    let connection = database();
    let ids = ["cs_1", "cs_9"].map(str::to_owned);
    assert_eq!(sessions::revisions(&connection, &ids).unwrap(), [("cs_1".to_owned(), 1)]);
    assert_eq!(sessions::revisions(&connection, &[]).unwrap(), []);
}

/// Opens a new database of PostgreSQL, as an instance does.
async fn open() -> (Db, Database) {
    let address = Address::parse(&cluster::shared().schema(), None).unwrap();
    let database = Database::Postgres { address, connections: 4 };
    (Db::serve(&database).await.unwrap().0, database)
}

#[tokio::test]
async fn a_session_is_leased_to_one_instance_until_its_lease_runs_out() {
    let (db, _) = open().await;
    let wanted = |owner: &str, claim| SessionLease {
        session_id: "cs_1".to_owned(),
        owner: owner.to_owned(),
        claim,
    };
    let take = async |wanted: &SessionLease, now| {
        let wanted = wanted.clone();
        db.single(move |one| session_leases::take(one, &wanted, lease(now))).await.unwrap()
    };
    let release = async |held: &SessionLease| {
        let held = held.clone();
        db.single(move |one| session_leases::release(one, &held)).await.unwrap();
    };
    let extend = async |held: &SessionLease, until| {
        let held = held.clone();
        db.single(move |one| session_leases::extend(one, &held, until)).await.unwrap()
    };
    let (first, second) = (wanted("in_1", 1), wanted("in_2", 1));
    assert!(take(&first, START).await);
    assert!(!take(&second, START).await);
    assert!(take(&wanted("in_1", 2), START).await, "the same instance has locked it");
    release(&first).await;
    assert!(!take(&second, START).await, "a late release ends no later lease");
    release(&wanted("in_1", 2)).await;
    assert!(take(&second, START).await);
    let late = lease(START).until;
    assert!(extend(&second, late.plus_ms(1)).await);
    assert!(!take(&first, late).await);
    assert!(take(&first, late.plus_ms(1)).await, "it has run out");
    assert!(!extend(&second, late.plus_ms(9_999)).await, "it is lost");
    release(&second).await;
    assert!(!take(&second, START).await);
    let until = START.plus_ms(5);
    db.single(move |one| session_leases::pull_in(one, until)).await.unwrap();
    assert!(take(&second, until).await, "the clock was set back");
    db.single(|one| session_leases::release_all(one, "in_2")).await.unwrap();
    assert!(take(&first, START).await);
    db.single(move |one| session_leases::forget_before(one, START.plus_ms(999_999))).await.unwrap();
    assert!(take(&second, START).await);
}

#[tokio::test]
async fn instances_see_those_that_are_alive_and_what_waits_there() {
    let (db, _) = open().await;
    let row = |id: &str| InstanceRow {
        id: id.to_owned(),
        started_at: START,
        version: "1.0.0".to_owned(),
        schema: 11,
        fingerprint: "{}".to_owned(),
    };
    let waiting = db.write(move |tx| {
        for id in ["in_1", "in_2", "in_3"] {
            instances::insert(tx, &row(id), START)?;
        }
        let (alive_since, later) = (START.plus_ms(-1), START.plus_ms(60_000));
        assert!(instances::beat(tx, "in_2", alive_since, later, 40)?);
        assert!(instances::beat(tx, "in_1", alive_since, later, 2)?);
        assert!(!instances::beat(tx, "in_3", START, later, 1)?, "it was silent for too long");
        assert!(!instances::beat(tx, "in_9", alive_since, START, 1)?);
        assert_eq!(instances::others(tx, "in_1", START)?, [row("in_2")], "in_3 is silent");
        let waiting = instances::waiting_elsewhere(tx, "in_1", START)?;
        instances::delete(tx, "in_2")?;
        instances::forget_before(tx, START.plus_ms(1))?;
        assert_eq!(instances::others(tx, "in_0", START.plus_ms(-1))?, [row("in_1")]);
        Ok(waiting)
    });
    assert_eq!(waiting.await.unwrap(), 40);
}

#[tokio::test]
async fn a_clock_follows_the_servers() {
    let (db, _) = open().await;
    let right = Clock::default();
    let wrong = right.of_another_machine(600_000);
    assert!(right.now().since_ms(wrong.now()) > 599_000);
    follow_server(&db, &wrong).await.unwrap();
    let behind_ms = right.now().since_ms(wrong.now());
    // The server is on this machine.
    assert!(behind_ms.abs() < 5_000, "{behind_ms}");
    let before = wrong.now();
    wrong.set_back(7_200_000);
    assert!(wrong.now() >= before);
    wrong.advance(60_000);
    assert!(wrong.now().since_ms(before) >= 60_000);
}

#[tokio::test]
async fn a_change_is_notified_with_its_commit() {
    let (db, database) = open().await;
    let (other, _) = Db::serve(&database).await.unwrap();
    // The channel is of the whole database: other tests have other sessions.
    let id = crate::keys::new_id("cs_").unwrap();
    let row = session(&id);
    db.write(move |tx| sessions::insert(tx, &row)).await.unwrap();
    let mut listener = other.listen(sessions::CHANNEL).await.unwrap().unwrap();
    let touch = |is_committed: bool| {
        let id = id.clone();
        db.write(move |tx| {
            sessions::touch(tx, &id, None)?;
            if is_committed { Ok(()) } else { Err(DbError::Missing("commit")) }
        })
    };
    touch(false).await.unwrap_err();
    touch(true).await.unwrap();
    touch(true).await.unwrap();
    let mut changes = Vec::new();
    while changes.len() < 2 {
        let payload = listener.next().await.unwrap();
        changes.extend(sessions::read_change(&payload).filter(|(of, _)| *of == id).map(|(_, n)| n));
    }
    assert_eq!(changes, [2, 3]);
}
