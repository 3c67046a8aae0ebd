//! A process that stops and starts again with the same file.

use contract::{PaymentStatus, Session, SessionStatus};
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Bench, Shop, code, payment_id, start_body, status};

/// Stops the shop and starts it again on the same file, at another address.
async fn restart(bench: &mut Bench) {
    bench.shop.stop().await;
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, "", database, clock).await;
}

#[tokio::test]
async fn a_payment_made_while_stopped_is_found() {
    let mut bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.stop().await;
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(5_000);
    restart(&mut bench).await;
    let done = bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    assert_eq!(payment_id(&done), payment_id(&started));
}

#[tokio::test]
async fn idempotency_keys_and_codes_survive_a_restart() {
    let mut bench = Bench::new().await;
    let session = bench.shop.open().await;
    let answer = bench.shop.try_start(&session, "k", start_body("wechat_pay")).await;
    let started: Session = answer.json();
    restart(&mut bench).await;
    let again: Session = bench.shop.try_start(&session, "k", start_body("wechat_pay")).await.json();
    assert_eq!((payment_id(&again), code(&again)), (payment_id(&started), code(&started)));
    assert_eq!(again.revision, started.revision);
    // The order is repeated unchanged, though the shop's own address has changed.
    let refreshed = bench.shop.on_payment(&session, &payment_id(&started), "refresh").await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    assert_eq!(bench.orders().await.len(), 1);
}

#[tokio::test]
async fn a_session_that_ends_while_stopped_expires() {
    let mut bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.stop().await;
    bench.shop.clock.advance(120_000);
    restart(&mut bench).await;
    let expired = bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    assert_eq!(status(&expired), PaymentStatus::Expired);
    assert_eq!(bench.orders().await[0]["state"], "CLOSED");
}
