//! Rate limits of one session and one address, which no other session or address notices.

use std::time::Instant;

use http::{Method, StatusCode};
use serde_json::json;

use crate::bench::{Answer, Bench, Opened, payment_id, send, start_body, unique};
use crate::forger::bench;

#[track_caller]
fn limited(answer: &Answer) -> i64 {
    let problem = answer.problem(429, "rate_limited");
    assert!(problem.retryable);
    assert!(problem.kind.ends_with(":rate_limit_error"), "{problem:?}");
    let seconds = answer.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=10).contains(&seconds), "{seconds}");
    seconds
}

/// Calls once more than allowed, or twice if the machine was slower than the limit.
async fn until_limited(bench: &Bench, session: &Opened, payment: &str, verb: &str) -> i64 {
    for _ in 0..5 {
        let answer = bench.shop.on_payment(session, payment, verb).await;
        if answer.status != 200 {
            return limited(&answer);
        }
    }
    panic!("{verb} is not limited");
}

/// Returns the calls that the limit allows again since `start`: one every three seconds, and two in
/// reserve for a slow machine.
fn earned(start: Instant) -> usize {
    usize::try_from(start.elapsed().as_secs() / 3).unwrap() + 2
}

async fn stream(bench: &Bench, session: &Opened) -> http::Response<hyper::body::Incoming> {
    let url = format!("{}/v1/checkout/sessions/{}/events", bench.shop.base, session.id);
    let authorization = format!("Bearer {}", session.secret);
    send(Method::GET, &url, &[("authorization", authorization.as_str())], bytes::Bytes::new()).await
}

#[tokio::test]
async fn starting_payments_is_limited_for_each_session() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let shop = &bench.shop;
    // Each switch of the wallet closes one order and makes another.
    let (mut switches, start) = (0, Instant::now());
    let answer = loop {
        let method = ["alipay", "wechat_pay"][switches % 2];
        let answer = shop.try_start(&session, &unique("key"), start_body(method)).await;
        if answer.status != 200 {
            break answer;
        }
        switches += 1;
    };
    let wait_s = limited(&answer);
    assert!((10..=10 + earned(start)).contains(&switches), "{switches}");
    // The existing payment is unchanged: a limit closes nothing.
    let active = shop.session(&session).await;
    assert!(active.payment.as_ref().unwrap().next_action.is_some());
    // A refresh counts as the same kind of work.
    until_limited(&bench, &session, &payment_id(&active), "refresh").await;
    shop.start_payment(&other, "alipay").await;
    shop.clock.advance(wait_s * 1_000);
    let answer = shop.try_start(&session, &unique("key"), start_body("alipay")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn renewing_a_code_is_limited_for_each_session() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let payment = payment_id(&bench.shop.start_payment(&session, "alipay").await);
    let theirs = payment_id(&bench.shop.start_payment(&other, "alipay").await);
    let (mut renewals, start) = (0, Instant::now());
    let answer = loop {
        let answer = bench.shop.on_payment(&session, &payment, "refresh").await;
        if answer.status != 200 {
            break answer;
        }
        renewals += 1;
    };
    let wait_s = limited(&answer);
    assert!((9..=9 + earned(start)).contains(&renewals), "{renewals}");
    assert_eq!(bench.shop.on_payment(&other, &theirs, "refresh").await.status, 200);
    bench.shop.clock.advance(wait_s * 1_000);
    assert_eq!(bench.shop.on_payment(&session, &payment, "refresh").await.status, 200);
}

#[tokio::test]
async fn checks_are_limited_for_each_payment() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let theirs = payment_id(&bench.shop.start_payment(&other, "wechat_pay").await);
    assert_eq!(bench.shop.on_payment(&session, &payment, "check").await.status, 200);
    let wait_s = until_limited(&bench, &session, &payment, "check").await;
    assert_eq!(bench.shop.on_payment(&other, &theirs, "check").await.status, 200);
    bench.shop.clock.advance(wait_s * 1_000);
    assert_eq!(bench.shop.on_payment(&session, &payment, "check").await.status, 200);
}

