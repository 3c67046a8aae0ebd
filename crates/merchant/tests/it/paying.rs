//! Complete payments, with both wallets and both flows.

use contract::{Flow, NextActionType, PaymentMethod, PaymentStatus, SessionStatus};
use http::Method;
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Bench, call, code, payment_id, start_body, status, unique};

#[tokio::test]
async fn a_scanned_code_completes_the_session() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        assert_eq!(started.status, SessionStatus::Open);
        let payment = started.payment.as_ref().unwrap();
        assert_eq!(payment.payment_method, PaymentMethod::parse(method));
        assert_eq!(payment.flow, Flow::QrCode);
        let action = payment.next_action.as_ref().unwrap();
        assert_eq!(action.kind, NextActionType::DisplayQrCode);
        assert_eq!(action.expires_at, Some(started.expires_at));

        assert_eq!(bench.approve(&code(&started)).await.status, 200);
        let done = bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
        assert_eq!(status(&done), PaymentStatus::Succeeded);
        assert!(done.revision > started.revision);
        assert!(done.payment.unwrap().next_action.is_none());
        let order = bench.notified_order().await;
        assert_eq!(order["amount"], 12_800);
    }
}

#[tokio::test]
async fn a_returned_redirect_is_queried() {
    let bench = Bench::with(DesktopFlow::Page, "").await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let mut body = start_body("alipay");
    body["return_url"] = json!("https://shop.example/thanks?order=1");
    let answer = bench.shop.try_start(&session, "k", body).await;
    let started: contract::Session = answer.json();
    let action = started.payment.as_ref().unwrap().next_action.clone().unwrap();
    assert_eq!(action.kind, NextActionType::RedirectToUrl);

    let cashier = call(Method::GET, &action.url.unwrap(), &[], "").await;
    let cashier_url = format!("{}{}", bench.sandbox.base_url(), cashier.header("location"));
    let cashier_url =
        cashier_url.replacen(&bench.sandbox.base_url().repeat(2), &bench.sandbox.base_url(), 1);
    let page = call(Method::GET, &cashier_url, &[], "").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let paid = call(Method::POST, &format!("{cashier_url}/pay"), &[], "").await;
    let back = paid.header("location").to_owned();
    assert!(back.starts_with(&format!("{}/v1/returns/alipay?", bench.shop.base)), "{back}");

    let returned = call(Method::GET, &back, &[], "").await;
    assert_eq!(returned.status, 303, "{}", returned.text());
    assert_eq!(returned.header("location"), "https://shop.example/thanks?order=1");
    // The notification was lost; the return triggered a query.
    let done = bench.shop.session(&session).await;
    assert_eq!(done.status, SessionStatus::Complete);

    let forged = call(Method::GET, &back.replace("128.00", "1.00"), &[], "").await;
    assert_eq!(forged.status, 404, "{}", forged.text());
    assert_eq!(forged.header("location"), "");
}

#[tokio::test]
async fn a_flow_may_be_requested() {
    let bench = Bench::with(DesktopFlow::Page, "").await;
    let session = bench.shop.open().await;
    let mut body = start_body("alipay");
    body["flow"] = json!("qr_code");
    let started: contract::Session = bench.shop.try_start(&session, "k", body).await.json();
    assert!(!code(&started).is_empty());

    let session = bench.shop.open().await;
    for (method, flow) in [("wechat_pay", "redirect"), ("alipay", "jsapi"), ("alipay", "teleport")]
    {
        let mut body = start_body(method);
        body["flow"] = json!(flow);
        let answer = bench.shop.try_start(&session, &unique("key"), body).await;
        answer.problem(400, "flow_unavailable");
    }
    let restricted = Bench::with(DesktopFlow::Page, "[alipay]\nflows = [\"redirect\"]").await;
    let session = restricted.shop.open().await;
    let mut body = start_body("alipay");
    body["flow"] = json!("qr_code");
    restricted.shop.try_start(&session, "k", body).await.problem(400, "flow_unavailable");
}

#[tokio::test]
async fn d19_a_fresh_code_replaces_the_old_one() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let answer = bench.shop.on_payment(&session, &payment_id(&started), "refresh").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let refreshed: contract::Session = answer.json();
        assert_eq!(payment_id(&refreshed), payment_id(&started));
        assert!(refreshed.revision > started.revision);
        assert_ne!(code(&refreshed), code(&started));
        assert_eq!(bench.orders().await.len(), 1, "the same order, not a second one");
        assert_eq!(bench.approve(&code(&refreshed)).await.status, 200);
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
}

#[tokio::test]
async fn d04_a_check_finds_a_payment_whose_notification_was_lost() {
    for method in ["wechat_pay", "alipay"] {
        let bench = Bench::new().await;
        bench.faults(json!({ "drop_notifications": true })).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        let payment = payment_id(&started);
        let answer = bench.shop.on_payment(&session, &payment, "check").await;
        assert_eq!(status(&answer.json()), PaymentStatus::RequiresAction, "not paid yet");
        bench.approve(&code(&started)).await;

        let hasty = bench.shop.on_payment(&session, &payment, "check").await;
        let problem = hasty.problem(429, "rate_limited");
        assert!(problem.retryable);
        assert!(["1", "2"].contains(&hasty.header("retry-after")), "{:?}", hasty.headers);
        bench.shop.clock.advance(2_000);
        let answer = bench.shop.on_payment(&session, &payment, "check").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let done: contract::Session = answer.json();
        assert_eq!(
            (done.status, status(&done)),
            (SessionStatus::Complete, PaymentStatus::Succeeded)
        );
    }
}

#[tokio::test]
async fn d04_the_worker_finds_a_payment_whose_notification_was_lost() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(5_000);
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
}

#[tokio::test]
async fn b36_a_description_of_emoji_quotes_and_parameters_is_paid() {
    let bench = Bench::new().await;
    for description in ["🎁 gift 100% \"A&B\" <i>+ it's = ok", "a&out_trade_no=x&total_amount=0.01"]
    {
        for method in ["wechat_pay", "alipay"] {
            let session = bench.shop.open_with(json!({ "description": description })).await;
            let started = bench.shop.start_payment(&session, method).await;
            assert_eq!(bench.approve(&code(&started)).await.status, 200);
            bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
            // Alipay takes no `/`, `=` and `&` in a subject.
            let is_kept = |letter: &char| method == "wechat_pay" || !"/=&".contains(*letter);
            let expected: String = description.chars().filter(is_kept).collect();
            assert_eq!(bench.orders().await.last().unwrap()["description"], json!(expected));
        }
    }
}
