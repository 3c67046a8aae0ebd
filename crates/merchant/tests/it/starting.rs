//! Idempotency, and one active payment per session.

use contract::{
    PaymentMethod, PaymentStatus, RefundStatus, Session, SessionCreated, SessionStatus,
};
use http::Method;
use serde_json::json;

use crate::bench::{Bench, code, payment_id, start_body, status, unique};

#[tokio::test]
async fn a_repeated_request_makes_one_payment() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let first: Session = bench.shop.try_start(&session, "k", start_body("alipay")).await.json();
    let again: Session = bench.shop.try_start(&session, "k", start_body("alipay")).await.json();
    assert_eq!(payment_id(&again), payment_id(&first));
    assert_eq!(again.revision, first.revision);
    assert_eq!(code(&again), code(&first));
    bench
        .shop
        .try_start(&session, "k", start_body("wechat_pay"))
        .await
        .problem(409, "idempotency_key_reused");
    assert_eq!(bench.orders().await.len(), 1);

    // A used key still refers to its own payment after that has ended.
    bench.shop.on_payment(&session, &payment_id(&first), "cancel").await;
    let after: Session = bench.shop.try_start(&session, "k", start_body("alipay")).await.json();
    assert_eq!(status(&after), PaymentStatus::Canceled);
    let elsewhere = bench.shop.open().await;
    let other: Session = bench.shop.try_start(&elsewhere, "k", start_body("alipay")).await.json();
    assert_ne!(payment_id(&other), payment_id(&first), "keys are the session's own");
}

#[tokio::test]
async fn concurrent_requests_make_one_payment() {
    let bench = Bench::new().await;
    bench.faults(json!({ "slow_ms": 100 })).await;
    let session = bench.shop.open().await;
    let same_key = |_| bench.shop.try_start(&session, "k", start_body("wechat_pay"));
    let (one, two, three, four) = tokio::join!(
        same_key(1),
        same_key(2),
        same_key(3),
        bench.shop.try_start(&session, "another", start_body("wechat_pay")),
    );
    let ids: Vec<String> = [one, two, three, four]
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text());
            payment_id(&answer.json())
        })
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(bench.orders().await.len(), 1);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 1);
}

#[tokio::test]
async fn concurrent_starts_of_both_wallets_leave_one_active() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let (one, other) = tokio::join!(
        bench.shop.try_start(&session, "a", start_body("wechat_pay")),
        bench.shop.try_start(&session, "b", start_body("alipay")),
    );
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
    let active = "SELECT count(*) FROM payments WHERE status IN ('requires_action', 'processing')";
    assert_eq!(bench.shop.stored::<u32>(active), 1);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 2);
}

#[tokio::test]
async fn an_active_payment_of_the_same_method_is_kept() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let first = bench.shop.start_payment(&session, "wechat_pay").await;
    let again = bench.shop.start_payment(&session, "wechat_pay").await;
    assert_eq!(payment_id(&again), payment_id(&first));
    assert_eq!(code(&again), code(&first));
}

#[tokio::test]
async fn switching_closes_the_other_payment() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let first = bench.shop.start_payment(&session, "wechat_pay").await;
    let second = bench.shop.start_payment(&session, "alipay").await;
    assert_eq!(second.payment.as_ref().unwrap().payment_method, PaymentMethod::Alipay);
    assert_eq!(bench.orders().await[0]["state"], "CLOSED");
    let refused = bench.approve(&code(&first)).await;
    assert_eq!(refused.status, 409, "the old code is dead");
    bench.approve(&code(&second)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn switching_away_from_a_paid_payment_completes_instead() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    for (from, to) in [("wechat_pay", "alipay"), ("alipay", "wechat_pay")] {
        let session = bench.shop.open().await;
        let first = bench.shop.start_payment(&session, from).await;
        bench.approve(&code(&first)).await;
        let second = bench.shop.start_payment(&session, to).await;
        assert_eq!(second.status, SessionStatus::Complete);
        assert_eq!(payment_id(&second), payment_id(&first));
    }
}

