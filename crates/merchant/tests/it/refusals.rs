//! Refusals, and their problem documents.

use http::Method;
use serde_json::{Value, json};

use sandbox::DesktopFlow;

use crate::bench::{Bench, ORIGIN, SECRET_KEY, call, payment_id, start_body, unique};

#[tokio::test]
async fn a_session_opens_with_its_own_secret_only() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let other = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "alipay").await);
    let path =
        |rest: &str| format!("{}/v1/checkout/sessions/{}{rest}", bench.shop.base, session.id);
    let calls = [
        (Method::GET, path("")),
        (Method::POST, path("/payments")),
        (Method::POST, path(&format!("/payments/{payment}/refresh"))),
        (Method::POST, path(&format!("/payments/{payment}/check"))),
        (Method::POST, path(&format!("/payments/{payment}/cancel"))),
        (Method::GET, path("/events")),
        (Method::GET, format!("{}/v1/checkout/sessions/cs_nobody", bench.shop.base)),
    ];
    let almost = format!("{}0", &session.secret[..session.secret.len() - 1]);
    let token = session.hosted_url.rsplit('/').next().unwrap();
    for (method, url) in &calls {
        for secret in
            ["", other.secret.as_str(), session.id.as_str(), token, "Bearer", almost.as_str()]
        {
            if secret == session.secret {
                continue;
            }
            let authorization = format!("Bearer {secret}");
            let headers = [("authorization", authorization.as_str()), ("idempotency-key", "k")];
            let answer = call(method.clone(), url, &headers, "{}").await;
            answer.problem(401, "client_secret_invalid");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        call(method.clone(), url, &[], "").await.problem(401, "client_secret_invalid");
        let basic = format!("Basic {}", session.secret);
        call(method.clone(), url, &[("authorization", &basic)], "")
            .await
            .problem(401, "client_secret_invalid");
    }
    // A payment of another session is not found.
    bench.shop.on_payment(&other, &payment, "cancel").await.problem(404, "payment_not_found");
}

#[tokio::test]
async fn a_client_secret_expires() {
    const DAY_MS: i64 = 86_400_000;
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let url = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    let authorization = format!("Bearer {}", session.secret);
    let headers = [("authorization", authorization.as_str())];
    bench.shop.clock.advance(30 * DAY_MS);
    assert_eq!(call(Method::GET, &url, &headers, "").await.status, 200);
    bench.shop.clock.advance(DAY_MS);
    call(Method::GET, &url, &headers, "").await.problem(401, "client_secret_expired");
    let wrong = [("authorization", "Bearer cs_x_secret_y")];
    call(Method::GET, &url, &wrong, "").await.problem(401, "client_secret_invalid");
}

#[tokio::test]
async fn merchant_calls_need_the_secret_key() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let sessions = format!("{}/v1/checkout/sessions", bench.shop.base);
    for (method, url) in [
        (Method::POST, sessions.clone()),
        (Method::POST, format!("{sessions}/{}/expire", session.id)),
    ] {
        for secret in ["", "sk_wrong", session.secret.as_str()] {
            let authorization = format!("Bearer {secret}");
            let answer =
                call(method.clone(), &url, &[("authorization", &authorization)], "{}").await;
            answer.problem(401, "secret_key_invalid");
        }
    }
    let answer = call(
        Method::GET,
        &format!("{sessions}/{}", session.id),
        &[("authorization", "Bearer sk_wrong")],
        "",
    )
    .await;
    answer.problem(401, "secret_key_invalid");
    let path = "/v1/checkout/sessions/cs_nobody/expire";
    bench.shop.merchant(Method::POST, path, "-", "").await.problem(404, "session_not_found");
    // The secret key opens no payment.
    let authorization = format!("Bearer {SECRET_KEY}");
    let url = format!("{sessions}/{}/payments", session.id);
    call(Method::POST, &url, &[("authorization", &authorization)], "{}")
        .await
        .problem(401, "client_secret_invalid");
}

