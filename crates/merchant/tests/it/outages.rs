//! Gateways that fail: unknown is not failed.

use contract::{PaymentStatus, RefundStatus, Session, SessionStatus};
use serde_json::json;

use crate::bench::{Bench, code, payment_id, start_body, status};

#[tokio::test]
async fn a_start_during_an_outage_continues_with_the_same_key() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let session = bench.shop.open().await;
        bench.faults(json!({ "down": true })).await;
        let refused = bench.shop.try_start(&session, "k", start_body(method)).await;
        let problem = refused.problem(503, "gateway_unavailable");
        assert!(problem.retryable);
        let between = bench.shop.session(&session).await;
        assert_eq!(status(&between), PaymentStatus::Processing, "not failed: nobody knows");

        bench.faults(json!({ "down": false })).await;
        let answer = bench.shop.try_start(&session, "k", start_body(method)).await;
        let started: Session = answer.json();
        assert_eq!(payment_id(&started), payment_id(&between));
        bench.approve(&code(&started)).await;
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
}

#[tokio::test]
async fn an_accepted_order_without_an_answer_is_not_made_twice() {
    for (method, fault) in [
        ("wechat_pay", json!({ "wechat_next_status": 500 })),
        ("alipay", json!({ "alipay_next_unknown": true })),
    ] {
        let bench = Bench::new().await;
        bench.faults(fault).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        assert_eq!(bench.orders().await.len(), 1);
        bench.approve(&code(&started)).await;
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
}

#[tokio::test]
async fn a_payment_without_a_code_does_not_block_the_other_wallet() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    bench.faults(json!({ "down": true })).await;
    bench
        .shop
        .try_start(&session, "a", start_body("wechat_pay"))
        .await
        .problem(503, "gateway_unavailable");
    bench.faults(json!({ "down": false })).await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn a_payment_that_cannot_be_closed_stays_open() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.faults(json!({ "down": true })).await;
    let refused = bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
    assert!(refused.problem(409, "payment_still_open").retryable);
    bench
        .shop
        .try_start(&session, "b", start_body("alipay"))
        .await
        .problem(409, "payment_still_open");
    let checked = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
    checked.problem(503, "gateway_unavailable");
    let same = bench.shop.session(&session).await;
    assert_eq!(
        (payment_id(&same), status(&same)),
        (payment_id(&started), PaymentStatus::RequiresAction)
    );

    bench.faults(json!({ "down": false })).await;
    let second: Session = bench.shop.try_start(&session, "b", start_body("alipay")).await.json();
    assert_ne!(payment_id(&second), payment_id(&started));
}

#[tokio::test]
async fn a_session_waits_for_a_gateway_before_it_expires() {
    let bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.faults(json!({ "drop_notifications": true })).await;
    bench.approve(&code(&started)).await;
    bench.faults(json!({ "down": true })).await;
    bench.shop.clock.advance(61_000);
    let waiting = bench
        .shop
        .wait_for(&session, |document| status(document) == PaymentStatus::Processing)
        .await;
    assert_eq!(waiting.status, SessionStatus::Open, "paid or not: nobody knows yet");
    bench.faults(json!({ "down": false })).await;
    bench.shop.clock.advance(10_000);
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn a_session_expires_without_its_gateway_after_the_grace() {
    let bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.faults(json!({ "down": true, "drop_notifications": true })).await;
    bench.shop.clock.advance(60_000 + 11 * 60_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    bench.faults(json!({ "down": false })).await;
    // The sandbox's clock did not advance: its order can still be paid. The worker finds it.
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(30_000);
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Pending)).await;
    bench.shop.wait_for_attempts(1).await;
    bench.shop.clock.advance(10_000);
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
}

#[tokio::test]
async fn d12_probes_in_answers_do_no_harm() {
    let bench = Bench::new().await;
    bench.faults(json!({ "signtest_response": true })).await;
    let session = bench.shop.open().await;
    let refused = bench.shop.try_start(&session, "k", start_body("wechat_pay")).await;
    refused.problem(503, "gateway_unavailable");
    bench.faults(json!({ "signtest_response": false })).await;
    let started: Session =
        bench.shop.try_start(&session, "k", start_body("wechat_pay")).await.json();
    assert_eq!(bench.orders().await.len(), 1);
    assert!(!code(&started).is_empty());
}
