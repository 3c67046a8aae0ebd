//! Traces reach a collector, continue the caller's, and are passed on to the receiver of events.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use http::Method;
use http_body_util::BodyExt as _;
use merchant_test_support::bench::{SECRET_KEY, call, keys, path};
use sandbox::DesktopFlow;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What a server on loopback was sent: path, `traceparent` and body.
type Received = Arc<Mutex<Vec<(String, Option<String>, Vec<u8>)>>>;

async fn server() -> (Received, String) {
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, url)
}

async fn receive(State(received): State<Received>, request: Request) {
    let (head, body) = request.into_parts();
    let parent = head.headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned());
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    received.lock().unwrap().push((head.uri.path().to_owned(), parent, body));
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Waits until a body holds these bytes.
async fn wait_for(received: &Received, path: &str, bytes: &[u8]) {
    for _ in 0..500 {
        let is_there = received.lock().unwrap().iter().any(|(at, _, body)| {
            at == path && body.windows(bytes.len()).any(|window| window == bytes)
        });
        if is_there {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let paths: Vec<_> = received.lock().unwrap().iter().map(|(path, ..)| path.clone()).collect();
    panic!("not received: {paths:?}");
}

#[tokio::test]
async fn a_trace_is_continued_exported_and_passed_on() {
    let (collected, collector) = server().await;
    let (events, endpoint) = server().await;
    let stem = path();
    let database = stem.with_extension("db");
    let config = database.with_extension("toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n\
         [webhooks]\nurl = \"{endpoint}/events\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n{}",
        database.display(),
        keys().gateways_toml("http://127.0.0.1:2", DesktopFlow::Page).replace("[server]\n", ""),
    );
    std::fs::write(&config, text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
        .args(["--config", config.to_str().unwrap()])
        .env("OPENCASHIER_SERVER__MERCHANT_NAME", "Tea")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)
        .env("OTEL_BSP_SCHEDULE_DELAY", "50")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("merchant listening on ").unwrap().to_owned();

    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let headers = [
        ("authorization", format!("Bearer {SECRET_KEY}")),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", "k".to_owned()),
        ("traceparent", parent),
    ];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = json!({ "order_id": "1", "amount": { "value": 100, "currency": "CNY" }, "description": "Tea" });
    let url = format!("{base}/v1/checkout/sessions");
    let opened = call(Method::POST, &url, &headers, &body.to_string()).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    wait_for(&collected, "/v1/traces", &bytes_of(TRACE)).await;
    wait_for(&collected, "/v1/traces", b"/v1/checkout/sessions").await;

    let id = opened.json::<Value>()["session"]["id"].as_str().unwrap().to_owned();
    call(Method::POST, &format!("{url}/{id}/expire"), &headers, "").await;
    wait_for(&events, "/events", b"checkout.session.expired").await;
    let passed_on = events.lock().unwrap()[0].1.clone().unwrap();
    let trace = passed_on.split('-').nth(1).unwrap().to_owned();
    wait_for(&collected, "/v1/traces", &bytes_of(&trace)).await;
    let _ = child.kill();
    let _ = child.wait();
    for end in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{end}", database.display()));
    }
    let _ = std::fs::remove_file(config);
}