#[tokio::test]
async fn invalid_orders_are_refused_by_parameter() {
    let bench = Bench::new().await;
    for (more, named) in [
        (json!({ "amount": { "value": 0, "currency": "CNY" } }), "amount"),
        (json!({ "amount": { "value": -1, "currency": "CNY" } }), "amount"),
        (json!({ "amount": { "value": 10_000_000_001_i64, "currency": "CNY" } }), "amount"),
        (json!({ "amount": { "value": 1, "currency": "USD" } }), "amount"),
        (json!({ "description": " " }), "description"),
        (json!({ "description": "x".repeat(128) }), "description"),
        (json!({ "order_id": "a\nb" }), "order_id"),
        (json!({ "expires_in_s": 59 }), "expires_in_s"),
        (json!({ "expires_in_s": 604_801 }), "expires_in_s"),
        (json!({ "return_url": "javascript:alert(1)" }), "return_url"),
        (json!({ "payment_methods": [] }), "payment_methods"),
        (json!({ "payment_methods": ["alipay", "alipay"] }), "payment_methods"),
        (json!({ "payment_methods": ["cash"] }), "payment_methods"),
    ] {
        let answer = bench.shop.create(&unique("key"), more.clone()).await;
        let problem = answer.problem(400, "parameter_invalid");
        assert!(problem.detail.starts_with(&format!("`{named}`")), "{more}: {}", problem.detail);
    }
    for more in [
        json!({ "amount": { "value": 1.5, "currency": "CNY" } }),
        json!({ "amount": { "value": "1", "currency": "CNY" } }),
        json!({ "amount": 5 }),
        json!({ "description": null }),
    ] {
        let problem =
            bench.shop.create(&unique("key"), more).await.problem(400, "request_malformed");
        assert!(problem.detail.contains("line 1 column"), "{}", problem.detail);
    }
}

#[tokio::test]
async fn invalid_starts_are_refused_by_parameter() {
    let bench = Bench::new().await;
    let session = bench
        .shop
        .open_with(
            json!({ "payment_methods": ["wechat_pay"], "return_url": "https://m.example/done" }),
        )
        .await;
    let shop = &bench.shop;
    for method in ["alipay", "cash"] {
        let answer = shop.try_start(&session, &unique("key"), start_body(method)).await;
        answer.problem(400, "payment_method_unavailable");
    }
    for url in [
        "https://evil.example/",
        "javascript:alert(1)",
        "/thanks",
        "//shop.example/",
        "https://shop.example@evil.example/",
        "https://shop.example.evil.example/",
        "http://shop.example/",
    ] {
        let mut body = start_body("wechat_pay");
        body["return_url"] = json!(url);
        let problem =
            shop.try_start(&session, &unique("key"), body).await.problem(400, "parameter_invalid");
        assert!(problem.detail.starts_with("`return_url`"), "{url}: {}", problem.detail);
    }
    for key in ["", " ", "a b", &"x".repeat(256)] {
        let answer = shop.try_start(&session, key, start_body("wechat_pay")).await;
        answer.problem(400, "idempotency_key_invalid");
    }
    for url in ["https://shop.example/cart", "https://m.example/other"] {
        let mut body = start_body("wechat_pay");
        body["return_url"] = json!(url);
        assert_eq!(shop.try_start(&session, &unique("key"), body).await.status, 200, "{url}");
    }
}

