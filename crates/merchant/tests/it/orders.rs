//! One payment an order, over all of its sessions.

use contract::{List, RefundStatus, Session, SessionCreated, SessionStatus};
use http::Method;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Opened, code, unique};

/// Requests a session of an order, with a key of its own.
async fn create(bench: &Bench, order_id: &str, fen: i64) -> Answer {
    let amount = json!({ "value": fen, "currency": "CNY" });
    bench.shop.create(&unique("key"), json!({ "order_id": order_id, "amount": amount })).await
}

fn opened(answer: &Answer) -> Opened {
    let created: SessionCreated = answer.json();
    Opened {
        id: created.session.id,
        secret: created.client_secret.unwrap(),
        hosted_url: created.session.hosted_url,
    }
}

async fn captured(bench: &Bench) -> i64 {
    let orders = bench.orders().await;
    let sum = |name: &str| orders.iter().map(|order| order[name].as_i64().unwrap()).sum::<i64>();
    sum("captured") - sum("refunded")
}

#[tokio::test]
async fn m4_two_requests_of_one_order_open_one_session() {
    let bench = Bench::new().await;
    let (one, other) = tokio::join!(create(&bench, "so-7", 100), create(&bench, "so-7", 100));
    assert_eq!((one.status, other.status), (201.try_into().unwrap(), 201.try_into().unwrap()));
    let (one, other) = (opened(&one), opened(&other));
    assert_eq!((&one.id, &one.secret), (&other.id, &other.secret));
    // Each tab gets a code of the same payment; paying it completes the order.
    let shown = bench.shop.start_payment(&one, "wechat_pay").await;
    let same = bench.shop.start_payment(&other, "wechat_pay").await;
    assert_eq!(code(&shown), code(&same));
    bench.approve(&code(&shown)).await;
    bench.shop.wait_for_status(&other, SessionStatus::Complete).await;
    create(&bench, "so-7", 100).await.problem(409, "order_already_paid");
    create(&bench, "so-7", 200).await.problem(409, "order_already_paid");
    let other_order = create(&bench, "so-8", 100).await;
    assert_ne!(opened(&other_order).id, one.id);
}

#[tokio::test]
async fn m4_another_amount_replaces_the_session_once_its_payment_is_closed() {
    let bench = Bench::new().await;
    let first = opened(&create(&bench, "so-7", 100).await);
    let old = bench.shop.start_payment(&first, "wechat_pay").await;
    let second = opened(&create(&bench, "so-7", 200).await);
    assert_ne!(first.id, second.id);
    let replaced = bench.shop.session(&first).await;
    assert_eq!(replaced.status, SessionStatus::Canceled);
    assert_eq!(bench.orders().await[0]["state"], "CLOSED");
    bench
        .shop
        .try_start(&first, "k", crate::bench::start_body("wechat_pay"))
        .await
        .problem(409, "session_closed");
    assert_ne!(bench.approve(&code(&old)).await.status, 200, "the old code pays nothing");
    let new = bench.shop.start_payment(&second, "alipay").await;
    bench.approve(&code(&new)).await;
    bench.shop.wait_for_status(&second, SessionStatus::Complete).await;
    assert_eq!(captured(&bench).await, 200);
}

#[tokio::test]
async fn m4_a_paid_order_is_not_replaced() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let first = opened(&create(&bench, "so-7", 100).await);
    let shown = bench.shop.start_payment(&first, "wechat_pay").await;
    bench.approve(&code(&shown)).await;
    create(&bench, "so-7", 200).await.problem(409, "order_already_paid");
    assert_eq!(bench.shop.session(&first).await.status, SessionStatus::Complete);
}

#[tokio::test]
async fn m4_a_session_whose_payment_cannot_be_closed_is_not_replaced() {
    let bench = Bench::new().await;
    let first = opened(&create(&bench, "so-7", 100).await);
    bench.shop.start_payment(&first, "wechat_pay").await;
    bench.faults(json!({ "down": true })).await;
    assert!(create(&bench, "so-7", 200).await.problem(409, "payment_still_open").retryable);
    assert_eq!(bench.shop.session(&first).await.status, SessionStatus::Open);
}

