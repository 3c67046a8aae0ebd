//! Faults of PostgreSQL while shoppers pay. Each test has a cluster of its own, whichever database
//! the other tests use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contract::{Session, SessionStatus};
use http::Method;
use merchant::Clock;
use sandbox::{DesktopFlow, Options, Sandbox};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::bench::{Answer, Bench, Opened, Shop, call, code, keys, start_body, unique};
use crate::cluster::Cluster;
use crate::stored::Database;

async fn bench(cluster: &Cluster) -> Bench {
    let options = Options { keys: Some(keys()), notify_speed: 1_000, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let database = Database::Postgres(cluster.database());
    let shop = Shop::start(&sandbox, DesktopFlow::Precreate, "", database, Clock::default()).await;
    Bench { sandbox, shop }
}

#[tokio::test]
async fn a_payment_goes_on_after_the_server_was_away() {
    let cluster = Cluster::start();
    let bench = bench(&cluster).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    cluster.stop();
    let answer = bench.shop.browser(Method::GET, &session, "").await;
    let problem = answer.problem(503, "request_timed_out");
    assert!(problem.retryable, "{problem:?}");
    assert_eq!(answer.header("retry-after"), "2");
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!(ready.json::<Value>(), json!({ "status": "cannot_write" }));
    // The gateway sends its notification again until it is acknowledged.
    assert_eq!(bench.approve(&code(&started)).await.status, 200);
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.start_again();
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    bench.shop.clock.advance(1_000);
    let ready = call(Method::GET, &format!("{}/readyz", bench.shop.base), &[], "").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    let kept = "SELECT count(*) FROM payments WHERE status = 'succeeded'";
    assert_eq!(bench.shop.stored::<u32>(kept), 1);
}

/// Repeats a call while the database is away, as a browser does.
async fn until_done(call: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..500 {
        let answer = call().await;
        if answer.status != 503 && answer.status != 409 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the database never came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_lose_and_double_nothing() {
    let cluster = Cluster::start();
    let bench = Arc::new(bench(&cluster).await);
    let has_ended = Arc::new(AtomicBool::new(false));
    let cutter = {
        let (has_ended, database) = (Arc::clone(&has_ended), bench.shop.database.clone());
        std::thread::spawn(move || {
            let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let mut connections = 0;
            // Not for good: on a busy machine nothing would get through between two cuts.
            for _ in 0..CUTS {
                if has_ended.load(Ordering::Relaxed) {
                    break;
                }
                connections += database.one::<u32>(cut);
                std::thread::sleep(Duration::from_millis(100));
            }
            connections
        })
    };
    let shoppers = LocalSet::new();
    for number in 0..12 {
        let bench = Arc::clone(&bench);
        shoppers.spawn_local(async move {
            let method = if number % 2 == 0 { "alipay" } else { "wechat_pay" };
            pay(&bench, method).await;
        });
    }
    shoppers.await;
    has_ended.store(true, Ordering::Relaxed);
    let cut = tokio::task::spawn_blocking(|| cutter.join().unwrap()).await.unwrap();
    assert!(cut > 5, "only {cut} connections were cut");
    let count = |sql: &str| bench.shop.stored::<u32>(sql);
    assert_eq!(count("SELECT count(*) FROM payments WHERE status = 'succeeded'"), 12);
    assert_eq!(count("SELECT count(*) FROM sessions WHERE status = 'complete'"), 12);
    assert_eq!(count("SELECT count(*) FROM refunds"), 0);
    assert_eq!(bench.orders().await.len(), 12, "no order was made twice");
}

const CUTS: u32 = 40;

async fn pay(bench: &Bench, method: &str) {
    let (key, shop) = (unique("cut"), &bench.shop);
    let opened = until_done(async || shop.create(&key, json!({})).await).await;
    assert!([200, 201].contains(&opened.status.as_u16()), "{}", opened.text());
    let created: contract::SessionCreated = opened.json();
    let session = Opened {
        id: created.session.id,
        secret: created.client_secret.unwrap(),
        hosted_url: created.session.hosted_url,
    };
    let start = async || shop.try_start(&session, &key, start_body(method)).await;
    let started = until_done(start).await;
    assert_eq!(started.status, 200, "{}", started.text());
    let started: Session = started.json();
    assert_eq!(bench.approve(&code(&started)).await.status, 200);
    for _ in 0..500 {
        let read = until_done(async || shop.browser(Method::GET, &session, "").await).await;
        assert_eq!(read.status, 200, "{}", read.text());
        if read.json::<Session>().status == SessionStatus::Complete {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never complete: {}", session.id);
}
