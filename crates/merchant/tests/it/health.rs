//! Liveness and readiness.

use http::Method;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, call};

async fn get(bench: &Bench, path: &str) -> Answer {
    call(Method::GET, &format!("{}{path}", bench.shop.base), &[], "").await
}

#[tokio::test]
async fn m7_a_backend_that_cannot_write_runs_and_is_not_ready() {
    let bench = Bench::new().await;
    let ready = get(&bench, "/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    let body: Value = ready.json();
    assert_eq!(body["late"], json!({ "payment_s": 0, "refund_s": 0, "event_s": 0 }));
    // Another process holds a lock, which blocks every write as a full volume does.
    let lock = bench.shop.database.lock("LOCK TABLE heartbeat");
    bench.shop.clock.advance(1_000);
    let ready = get(&bench, "/readyz").await;
    assert_eq!(
        (ready.status.as_u16(), &ready.json::<Value>()["status"]),
        (503, &json!("cannot_write"))
    );
    assert_eq!(get(&bench, "/healthz").await.status, 200);
    drop(lock);
    for _ in 0..10 {
        bench.shop.clock.advance(1_000);
        if get(&bench, "/readyz").await.status == 200 {
            return;
        }
    }
    panic!("not ready although the lock is free");
}

#[tokio::test]
async fn anybody_may_ask_and_there_is_at_most_one_write_a_second() {
    let bench = Bench::new().await;
    assert_eq!(get(&bench, "/readyz").await.status, 200);
    bench.shop.database.execute("UPDATE heartbeat SET at = 7");
    for _ in 0..5 {
        let ready = get(&bench, "/readyz").await;
        let body: Value = ready.json();
        assert_eq!((ready.status.as_u16(), &body["late"]["payment_s"]), (200, &json!(0)));
    }
    let written = || bench.shop.stored::<i64>("SELECT at FROM heartbeat");
    assert_eq!(written(), 7, "the last result is reused");
    bench.shop.clock.advance(1_000);
    assert_eq!(get(&bench, "/readyz").await.status, 200);
    assert_ne!(written(), 7);
}

#[tokio::test]
async fn m7_a_backend_that_drains_is_not_ready_and_still_serves() {
    let mut bench = Bench::with(DesktopFlow::Precreate, "[server]\ndrain_s = 2\n").await;
    let session = bench.shop.open().await;
    bench.shop.ask_to_stop();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let ready = get(&bench, "/readyz").await;
    assert_eq!(
        (ready.status.as_u16(), &ready.json::<Value>()["status"]),
        (503, &json!("draining"))
    );
    assert_eq!(get(&bench, "/healthz").await.status, 200);
    bench.shop.session(&session).await;
    bench.shop.stop().await;
}
