//! Refunds.

use std::sync::{Arc, Mutex};

use contract::{Refund, RefundReason, RefundStatus, SessionStatus};
use http::Method;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Bench, Opened, Shop, code, payment_id};

async fn books(bench: &Bench) -> Vec<(i64, i64, usize)> {
    let view = |order: &Value| {
        let fen = |name: &str| order[name].as_i64().unwrap();
        (fen("captured"), fen("refunded"), order["refunds"].as_array().unwrap().len())
    };
    bench.orders().await.iter().map(view).collect()
}

#[tokio::test]
async fn the_merchant_refunds_in_parts_and_never_too_much() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.faults(json!({ "refund_delay_ms": 0 })).await;
        let (session, done) = bench.shop.paid(&bench, method).await;
        let payment = payment_id(&done);
        let part = |fen: i64| json!({ "payment_id": payment, "amount": { "value": fen, "currency": "CNY" } });
        let answer = bench.shop.refund("k1", part(2_800)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let first: Refund = answer.json();
        assert_eq!(first.reason, RefundReason::RequestedByMerchant);
        let again: Refund = bench.shop.refund("k1", part(2_800)).await.json();
        assert_eq!(again.id, first.id, "the same request is one refund");
        bench.shop.refund("k1", part(1)).await.problem(409, "idempotency_key_reused");
        bench.shop.refund("k2", part(10_001)).await.problem(409, "refund_exceeds_payment");
        bench.shop.refund("k2", part(0)).await.problem(400, "parameter_invalid");
        bench.shop.clock.advance(20_000);
        assert_eq!(bench.shop.wait_for_refund(&first.id).await.status, RefundStatus::Succeeded);
        let rest: Refund = bench.shop.refund("k3", json!({ "payment_id": payment })).await.json();
        assert_eq!(rest.amount.value, 10_000);
        // WeChat Pay's refunds of one order are a minute apart.
        bench.shop.clock.advance(60_000);
        assert_eq!(bench.shop.wait_for_refund(&rest.id).await.status, RefundStatus::Succeeded);
        bench
            .shop
            .refund("k4", json!({ "payment_id": payment }))
            .await
            .problem(409, "refund_exceeds_payment");
        assert_eq!(books(&bench).await, [(12_800, 12_800, 2)], "{method}");
        let after = bench.shop.session(&session).await;
        assert_eq!(
            (after.refund, after.revision),
            (None, done.revision),
            "not the shopper's affair"
        );
    }
}

#[tokio::test]
async fn many_requests_at_once_never_exceed_the_payment() {
    let bench = Bench::new().await;
    let (_, done) = bench.shop.paid(&bench, "alipay").await;
    let body =
        json!({ "payment_id": payment_id(&done), "amount": { "value": 5_000, "currency": "CNY" } });
    let (one, two, three, four) = tokio::join!(
        bench.shop.refund("a", body.clone()),
        bench.shop.refund("b", body.clone()),
        bench.shop.refund("c", body.clone()),
        bench.shop.refund("d", body.clone()),
    );
    let made = [&one, &two, &three, &four].iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 2);
    assert_eq!(bench.shop.stored::<i64>("SELECT sum(held_value) FROM refunds"), 10_000);
}

#[tokio::test]
async fn a_refused_refund_has_its_reason() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    let body = json!({ "payment_id": payment_id(&started) });
    bench.shop.refund("k", body.clone()).await.problem(409, "payment_not_refundable");
    let answer = bench.shop.refund("k", json!({ "payment_id": "pay_none" })).await;
    // No session is named in this call.
    assert_eq!(answer.problem(404, "payment_not_found").detail, "there is no such payment");
    let path = "/v1/refunds/re_none";
    bench.shop.merchant(Method::GET, path, "-", "").await.problem(404, "refund_not_found");
    let url = format!("{}/v1/refunds", bench.shop.base);
    let secret = format!("Bearer {}", session.secret);
    let headers = [("authorization", secret.as_str()), ("idempotency-key", "k")];
    let answer = crate::bench::call(Method::POST, &url, &headers, &body.to_string()).await;
    answer.problem(401, "secret_key_invalid");
}

