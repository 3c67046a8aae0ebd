//! Canceling, expiring, and payments afterwards.

use contract::{PaymentStatus, RefundStatus, Session, SessionCreated, SessionStatus};
use http::Method;
use serde_json::json;

use crate::bench::{Bench, code, payment_id, start_body, status};

#[tokio::test]
async fn canceling_ends_the_payment_and_not_the_session() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        // Now Alipay has the trade, too.
        assert_eq!(bench.scan(&code(&started)).await.status, 200);
        let answer = bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let canceled: Session = answer.json();
        assert_eq!(
            (canceled.status, status(&canceled)),
            (SessionStatus::Open, PaymentStatus::Canceled)
        );
        assert_eq!(bench.approve(&code(&started)).await.status, 409, "closed at the gateway");
        let again = bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
        assert_eq!(again.json::<Session>().revision, canceled.revision);
        bench
            .shop
            .on_payment(&session, &payment_id(&started), "refresh")
            .await
            .problem(409, "payment_closed");
        let next = bench.shop.start_payment(&session, method).await;
        assert_ne!(payment_id(&next), payment_id(&started));
    }
}

#[tokio::test]
async fn d38_canceling_a_paid_payment_completes_the_session() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    for method in ["wechat_pay", "alipay"] {
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        let answer = bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
        let done: Session = answer.json();
        assert_eq!(
            (done.status, status(&done)),
            (SessionStatus::Complete, PaymentStatus::Succeeded)
        );
    }
}

#[tokio::test]
async fn a_session_expires_at_its_time() {
    let bench = Bench::new().await;
    let idle = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.clock.advance(60_000);
    let expired = bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    assert_eq!(status(&expired), PaymentStatus::Expired);
    assert!(expired.payment.unwrap().next_action.is_none());
    assert_eq!(bench.orders().await[0]["state"], "CLOSED");
    bench.shop.wait_for_status(&idle, SessionStatus::Expired).await;
    bench.shop.try_start(&idle, "k", start_body("alipay")).await.problem(409, "session_closed");
    let payment = payment_id(&started);
    bench.shop.on_payment(&session, &payment, "refresh").await.problem(409, "session_closed");
}

#[tokio::test]
async fn d03_a_payment_made_before_expiry_counts_without_a_notification() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    for method in ["wechat_pay", "alipay"] {
        let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        bench.shop.clock.advance(61_000);
        let done =
            bench.shop.wait_for(&session, |document| document.status != SessionStatus::Open).await;
        assert_eq!(done.status, SessionStatus::Complete, "{method}");
    }
}

#[tokio::test]
async fn d02_a_payment_made_after_expiry_is_refunded() {
    for is_told in [true, false] {
        let bench = Bench::new().await;
        bench.faults(json!({ "drop_notifications": !is_told })).await;
        let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
        let started = bench.shop.start_payment(&session, "alipay").await;
        bench.shop.clock.advance(61_000);
        bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
        // Nobody had scanned the code, so Alipay could not close it.
        assert_eq!(bench.approve(&code(&started)).await.status, 200);
        if !is_told {
            bench.shop.clock.advance(31_000);
        }
        let still =
            bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
        assert_eq!(
            (still.status, status(&still)),
            (SessionStatus::Expired, PaymentStatus::Expired)
        );
    }
}

#[tokio::test]
async fn d03_a_check_after_expiry_finds_the_capture() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.shop.clock.advance(61_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    bench.approve(&code(&started)).await;
    let answer = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
    assert_eq!(answer.json::<Session>().status, SessionStatus::Expired);
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    let order = bench.orders().await.swap_remove(0);
    assert_eq!((&order["captured"], &order["refunded"]), (&json!(12_800), &json!(12_800)));
}

#[tokio::test]
async fn the_merchant_expires_a_session() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    bench.shop.start_payment(&session, "wechat_pay").await;
    let path = format!("/v1/checkout/sessions/{}/expire", session.id);
    let answer = bench.shop.merchant(Method::POST, &path, "-", "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let ended: SessionCreated = answer.json();
    assert_eq!(ended.session.status, SessionStatus::Expired);
    assert!(ended.session.expires_at <= ended.session.server_time);
    assert_eq!(bench.orders().await[0]["state"], "CLOSED");
    let again: SessionCreated = bench.shop.merchant(Method::POST, &path, "-", "").await.json();
    assert_eq!(again.session.revision, ended.session.revision);
}
