//! Keys and secrets that are changed with an overlap.

use contract::{Refund, RefundStatus, SessionCreated, SessionStatus};
use http::Method;
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Bench, SECRET_KEY, Shop, call, code, payment_id};

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";

/// Restarts the same shop with other settings.
async fn restart(bench: &mut Bench, more: &str) {
    bench.shop.stop().await;
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, more, database, clock).await;
}

#[tokio::test]
async fn m5_a_new_signing_key_keeps_open_sessions_and_hosted_links_valid() {
    let mut bench = Bench::new().await;
    let answer = bench.shop.create("k", json!({})).await;
    let created: SessionCreated = answer.json();
    let session = crate::bench::Opened {
        id: created.session.id.clone(),
        secret: created.client_secret.clone().unwrap(),
        hosted_url: created.session.hosted_url.clone(),
    };
    restart(&mut bench, &format!("[server]\nsigning_key = [\"{NEW}\", \"{OLD}\"]\n")).await;
    let again: SessionCreated = bench.shop.create("k", json!({})).await.json();
    assert_eq!(again.client_secret, created.client_secret, "the secret that opens it");
    bench.shop.session(&session).await;
    let token = session.hosted_url.rsplit('/').next().unwrap();
    let url = format!("{}/v1/checkout/hosted/{token}", bench.shop.base);
    assert_eq!(call(Method::GET, &url, &[], "").await.status, 200);
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    assert!(!code(&started).is_empty());
}

#[tokio::test]
async fn m5_a_repeated_opening_returns_no_invalid_secret() {
    let mut bench = Bench::new().await;
    let created: SessionCreated = bench.shop.create("k", json!({})).await.json();
    restart(&mut bench, &format!("[server]\nsigning_key = \"{NEW}\"\n")).await;
    bench.shop.create("k", json!({})).await.problem(409, "client_secret_lost");
    // Another request for the order replaces the session, whose secret cannot be returned any more.
    let body = json!({ "order_id": "order-k" });
    let second: SessionCreated = bench.shop.create("k2", body).await.json();
    assert_ne!(second.session.id, created.session.id);
    let path = format!("/v1/checkout/sessions/{}", created.session.id);
    let first: SessionCreated = bench.shop.merchant(Method::GET, &path, "-", "").await.json();
    assert_eq!(first.session.status, contract::SessionStatus::Canceled);
}

#[tokio::test]
async fn b32_two_secret_keys_open_the_api_and_a_third_does_not() {
    let new = "sk_fedcba987654321001234567";
    let more = format!("[server]\nsecret_key = [\"{new}\", \"{SECRET_KEY}\"]\n");
    let bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let url = format!("{}/v1/refunds", bench.shop.base);
    for (key, status) in [(new, 200), (SECRET_KEY, 200), ("sk_another_key_of_24_letters", 401)] {
        let authorization = format!("Bearer {key}");
        let headers = [("authorization", authorization.as_str())];
        assert_eq!(call(Method::GET, &url, &headers, "").await.status, status, "{key}");
    }
}

#[tokio::test]
async fn m3_a_payment_started_under_another_appid_is_recorded_and_refunded() {
    // Queried by the shopper, and by the worker.
    for is_claimed in [true, false] {
        let mut bench = Bench::new().await;
        bench.faults(json!({ "refund_delay_ms": 0, "drop_notifications": true })).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, "wechat_pay").await;
        restart(&mut bench, "[wechat_pay]\nappid = \"wxfedcba9876543210\"\n").await;
        bench.approve(&code(&started)).await;
        if is_claimed {
            let checked = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
            assert_eq!(checked.status, 200, "{}", checked.text());
        }
        bench.shop.clock.advance(30_000);
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
        let body = json!({ "payment_id": payment_id(&started) });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        bench.shop.wait_for_attempts(1).await;
        bench.shop.clock.advance(20_000);
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    }
}

#[tokio::test]
async fn b14_alipay_changes_its_certificate_and_payments_go_on() {
    let keys = crate::bench::keys().alipay;
    let more = format!(
        "[alipay]\napp_cert = \"\"\"{}\"\"\"\nalipay_cert = \"\"\"{}\"\"\"\nalipay_root_cert = \"\"\"{}\"\"\"\n",
        keys.app_cert, keys.alipay_cert, keys.alipay_root_cert
    );
    for drop_notifications in [false, true] {
        let bench = Bench::with(DesktopFlow::Precreate, &more).await;
        bench.faults(json!({ "alipay_certificates": true })).await;
        bench.shop.paid(&bench, "alipay").await;
        // A shopper has the code already when the certificate changes.
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, "alipay").await;
        let faults = json!({
            "alipay_new_certificate": true,
            "drop_notifications": drop_notifications,
            "refund_delay_ms": 0
        });
        bench.faults(faults).await;
        bench.approve(&code(&started)).await;
        if drop_notifications {
            let checked = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
            assert_eq!(checked.status, 200, "{}", checked.text());
        }
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
        let body = json!({ "payment_id": payment_id(&started) });
        let refund: Refund = bench.shop.refund("k", body).await.json();
        bench.shop.wait_for_attempts(1).await;
        bench.shop.clock.advance(20_000);
        assert_eq!(bench.shop.wait_for_refund(&refund.id).await.status, RefundStatus::Succeeded);
    }
}