#[tokio::test]
async fn m4_a_code_of_a_replaced_session_that_is_paid_is_refunded() {
    let bench = Bench::new().await;
    bench.faults(json!({ "refund_delay_ms": 0 })).await;
    let first = opened(&create(&bench, "so-7", 100).await);
    // Alipay has nothing to close before its code is scanned, and the code stays payable.
    let old = bench.shop.start_payment(&first, "alipay").await;
    let second = opened(&create(&bench, "so-7", 200).await);
    let new = bench.shop.start_payment(&second, "wechat_pay").await;
    bench.approve(&code(&new)).await;
    bench.shop.wait_for_status(&second, SessionStatus::Complete).await;
    bench.approve(&code(&old)).await;
    bench.shop.wait_for(&first, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    let reason: String = bench.shop.stored("SELECT reason FROM refunds");
    assert_eq!(reason, "duplicate", "the order is paid by another session");
    assert_eq!(captured(&bench).await, 200, "one payment of the order is kept");
}

#[tokio::test]
async fn m4_a_session_about_to_end_or_expired_is_replaced() {
    let bench = Bench::new().await;
    let short = json!({ "order_id": "so-7", "expires_in_s": 60 });
    let first = opened(&bench.shop.create(&unique("key"), short.clone()).await);
    bench.shop.clock.advance(1_000);
    let second = opened(&bench.shop.create(&unique("key"), short.clone()).await);
    assert_ne!(first.id, second.id, "no time would be left to pay");
    bench.shop.clock.advance(60_000);
    bench.shop.wait_for_status(&second, SessionStatus::Expired).await;
    let third = opened(&bench.shop.create(&unique("key"), short).await);
    assert_ne!(second.id, third.id);
}

#[tokio::test]
async fn independent_sessions_of_one_order_id_are_allowed_by_the_setting() {
    let bench = Bench::with(DesktopFlow::Precreate, "[server]\norders = \"independent\"\n").await;
    let (one, other) = (create(&bench, "so-7", 100).await, create(&bench, "so-7", 100).await);
    let (one, other) = (opened(&one), opened(&other));
    assert_ne!(one.id, other.id);
    for session in [&one, &other] {
        let shown: Session = bench.shop.start_payment(session, "wechat_pay").await;
        bench.approve(&code(&shown)).await;
        bench.shop.wait_for_status(session, SessionStatus::Complete).await;
    }
    assert_eq!(captured(&bench).await, 200);
}

#[tokio::test]
async fn the_sessions_of_an_order_are_found_by_its_number_and_their_status() {
    let bench = Bench::new().await;
    let first = opened(&create(&bench, "so-7", 100).await);
    let second = opened(&create(&bench, "so-7", 200).await);
    create(&bench, "so-8", 100).await;
    let list = async |query: &str| {
        let path = format!("/v1/checkout/sessions?{query}");
        let page: List<SessionCreated> =
            bench.shop.merchant(Method::GET, &path, "-", "").await.json();
        page.data.into_iter().map(|one| one.session.id).collect::<Vec<_>>()
    };
    assert_eq!(list("order_id=so-7").await, [second.id.clone(), first.id.clone()]);
    assert_eq!(list("order_id=so-7&status=open").await, [second.id]);
    assert_eq!(list("status=canceled").await, [first.id]);
    assert!(list("order_id=nobody").await.is_empty());
    let path = "/v1/checkout/sessions?status=paid";
    bench.shop.merchant(Method::GET, path, "-", "").await.problem(400, "parameter_invalid");
    let path = "/v1/refunds?order_id=so-7";
    bench.shop.merchant(Method::GET, path, "-", "").await.problem(400, "request_malformed");
}

#[tokio::test]
async fn metadata_is_bounded() {
    let bench = Bench::new().await;
    let long = "a".repeat(501);
    let many: Value = (0..21)
        .map(|number| (number.to_string(), json!("a")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for metadata in [json!({ "a": long }), json!({ "": "a" }), json!({ "a": "b\n" }), many] {
        let body = json!({ "metadata": metadata });
        bench.shop.create(&unique("key"), body).await.problem(400, "parameter_invalid");
    }
}

#[tokio::test]
async fn b29_support_finds_the_wallets_number_and_the_refunds() {
    let bench = Bench::new().await;
    bench.faults(json!({ "refund_delay_ms": 0 })).await;
    let metadata = json!({ "cart": "7", "客服": "小王" });
    let created = bench.shop.create("k", json!({ "metadata": metadata })).await;
    let session = opened(&created);
    let shown = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&shown)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    let id = crate::bench::payment_id(&shown);
    let amount = json!({ "value": 800, "currency": "CNY" });
    let refund: contract::Refund =
        bench.shop.refund("r", json!({ "payment_id": id, "amount": amount })).await.json();
    bench.shop.clock.advance(20_000);
    bench.shop.wait_for_refund(&refund.id).await;
    let path = format!("/v1/checkout/sessions/{}", session.id);
    let read: Value = bench.shop.merchant(Method::GET, &path, "-", "").await.json();
    let order = bench.orders().await.swap_remove(0);
    let payment = &read["payments"][0];
    assert_eq!(payment["out_trade_no"], order["out_trade_no"]);
    assert!(payment["transaction_id"].as_str().is_some_and(|number| !number.is_empty()));
    assert!(payment["paid_at"].is_string(), "{payment}");
    assert_eq!(payment["refunded"], amount);
    assert_eq!(read["metadata"], metadata);
    let list: Value =
        bench.shop.merchant(Method::GET, "/v1/checkout/sessions", "-", "").await.json();
    assert_eq!(list["data"][0]["payments"], read["payments"]);
    // The page's answer contains none of it.
    let page = bench.shop.browser(Method::GET, &session, "").await.text();
    assert!(!page.contains("out_trade_no") && !page.contains("cart"), "{page}");
}