#[tokio::test]
async fn streams_are_limited_for_each_session() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let mut streams = Vec::new();
    for _ in 0..16 {
        let response = stream(&bench, &session).await;
        assert_eq!(response.status(), 200);
        streams.push(response);
    }
    let refused = bench.shop.browser(Method::GET, &session, "/events").await;
    limited(&refused);
    assert_eq!(stream(&bench, &other).await.status(), 200);
    // A closed stream frees its permit; the server notices at its next write, or at once.
    drop(streams);
    let mut status = StatusCode::TOO_MANY_REQUESTS;
    for _ in 0..500 {
        status = stream(&bench, &session).await.status();
        if status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_limit_applies_to_every_way_of_calling() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    until_limited(&bench, &session, &payment, "check").await;
    // The hosted page has the same limit.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let fields = format!("payment={payment}");
    let url = format!("{}/check", session.hosted_url);
    let mut location = String::new();
    for _ in 0..5 {
        let answer = crate::bench::call(Method::POST, &url, &form, &fields).await;
        answer.header("location").clone_into(&mut location);
        if location.ends_with("?notice=rate_limited") {
            break;
        }
    }
    assert!(location.ends_with("?notice=rate_limited"), "{location}");
    // A replayed key returns the stored answer, and calls no gateway.
    for _ in 0..30 {
        let answer = bench
            .shop
            .try_start(
                &session,
                "same",
                json!({
                    "payment_method": "wechat_pay", "environment": "desktop",
                }),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// Calls a session from the address that a proxy forwards.
async fn ask_from(bench: &Bench, session: &Opened, secret: &str, address: &str) -> Answer {
    let url = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    let authorization = format!("Bearer {secret}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-forwarded-for", address),
        ("origin", crate::bench::ORIGIN),
    ];
    crate::bench::call(Method::GET, &url, &headers, "").await
}

const BEHIND_A_PROXY: &str = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";

#[tokio::test]
async fn wrong_secrets_are_limited_for_each_address_without_locking_others_out() {
    let more = format!("{BEHIND_A_PROXY}[limits]\nwrong_secrets_per_minute = 5");
    let bench = bench(&more).await;
    let session = bench.shop.open().await;
    let guess = async |address| ask_from(&bench, &session, "cs_wrong_secret_x", address).await;
    for _ in 0..5 {
        guess("192.0.2.1").await.problem(401, "client_secret_invalid");
    }
    let refused = guess("192.0.2.1").await;
    refused.problem(429, "rate_limited");
    let wait_s: i64 = refused.header("retry-after").parse().unwrap();
    // A page may read the time to wait.
    assert_eq!(refused.header("access-control-allow-origin"), crate::bench::ORIGIN);
    assert!(refused.header("access-control-expose-headers").contains("retry-after"));
    // Not limited: the right secret from the same address, and another address.
    assert_eq!(ask_from(&bench, &session, &session.secret, "192.0.2.1").await.status, 200);
    guess("192.0.2.2").await.problem(401, "client_secret_invalid");
    // An entry that the client wrote itself changes nothing.
    guess("192.0.2.3, 192.0.2.1").await.problem(429, "rate_limited");
    bench.shop.clock.advance(wait_s * 1_000);
    guess("192.0.2.1").await.problem(401, "client_secret_invalid");
}

#[tokio::test]
async fn wrong_secret_keys_are_counted_with_the_others() {
    let bench = bench("[limits]\nwrong_secrets_per_minute = 3").await;
    let url = format!("{}/v1/refunds", bench.shop.base);
    let headers = [("authorization", "Bearer sk_wrong"), ("idempotency-key", "k")];
    for _ in 0..3 {
        let answer = crate::bench::call(Method::POST, &url, &headers, "{}").await;
        answer.problem(401, "secret_key_invalid");
    }
    limited_long(&crate::bench::call(Method::POST, &url, &headers, "{}").await);
    bench.shop.open().await;
}

#[tokio::test]
async fn calls_are_limited_for_each_address_before_anything_is_looked_up() {
    let more = format!("{BEHIND_A_PROXY}[limits]\ncalls_per_minute = 10");
    let bench = bench(&more).await;
    let session = bench.shop.open().await;
    for _ in 0..10 {
        assert_eq!(ask_from(&bench, &session, &session.secret, "192.0.2.1").await.status, 200);
    }
    limited_long(&ask_from(&bench, &session, &session.secret, "192.0.2.1").await);
    assert_eq!(ask_from(&bench, &session, &session.secret, "192.0.2.2").await.status, 200);
    bench.shop.clock.advance(60_000);
    assert_eq!(ask_from(&bench, &session, &session.secret, "192.0.2.1").await.status, 200);
}

#[tokio::test]
async fn opening_sessions_is_limited_for_each_address() {
    let bench = bench("[limits]\nsessions_per_minute = 2").await;
    bench.shop.open().await;
    bench.shop.open().await;
    let body = json!({
        "order_id": "a", "amount": { "value": 1, "currency": "CNY" }, "description": "Tea",
    });
    let open = async || {
        bench.shop.merchant(Method::POST, "/v1/checkout/sessions", "k", &body.to_string()).await
    };
    limited_long(&open().await);
    bench.shop.clock.advance(30_000);
    assert_eq!(open().await.status.as_u16() / 100, 2);
}

#[tokio::test]
async fn a_caller_that_is_no_trusted_proxy_cannot_change_its_address() {
    let bench = bench("[limits]\ncalls_per_minute = 3").await;
    let session = bench.shop.open().await;
    for number in 0..3 {
        let address = format!("192.0.2.{number}");
        assert_eq!(ask_from(&bench, &session, &session.secret, &address).await.status, 200);
    }
    limited_long(&ask_from(&bench, &session, &session.secret, "192.0.2.9").await);
}

/// Checks a refusal whose wait may be as long as a minute.
#[track_caller]
fn limited_long(answer: &Answer) {
    let problem = answer.problem(429, "rate_limited");
    assert!(problem.retryable && problem.kind.ends_with(":rate_limit_error"), "{problem:?}");
    let seconds: u32 = answer.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=61).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn h4_new_keys_for_an_existing_payment_store_nothing() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    bench.shop.start_payment(&session, "wechat_pay").await;
    let rows = "SELECT COUNT(*) FROM idempotency";
    let before: u32 = bench.shop.stored(rows);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let mut refused = 0;
    for number in 0..100 {
        let key = format!("key-{number}");
        if number % 2 == 0 {
            let body = json!({ "payment_method": "wechat_pay", "environment": "desktop" });
            let answer = bench.shop.try_start(&session, &key, body).await;
            refused += u32::from(answer.status == 429);
        } else {
            let fields = format!("method=wechat_pay&key={key}");
            let url = format!("{}/pay", session.hosted_url);
            let answer = crate::bench::call(Method::POST, &url, &form, &fields).await;
            refused += u32::from(answer.header("location").ends_with("?notice=rate_limited"));
        }
    }
    assert_eq!(bench.shop.stored::<u32>(rows), before, "no row for an existing payment");
    assert!(refused > 10, "every start counts, by either way: {refused}");
}

#[tokio::test]
async fn h4_the_hosted_page_counts_for_the_callers_address() {
    let bench = bench("[limits]\ncalls_per_minute = 5\n").await;
    let session = bench.shop.open().await;
    let mut refused = 0;
    for _ in 0..10 {
        let page = crate::bench::call(Method::GET, &session.hosted_url, &[], "").await;
        refused += u32::from(page.status == 429);
    }
    assert!(refused >= 4, "{refused}");
}

/// Opens idle connections and keeps them open.
async fn idle(bench: &Bench, count: usize) -> Vec<tokio::net::TcpStream> {
    let address = bench.shop.base.trim_start_matches("http://").to_owned();
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    streams
}

/// Returns the answer to a new connection, as far as there is one.
async fn answered(bench: &Bench) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = bench.shop.base.trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(request).await;
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

#[tokio::test]
async fn m6_one_address_cannot_take_every_connection() {
    let bench = bench("[limits]\nconnections_per_address = 5\n").await;
    let held = idle(&bench, 5).await;
    assert_eq!(answered(&bench).await, "", "closed at once");
    drop(held);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(answered(&bench).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn m6_above_the_limit_a_caller_gets_an_answer_at_once() {
    let bench = bench("[limits]\nconnections = 5\n").await;
    let held = idle(&bench, 5).await;
    assert!(answered(&bench).await.starts_with("HTTP/1.1 503"));
    drop(held);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(answered(&bench).await.starts_with("HTTP/1.1 200"));
}