#[tokio::test]
async fn a_refund_whose_outcome_is_unknown_is_queried_and_not_doubled() {
    for (method, fault) in [
        ("wechat_pay", json!({ "wechat_next_status": 500, "refund_delay_ms": 0 })),
        ("alipay", json!({ "alipay_next_unknown": true })),
    ] {
        let bench = Bench::new().await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        bench.faults(fault).await;
        bench.faults(json!({ "drop_notifications": true })).await;
        let body = json!({ "payment_id": payment_id(&done) });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        // The first try was executed, and its answer lost.
        let tried = "SELECT attempts = 1 AND is_claimed = 0 FROM outbox WHERE kind = 'refund'";
        for _ in 0..500 {
            if bench.shop.stored::<bool>(tried) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        bench.shop.clock.advance(10_000);
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
        assert_eq!(books(&bench).await, [(12_800, 12_800, 1)], "{method}");
    }
}

#[tokio::test]
async fn a_refund_waits_for_the_balance() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        bench.faults(json!({ "refund_not_enough": true, "refund_delay_ms": 0 })).await;
        let body = json!({ "payment_id": payment_id(&done) });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        let tried = "SELECT attempts = 1 AND is_claimed = 0 FROM outbox WHERE kind = 'refund'";
        while !bench.shop.stored::<bool>(tried) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        bench.faults(json!({ "refund_not_enough": false })).await;
        bench.shop.clock.advance(10_000);
        // The query finds nothing, so it is sent again with the same number.
        bench.shop.wait_for_attempts(2).await;
        bench.shop.clock.advance(15_000);
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
        assert_eq!(books(&bench).await, [(12_800, 12_800, 1)], "{method}");
    }
}

#[tokio::test]
async fn a_refund_that_the_gateway_ends_fails_with_an_alarm() {
    for (outcome, held) in [("CLOSED", 0), ("ABNORMAL", 12_800)] {
        let bench = Bench::new().await;
        bench.faults(json!({ "refund_outcome": outcome, "refund_delay_ms": 0 })).await;
        let (_, done) = bench.shop.paid(&bench, "wechat_pay").await;
        let body = json!({ "payment_id": payment_id(&done) });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        bench.shop.clock.advance(20_000);
        let refund = bench.shop.wait_for_refund(&refund.id).await;
        assert_eq!(refund.status, RefundStatus::Failed);
        assert_eq!(refund.failure_code.as_deref(), Some(outcome));
        assert_eq!(bench.shop.stored::<i64>("SELECT sum(held_value) FROM refunds"), held);
    }
}

/// A condition: the due refund was tried, and no task holds its claim.
const TRIED: &str = "SELECT count(*) = 1 AND min(attempts) >= 1 AND max(is_claimed) = 0
    FROM outbox WHERE kind = 'refund' AND done_at IS NULL";

/// A condition: no task of a refund holds a claim.
const IDLE: &str = "SELECT COALESCE(MAX(is_claimed), 0) = 0
    FROM outbox WHERE kind = 'refund' AND done_at IS NULL";