#[tokio::test]
async fn errors_of_unreadable_bodies_have_the_position() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let url = format!("{}/v1/checkout/sessions/{}/payments", bench.shop.base, session.id);
    let authorization = format!("Bearer {}", session.secret);
    let start = async |content_type: &str, body: &str| {
        let headers = [
            ("authorization", authorization.as_str()),
            ("idempotency-key", "k"),
            ("content-type", content_type),
        ];
        call(Method::POST, &url, &headers, body).await
    };
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"payment_method\":\"alipay\"}",
        "{\"payment_method\":1,\"environment\":\"desktop\"}",
    ] {
        let problem = start("application/json", body).await.problem(400, "request_malformed");
        assert!(
            problem.detail.contains("line") || problem.detail == "`environment` is missing",
            "{body}: {}",
            problem.detail
        );
    }
    let good = start_body("alipay").to_string();
    start("text/plain", &good).await.problem(400, "request_malformed");
    let large = format!("{good}{}", " ".repeat(64 * 1024));
    start("application/json", &large).await.problem(413, "body_too_large");
    assert_eq!(start("application/json; charset=utf-8", &good).await.status, 200);
}

#[tokio::test]
async fn paths_and_methods() {
    let bench = Bench::new().await;
    let base = &bench.shop.base;
    call(Method::GET, &format!("{base}/v2/nothing"), &[], "").await.problem(404, "not_found");
    call(Method::GET, &format!("{base}/v1/checkout/sessions/%ff/x"), &[], "")
        .await
        .problem(404, "not_found");
    call(Method::GET, &format!("{base}/v1/checkout/sessions/%ff"), &[], "")
        .await
        .problem(400, "request_malformed");
    let wrong = call(Method::DELETE, &format!("{base}/v1/checkout/sessions/cs_1"), &[], "").await;
    wrong.problem(405, "method_not_allowed");
    assert!(wrong.header("allow").contains("GET"), "{:?}", wrong.headers);
    call(Method::GET, &format!("{base}/v1/notifications/alipay"), &[], "")
        .await
        .problem(405, "method_not_allowed");
    let health = call(Method::GET, &format!("{base}/healthz"), &[], "").await;
    assert_eq!(health.json::<Value>(), json!({ "status": "ok" }));
    assert!(health.header("request-id").starts_with("req_"));
    assert_eq!(health.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_prefix_moves_every_route() {
    let bench = Bench::with(DesktopFlow::Precreate, "[server]\npath_prefix = \"/checkout\"").await;
    let url = format!("{}/checkout/v1/checkout/sessions/cs_1", bench.shop.base);
    call(Method::GET, &url, &[], "").await.problem(401, "client_secret_invalid");
    let url = format!("{}/v1/checkout/sessions/cs_1", bench.shop.base);
    call(Method::GET, &url, &[], "").await.problem(404, "not_found");
    assert_eq!(
        call(Method::GET, &format!("{}/healthz", bench.shop.base), &[], "").await.status,
        200
    );
    let url = format!("{}/checkout/v1/checkout/sessions/cs_1/payments", bench.shop.base);
    call(Method::GET, &url, &[], "").await.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn only_known_pages_may_call_from_a_browser() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let url = format!("{}/v1/checkout/sessions/{}/payments", bench.shop.base, session.id);
    let preflight = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type,idempotency-key"),
        ];
        call(Method::OPTIONS, &url, &headers, "").await
    };
    let allowed = preflight(ORIGIN).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(allowed.header("access-control-allow-methods"), "GET,POST");
    for header in ["authorization", "content-type", "idempotency-key"] {
        assert!(allowed.header("access-control-allow-headers").contains(header), "{header}");
    }
    assert_eq!(allowed.header("access-control-max-age"), "7200");
    assert!(allowed.header("vary").starts_with("origin"), "{}", allowed.header("vary"));
    for origin in
        ["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"]
    {
        let refused = preflight(origin).await;
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
    }

    let authorization = format!("Bearer {}", session.secret);
    let read = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    let answer =
        call(Method::GET, &read, &[("origin", ORIGIN), ("authorization", &authorization)], "")
            .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(answer.header("access-control-expose-headers"), "retry-after,request-id");
    assert!(answer.header("vary").starts_with("origin"), "{}", answer.header("vary"));
    assert_eq!(answer.header("cache-control"), "no-store");
    // The page can read errors, too.
    let refused = call(Method::GET, &read, &[("origin", ORIGIN)], "").await;
    refused.problem(401, "client_secret_invalid");
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
    // The merchant's own calls have no CORS headers.
    let sessions = format!("{}/v1/checkout/sessions", bench.shop.base);
    let merchant = call(Method::POST, &sessions, &[("origin", ORIGIN)], "").await;
    assert_eq!(merchant.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn b11_a_page_whose_monitoring_adds_headers_may_call() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let url = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    for added in [
        "traceparent",
        "tracestate,baggage",
        "sentry-trace",
        "x-datadog-trace-id,x-datadog-parent-id",
        "b3",
        "x-b3-traceid,x-b3-spanid,x-b3-sampled",
        "newrelic",
        "request-id",
    ] {
        let asked = format!("authorization,{added}");
        let headers = [
            ("origin", ORIGIN),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", asked.as_str()),
        ];
        let answer = call(Method::OPTIONS, &url, &headers, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{added}");
        assert_eq!(answer.header("access-control-allow-headers"), asked);
    }
}

#[tokio::test]
async fn b11_a_page_can_read_every_refusal() {
    let bench =
        Bench::with(DesktopFlow::Precreate, "[server]\npath_prefix = \"/checkout\"\n").await;
    for (path, status, code) in [
        ("/v1/checkout/sessions/cs_1", 404, "not_found"),
        ("/checkout/v2", 404, "not_found"),
        ("/checkout/v1/checkout/sessions/%ff", 400, "request_malformed"),
        ("/checkout/v1/checkout/sessions/cs_1/payments", 405, "method_not_allowed"),
    ] {
        let url = format!("{}{path}", bench.shop.base);
        let answer = call(Method::GET, &url, &[("origin", ORIGIN)], "").await;
        answer.problem(status, code);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
    }
}

#[tokio::test]
async fn b3_an_address_that_is_too_long_is_refused_with_that_reason() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let mut body = start_body("wechat_pay");
    body["return_url"] = json!(format!("http://127.0.0.1:8080/?utm={}", "x".repeat(2_100)));
    let refused = bench.shop.try_start(&session, &unique("k"), body).await;
    let problem = refused.problem(400, "parameter_invalid");
    assert_eq!(problem.detail, "`return_url` must be at most 2048 bytes long");
}

#[tokio::test]
async fn b12_a_hybrid_apps_origin_may_call() {
    let more = "[server]\nallowed_origins = [\"capacitor://localhost\", \"ionic://localhost\"]\n";
    let bench = Bench::with(DesktopFlow::Precreate, more).await;
    let session = bench.shop.open().await;
    let url = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    for origin in ["capacitor://localhost", "ionic://localhost"] {
        let answer = call(Method::GET, &url, &[("origin", origin)], "").await;
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
    let answer = call(Method::GET, &url, &[("origin", "tauri://localhost")], "").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn b12_only_an_apps_named_address_may_be_returned_to() {
    let more = "[server]\nallowed_return_urls = [\"shopapp://paid\"]\n";
    let bench = Bench::with(DesktopFlow::Precreate, more).await;
    let session = bench.shop.open_with(json!({ "return_url": "shopapp://paid" })).await;
    let hosted = call(Method::GET, &session.hosted_url, &[], "").await.text();
    assert!(hosted.contains("href=\"shopapp://paid\""), "{hosted}");
    let with = |url: &str| {
        let mut body = start_body("wechat_pay");
        body["return_url"] = json!(url);
        body
    };
    let started = bench.shop.try_start(&session, &unique("k"), with("shopapp://paid")).await;
    assert_eq!(started.status, 200, "{}", started.text());
    for url in ["shopapp://paid?order=1", "shopapp://other", "SHOPAPP://paid"] {
        let refused = bench.shop.try_start(&session, &unique("k"), with(url)).await;
        refused.problem(400, "parameter_invalid");
        let opened = bench.shop.create(&unique("k"), json!({ "return_url": url })).await;
        opened.problem(400, "parameter_invalid");
    }
}
