//! Access control: every call with every secret that is not its own.

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, ORIGIN, Opened, SECRET_KEY, call, payment_id};
use crate::dump::dump;
use crate::forger::bench;

/// The calls of a browser under a session's path.
fn browser_calls(payment: &str) -> Vec<(Method, String)> {
    vec![
        (Method::GET, String::new()),
        (Method::POST, "/payments".to_owned()),
        (Method::POST, format!("/payments/{payment}/refresh")),
        (Method::POST, format!("/payments/{payment}/check")),
        (Method::POST, format!("/payments/{payment}/cancel")),
        (Method::GET, "/events".to_owned()),
    ]
}

/// The calls of the merchant's servers, with bodies that would have an effect.
fn merchant_calls(session: &str, payment: &str, refund: &str) -> Vec<(Method, String, Value)> {
    let order = json!({
        "order_id": "forged", "description": "forged",
        "amount": { "value": 1, "currency": "CNY" },
    });
    vec![
        (Method::POST, "/v1/checkout/sessions".to_owned(), order),
        (Method::POST, format!("/v1/checkout/sessions/{session}/expire"), json!({})),
        (Method::POST, "/v1/refunds".to_owned(), json!({ "payment_id": payment })),
        (Method::GET, format!("/v1/refunds/{refund}"), json!({})),
        (Method::GET, "/v1/checkout/sessions?limit=1".to_owned(), json!({})),
        (Method::GET, "/v1/refunds?limit=1".to_owned(), json!({})),
        (Method::GET, "/v1/reconciliations/2026-11-27".to_owned(), json!({})),
    ]
}

fn url(bench: &Bench, session: &str, rest: &str) -> String {
    format!("{}/v1/checkout/sessions/{session}{rest}", bench.shop.base)
}

async fn ask(method: &Method, url: &str, authorization: Option<&str>, body: &str) -> Answer {
    let mut headers = vec![
        ("idempotency-key", "k-foreign"),
        ("content-type", "application/json"),
        ("origin", ORIGIN),
    ];
    headers.extend(authorization.map(|value| ("authorization", value)));
    call(method.clone(), url, &headers, body).await
}

const START: &str = "{\"payment_method\":\"alipay\",\"environment\":\"desktop\"}";

/// Wrong values that an attacker could send as client secret.
fn wrong_secrets(session: &Opened, other: &Opened) -> Vec<(&'static str, Option<String>)> {
    let secret = &session.secret;
    let bearer = |text: &str| Some(format!("Bearer {text}"));
    let tail = &secret[session.id.len() + "_secret_".len()..];
    vec![
        ("none", None),
        ("an empty one", Some(String::new())),
        ("a scheme alone", Some("Bearer".to_owned())),
        ("a scheme and a blank", Some("Bearer ".to_owned())),
        ("another session's", bearer(&other.secret)),
        (
            "its own id under another's secret",
            bearer(&other.secret.replace(&other.id, &session.id)),
        ),
        ("the id alone", bearer(&session.id)),
        ("the tail alone", bearer(tail)),
        ("one letter less", bearer(&secret[..secret.len() - 1])),
        ("one letter more", bearer(&format!("{secret}0"))),
        ("in capitals", bearer(&secret.to_uppercase())),
        ("the hosted page's token", bearer(session.hosted_url.rsplit('/').next().unwrap())),
        ("as a password", Some(format!("Basic {secret}"))),
        ("without a scheme", Some(secret.clone())),
        ("twice", bearer(&format!("{secret},{secret}"))),
        ("in quotes", bearer(&format!("\"{secret}\""))),
        ("a hash as text", bearer(&"0".repeat(64))),
        ("SQL", bearer("' OR 1=1 --")),
        ("a text of 8 kB", bearer(&"a".repeat(8_192))),
    ]
}

#[tokio::test]
async fn every_browser_call_refuses_every_secret_but_its_own() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let before = dump(&bench.shop.database);
    for (method, rest) in browser_calls(&payment) {
        for (name, authorization) in wrong_secrets(&session, &other) {
            let url = url(&bench, &session.id, &rest);
            let answer = ask(&method, &url, authorization.as_deref(), START).await;
            assert_eq!(answer.status, 401, "{method} {rest} with {name}: {}", answer.text());
            answer.problem(401, "client_secret_invalid");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    // The secret opens its session, in the header and nowhere else.
    for (method, rest) in browser_calls(&payment) {
        let query = format!("{}?client_secret={}", url(&bench, &session.id, &rest), session.secret);
        ask(&method, &query, None, START).await.problem(401, "client_secret_invalid");
        let body = json!({ "client_secret": session.secret }).to_string();
        let plain = url(&bench, &session.id, &rest);
        ask(&method, &plain, None, &body).await.problem(401, "client_secret_invalid");
        let cookie = format!("client_secret={}", session.secret);
        let answer = call(method, &plain, &[("cookie", &cookie)], START).await;
        answer.problem(401, "client_secret_invalid");
    }
    assert_eq!(dump(&bench.shop.database), before);
}

#[tokio::test]
async fn another_sessions_payment_is_not_found() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let before = dump(&bench.shop.database);
    for verb in ["refresh", "check", "cancel"] {
        let theirs = bench.shop.on_payment(&other, &payment, verb).await;
        let nobodys = bench.shop.on_payment(&other, "pay_nobody", verb).await;
        theirs.problem(404, "payment_not_found");
        assert_same(&theirs, &nobodys);
    }
    assert_eq!(dump(&bench.shop.database), before);
}