#[tokio::test]
async fn d02_an_old_code_that_cannot_be_closed_completes_late() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let old = bench.shop.start_payment(&session, "alipay").await;
    let new = bench.shop.start_payment(&session, "wechat_pay").await;
    assert_eq!(bench.approve(&code(&old)).await.status, 200, "Alipay could not close it");
    let done = bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    assert_eq!(payment_id(&done), payment_id(&old));
    // The new one is closed, so that nobody pays twice.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    loop {
        let orders = bench.orders().await;
        let wechat = orders.iter().find(|order| order["wallet"] == "wechat_pay").unwrap();
        if wechat["state"] == "CLOSED" {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{wechat}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(bench.approve(&code(&new)).await.status, 409);
}

#[tokio::test]
async fn d01_a_second_capture_is_refunded() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let old = bench.shop.start_payment(&session, "alipay").await;
    let new = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&new)).await;
    let done = bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    bench.approve(&code(&old)).await;
    let after =
        bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    assert_eq!(payment_id(&after), payment_id(&done));
    assert_eq!(after.status, SessionStatus::Complete);
    assert!(after.revision > done.revision, "the shopper can see it");
    let books: Vec<_> = bench
        .orders()
        .await
        .iter()
        .map(|order| (order["captured"].as_i64().unwrap(), order["refunded"].as_i64().unwrap()))
        .collect();
    assert_eq!(books, [(12_800, 12_800), (12_800, 0)]);
    assert_eq!(
        bench.shop.stored::<u32>("SELECT count(*) FROM payments WHERE status = 'succeeded'"),
        1
    );
}

#[tokio::test]
async fn a_merchants_request_opens_one_session() {
    let bench = Bench::new().await;
    let first: SessionCreated = bench.shop.create("k", json!({})).await.json();
    let again = bench.shop.create("k", json!({})).await;
    assert_eq!(again.status, 201);
    let again: SessionCreated = again.json();
    assert_eq!(again.session.id, first.session.id);
    assert_eq!(again.client_secret, first.client_secret);
    assert!(first.client_secret.is_some());
    bench
        .shop
        .create("k", json!({ "description": "other" }))
        .await
        .problem(409, "idempotency_key_reused");
    let (one, other) =
        tokio::join!(bench.shop.create("c", json!({})), bench.shop.create("c", json!({})));
    let (one, other): (SessionCreated, SessionCreated) = (one.json(), other.json());
    assert_eq!(one.session.id, other.session.id);

    let path = format!("/v1/checkout/sessions/{}", first.session.id);
    let read = bench.shop.merchant(Method::GET, &path, "-", "").await;
    let read: SessionCreated = read.json();
    assert_eq!((read.order_id.as_str(), read.client_secret), ("order-k", None));
}

#[tokio::test]
async fn starting_too_often_is_rate_limited() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    let mut refused = None;
    for _ in 0..12 {
        let answer = bench.shop.on_payment(&session, &payment_id(&started), "refresh").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    refused.problem(429, "rate_limited");
    assert_ne!(refused.header("retry-after"), "");
    bench
        .shop
        .try_start(&session, &unique("key"), start_body("wechat_pay"))
        .await
        .problem(429, "rate_limited");
}

#[tokio::test]
async fn a_session_of_fifty_payments_starts_no_more_and_keeps_its_active_one() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let first: Session = bench.shop.try_start(&session, "k", start_body("alipay")).await.json();
    bench.shop.database.execute(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value,
            currency, order_expires_at, notify_url, status, created_at, product)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
         SELECT 'pay_' || i, session_id, 'OC' || i, payment_method, flow, amount_value,
            currency, order_expires_at, notify_url, 'canceled', created_at, product
         FROM payments, n",
    );
    bench
        .shop
        .try_start(&session, "another", start_body("wechat_pay"))
        .await
        .problem(400, "payment_method_unavailable");
    let same: Session = bench.shop.try_start(&session, "third", start_body("alipay")).await.json();
    assert_eq!(payment_id(&same), payment_id(&first));
    assert!(!status(&same).is_final(), "it was not closed for one that cannot be started");
    assert_eq!(bench.orders().await.len(), 1);
}