/// Waits until the database fulfils a condition.
async fn until(bench: &Bench, sql: &str) {
    for _ in 0..1_000 {
        if bench.shop.stored::<bool>(sql) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never: {sql}");
}

/// Pays a WeChat Pay code after its session has expired; the gateway closes the refund.
async fn late_and_closed() -> (Bench, Opened) {
    let bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.faults(json!({ "down": true, "drop_notifications": true })).await;
    bench.shop.clock.advance(60_000 + 11 * 60_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    bench.faults(json!({ "down": false, "refund_outcome": "CLOSED", "refund_delay_ms": 0 })).await;
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(30_000);
    until(&bench, "SELECT count(*) = 1 FROM refunds").await;
    bench.shop.wait_for_attempts(1).await;
    bench.shop.clock.advance(20_000);
    until(&bench, "SELECT count(*) >= 1 FROM refunds WHERE status = 'failed'").await;
    (bench, session)
}

#[tokio::test]
async fn an_owed_refund_that_was_closed_is_renewed_under_another_number() {
    let (bench, session) = late_and_closed().await;
    bench.faults(json!({ "refund_outcome": "SUCCESS" })).await;
    // Time passes only while no task holds a claim: the second refund may be tried and closed
    // before.
    for _ in 0..500 {
        if bench.shop.stored::<bool>("SELECT count(*) = 1 FROM refunds WHERE status = 'succeeded'")
        {
            break;
        }
        if bench.shop.stored::<bool>(IDLE) {
            bench.shop.clock.advance(20_000);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let now =
        bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    assert_eq!(now.status, SessionStatus::Expired);
    let [(captured, refunded, refunds)] = books(&bench).await[..] else { panic!() };
    assert_eq!((captured, refunded), (12_800, 12_800));
    assert!(refunds >= 2, "{refunds}");
}

#[tokio::test]
async fn a_gateway_that_closes_every_refund_is_called_up_to_the_limit() {
    let (bench, session) = late_and_closed().await;
    for closed in 2..=3 {
        until(&bench, &format!("SELECT count(*) = {closed} FROM refunds")).await;
        // Refunds of one order are a minute apart.
        bench.shop.clock.advance(60_000);
        until(&bench, TRIED).await;
        bench.shop.clock.advance(20_000);
        until(&bench, &format!("SELECT count(*) >= {closed} FROM refunds WHERE status = 'failed'"))
            .await;
    }
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Failed)).await;
    assert_eq!(books(&bench).await, [(12_800, 0, 3)]);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(DISTINCT out_refund_no) FROM refunds"), 3);
    assert!(bench.shop.stored::<bool>(
        "SELECT count(*) = 0 FROM outbox WHERE kind = 'refund' AND done_at IS NULL"
    ));
}

#[tokio::test]
async fn d34_a_refunds_notification_ends_it_and_may_be_repeated() {
    let bench = Bench::new().await;
    bench.faults(json!({ "duplicate_notifications": true, "refund_delay_ms": 300 })).await;
    let (_, done) = bench.shop.paid(&bench, "wechat_pay").await;
    let body = json!({ "payment_id": payment_id(&done) });
    let refund: Refund = bench.shop.refund("k", body).await.json();
    // The clock is not advanced: the worker would not query again for ten seconds.
    assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    assert_eq!(bench.shop.stored::<u32>("SELECT attempts FROM outbox WHERE kind = 'refund'"), 1);
}

#[tokio::test]
async fn a_refund_survives_a_restart() {
    let mut bench = Bench::new().await;
    let (_, done) = bench.shop.paid(&bench, "alipay").await;
    bench.faults(json!({ "down": true })).await;
    let body = json!({ "payment_id": payment_id(&done) });
    let refund: Refund = bench.shop.refund("k", body).await.json();
    bench.shop.wait_for_attempts(1).await;
    bench.shop.stop().await;
    bench.faults(json!({ "down": false })).await;
    bench.shop.clock.advance(10_000);
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, "", database, clock).await;
    assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    assert_eq!(books(&bench).await, [(12_800, 12_800, 1)]);
}

#[tokio::test]
async fn m2_a_misspelt_or_empty_amount_is_refused_and_refunds_nothing() {
    let bench = Bench::new().await;
    let (_, done) = bench.shop.paid(&bench, "wechat_pay").await;
    let payment = payment_id(&done);
    let amount = json!({ "value": 1, "currency": "CNY" });
    for body in [
        json!({ "payment_id": payment, "ammount": amount }),
        json!({ "payment_id": payment, "amount": null }),
        json!({ "payment_id": payment, "amount": { "value": 1, "currency": "CNY", "unit": "yuan" } }),
        json!({ "payment_id": payment, "amount": amount, "notify": "x" }),
    ] {
        bench.shop.refund("k", body.clone()).await.problem(400, "request_malformed");
    }
    assert_eq!(bench.shop.stored::<u32>("SELECT COUNT(*) FROM refunds"), 0);
    let misspelt = json!({ "expires_in": 60 });
    bench.shop.create("k", misspelt).await.problem(400, "request_malformed");
}

#[tokio::test]
async fn b31_the_merchants_reason_is_stored_or_refused() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.faults(json!({ "refund_delay_ms": 0 })).await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        let body = json!({ "payment_id": payment_id(&done), "reason": "茶叶受潮" });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        assert_eq!(refund.reason, RefundReason::RequestedByMerchant);
        assert_eq!(refund.reason_text.as_deref(), Some("茶叶受潮"));
        bench.shop.clock.advance(20_000);
        bench.shop.wait_for_refund(&refund.id).await;
        for reason in ["", " ", "a\nb", &"茶".repeat(27)] {
            let body = json!({ "payment_id": payment_id(&done), "reason": reason });
            bench.shop.refund("k2", body).await.problem(400, "parameter_invalid");
        }
    }
}