#[tokio::test]
async fn every_browser_call_reports_an_expired_secret() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    bench.shop.clock.advance(32 * 86_400_000);
    for (method, rest) in browser_calls(&payment) {
        let url = url(&bench, &session.id, &rest);
        let own = format!("Bearer {}", session.secret);
        ask(&method, &url, Some(&own), START).await.problem(401, "client_secret_expired");
        // Only the secret's holder gets this answer.
        let wrong = format!("Bearer {}0", session.secret);
        ask(&method, &url, Some(&wrong), START).await.problem(401, "client_secret_invalid");
    }
}

#[tokio::test]
async fn the_secret_key_cannot_make_browser_calls() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let key = format!("Bearer {SECRET_KEY}");
    for (method, rest) in browser_calls(&payment) {
        let answer = ask(&method, &url(&bench, &session.id, &rest), Some(&key), START).await;
        if rest.is_empty() {
            // The merchant may read, too; the answer has the order, not the secret.
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.text().contains("\"order_id\":\"order-"));
            assert!(!answer.text().contains(&session.secret));
        } else {
            answer.problem(401, "client_secret_invalid");
        }
    }
    let wrong = ask(&Method::GET, &url(&bench, &session.id, ""), Some("Bearer sk_wrong"), "").await;
    let nobody =
        ask(&Method::GET, &url(&bench, "cs_nobody", ""), Some("Bearer sk_wrong"), "").await;
    wrong.problem(401, "secret_key_invalid");
    assert_same(&wrong, &nobody);
}

#[tokio::test]
async fn an_unknown_session_gets_the_answer_of_a_wrong_secret() {
    let bench = bench("").await;
    let (session, other) = (bench.shop.open().await, bench.shop.open().await);
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let unknown = Opened { id: session.id.replace("cs_", "cs_0"), ..session.clone() };
    for (method, rest) in browser_calls(&payment) {
        for authorization in
            [None, Some(format!("Bearer {}", other.secret)), Some("Bearer x".to_owned())]
        {
            let is = url(&bench, &session.id, &rest);
            let is_not = url(&bench, &unknown.id, &rest);
            let is = ask(&method, &is, authorization.as_deref(), START).await;
            let is_not = ask(&method, &is_not, authorization.as_deref(), START).await;
            assert_same(&is, &is_not);
        }
    }
}

#[tokio::test]
async fn every_merchant_call_refuses_everything_but_the_secret_key() {
    let bench = bench("").await;
    bench.faults(json!({ "drop_notifications": false })).await;
    let (session, done) = bench.shop.paid(&bench, "wechat_pay").await;
    let payment = payment_id(&done);
    let refund = bench.shop.refund("k-own", json!({ "payment_id": payment })).await;
    assert_eq!(refund.status, 201, "{}", refund.text());
    let refund = refund.json::<Value>()["id"].as_str().unwrap().to_owned();
    bench.shop.wait_for_refund(&refund).await;
    let open = bench.shop.open().await;
    let before = dump(&bench.shop.database);
    let wrong = [
        None,
        Some("Bearer ".to_owned()),
        Some(format!("Bearer {}", session.secret)),
        Some(format!("Bearer {}", open.secret)),
        Some("Bearer sk_".to_owned()),
        Some(format!("Bearer {SECRET_KEY}0")),
        Some(format!("Bearer {}", &SECRET_KEY[..SECRET_KEY.len() - 1])),
        Some(format!("Bearer {}", SECRET_KEY.to_uppercase())),
        Some(format!("Basic {SECRET_KEY}")),
        Some(SECRET_KEY.to_owned()),
        Some("Bearer 0123456789abcdef0123456789abcdef".to_owned()),
    ];
    for (method, path, body) in merchant_calls(&open.id, &payment, &refund) {
        for authorization in &wrong {
            let url = format!("{}{path}", bench.shop.base);
            let answer = ask(&method, &url, authorization.as_deref(), &body.to_string()).await;
            answer.problem(401, "secret_key_invalid");
            assert_eq!(answer.header("access-control-allow-origin"), "", "not for browsers");
        }
    }
    // Without the key, existing and unknown refunds and sessions get the same answer.
    for (is, is_not) in [
        (format!("/v1/refunds/{refund}"), "/v1/refunds/re_nobody".to_owned()),
        (
            format!("/v1/checkout/sessions/{}/expire", open.id),
            "/v1/checkout/sessions/cs_nobody/expire".to_owned(),
        ),
    ] {
        let method = if is.ends_with("expire") { Method::POST } else { Method::GET };
        let is = ask(&method, &format!("{}{is}", bench.shop.base), None, "").await;
        let is_not = ask(&method, &format!("{}{is_not}", bench.shop.base), None, "").await;
        assert_same(&is, &is_not);
    }
    assert_eq!(dump(&bench.shop.database), before);
}

/// Checks that two answers cannot be distinguished.
#[track_caller]
fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(one.status, other.status);
    let body = |answer: &Answer| {
        let mut problem: Value = answer.json();
        problem["request_id"] = json!("");
        problem
    };
    assert_eq!(body(one), body(other));
    let headers = |headers: &HeaderMap| {
        let mut headers = headers.clone();
        headers.remove("request-id");
        headers.remove("date");
        headers
    };
    assert_eq!(headers(&one.headers), headers(&other.headers));
}
