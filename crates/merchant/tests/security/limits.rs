//! How often one session may call, and that no other session feels it.

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

/// Calls once more than is allowed, or twice where the machine was slower than the limit.
async fn until_limited(bench: &Bench, session: &Opened, payment: &str, verb: &str) -> i64 {
    for _ in 0..5 {
        let answer = bench.shop.on_payment(session, payment, verb).await;
        if answer.status != 200 {
            return limited(&answer);
        }
    }
    panic!("{verb} is not limited");
}

/// What the limit gives back every three seconds, on a machine that is slow.
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
    // What is there stays: a limit closes nothing.
    let active = shop.session(&session).await;
    assert!(active.payment.as_ref().unwrap().next_action.is_some());
    // Renewing the code is the same kind of work.
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
async fn asking_the_gateway_is_limited_for_each_payment() {
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
    // One that closes makes room; the server notices when it next writes, or at once.
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
async fn a_limit_is_not_got_round_by_other_doors() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    until_limited(&bench, &session, &payment, "check").await;
    // The hosted page is another door to the same room.
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
    // A replayed key asks for the same thing and is not counted: it answers what there is.
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