/// Answers every request with 403 and a page, as a proxy or a firewall does; records the requests.
async fn firewall() -> (String, Arc<Mutex<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&sent);
    let router = axum::Router::new().fallback(move |body: String| {
        // Alipay's request is a form.
        let plain: String =
            form_urlencoded::parse(body.as_bytes()).map(|(name, value)| name + value).collect();
        kept.lock().unwrap().push_str(&plain);
        async { (http::StatusCode::FORBIDDEN, "<html>blocked</html>") }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, sent)
}

#[tokio::test]
async fn m1_a_refund_outlives_a_firewall_that_refuses_everything() {
    for (method, setting) in [
        ("wechat_pay", "[wechat_pay]\nbase_url = \"{url}\"\n"),
        ("alipay", "[alipay]\ngateway_url = \"{url}/gateway.do\"\n"),
    ] {
        let mut bench = Bench::new().await;
        bench.faults(json!({ "refund_delay_ms": 0 })).await;
        let (_, done) = bench.shop.paid(&bench, method).await;
        let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
        let start = async |bench: &Bench, more: &str| {
            let (database, clock) = (database.clone(), clock.clone());
            Shop::start(&bench.sandbox, DesktopFlow::Precreate, more, database, clock).await
        };
        bench.shop.stop().await;
        let (url, sent) = firewall().await;
        bench.shop = start(&bench, &setting.replace("{url}", &url)).await;
        let body = json!({ "payment_id": payment_id(&done), "reason": "茶叶受潮" });
        let refund: Refund = bench.shop.refund("k", body.clone()).await.json();
        for attempts in 1..4 {
            bench.shop.wait_for_attempts(attempts).await;
            bench.shop.clock.advance(60_000);
        }
        let path = format!("/v1/refunds/{}", refund.id);
        let still: Refund = bench.shop.merchant(Method::GET, &path, "-", "").await.json();
        assert_eq!((still.status, still.failure_code), (RefundStatus::Pending, None), "{method}");
        assert!(sent.lock().unwrap().contains("茶叶受潮"), "b31: the payer reads it, {method}");
        // An owed amount is not released: requesting it again is too much.
        bench.shop.refund("k2", body).await.problem(409, "refund_exceeds_payment");
        bench.shop.stop().await;
        bench.shop = start(&bench, "").await;
        // The refund is queried, sent, and queried again.
        for _ in 0..3 {
            bench.shop.clock.advance(600_000);
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
        assert_eq!(books(&bench).await, [(12_800, 12_800, 1)], "{method}: once");
    }
}

#[tokio::test]
async fn l11_a_refund_in_another_currency_is_refused_as_that() {
    let bench = Bench::new().await;
    let (_, done) = bench.shop.paid(&bench, "wechat_pay").await;
    let amount = json!({ "value": 800, "currency": "USD" });
    let body = json!({ "payment_id": payment_id(&done), "amount": amount });
    let problem = bench.shop.refund("k", body).await.problem(400, "parameter_invalid");
    assert!(problem.detail.contains("must be in the payment's currency"), "{problem:?}");
}
