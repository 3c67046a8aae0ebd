//! Slow clients: disconnected in time, without delaying others.

use std::io::{ErrorKind, Write as _};
use std::time::{Duration, Instant};

use http::Method;

use crate::bench::{Bench, Opened, call};
use crate::forger::bench;
use crate::raw::{connect, read_to_end, status};

/// Limit for headers (15 s) and for a body (10 s), with room for a loaded machine.
const READ_LIMIT: Duration = Duration::from_secs(24);
/// Limit for reading answers (30 s), with room for a loaded machine.
const WRITE_LIMIT: Duration = Duration::from_secs(50);
/// Limit of the other clients' delay meanwhile.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// A slow client: it sends `first` at once, then `drip` repeatedly.
#[derive(Clone)]
struct SlowClient {
    name: &'static str,
    first: String,
    drip: &'static [u8],
    /// The expected status of the answer, if there is one.
    answer: u16,
}

fn slow_clients(session: &Opened) -> Vec<SlowClient> {
    let client = |name, first: &str, drip, answer| SlowClient {
        name,
        first: first.to_owned(),
        drip,
        answer,
    };
    let path = format!("/v1/checkout/sessions/{}/payments", session.id);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: slow\r\nContent-Type: application/json\r\n",
        session.secret
    );
    let notify = "POST /v1/notifications/alipay HTTP/1.1\r\nHost: shop\r\nContent-Length: 60000\r\n\r\nsign=";
    vec![
        client("sends nothing", "", b"", 0),
        client("sends one header byte a second", "GET /healthz HTTP/1.1\r\nX-Slow: ", b"a", 0),
        client(
            "sends one header a second",
            "GET /healthz HTTP/1.1\r\nHost: shop\r\n",
            b"a: b\r\n",
            0,
        ),
        client("stops within the headers", "GET /healthz HTTP/1.1\r\nHost: sh", b"", 0),
        client("stops within the method", "GE", b"", 0),
        client("sends blank lines", "\r\n", b"\r\n", 0),
        client("stops within the body", &format!("{head}Content-Length: 100\r\n\r\n{{"), b"", 503),
        client(
            "sends one byte of body a second",
            &format!("{head}Content-Length: 9000\r\n\r\n"),
            b" ",
            503,
        ),
        client(
            "sends chunks without end",
            &format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
            b"1\r\n \r\n",
            503,
        ),
        client(
            "stops within a chunk",
            &format!("{head}Transfer-Encoding: chunked\r\n\r\nffff\r\n "),
            b"",
            503,
        ),
        client("sends a notification slowly", notify, b"A", 503),
        client(
            "keeps the connection and sends no more",
            "GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"",
            200,
        ),
    ]
}

/// Sends slowly until it is disconnected; returns the duration and the answer.
fn send_slowly(base: &str, client: &SlowClient) -> (Duration, String) {
    let start = Instant::now();
    let mut stream = connect(base);
    stream.write_all(client.first.as_bytes()).unwrap();
    let mut received = String::new();
    while start.elapsed() < READ_LIMIT + Duration::from_secs(4) {
        let (is_closed, more) = read_to_end(&mut stream, Duration::from_secs(1));
        received.push_str(&more);
        if is_closed || stream.write_all(client.drip).is_err() {
            break;
        }
    }
    (start.elapsed(), received)
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_disconnected_and_others_are_served() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let copies = 12;
    let mut all = Vec::new();
    for client in slow_clients(&session) {
        for _ in 0..copies {
            let (base, client) = (bench.shop.base.clone(), client.clone());
            let thread = std::thread::spawn(move || {
                let (took, received) = send_slowly(&base, &client);
                (client, took, received)
            });
            all.push(thread);
        }
    }
    while all.iter().any(|thread| !thread.is_finished()) {
        serves(&bench, &session).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    for thread in all {
        let (client, took, received) = thread.join().unwrap();
        assert!(took < READ_LIMIT, "one that {} stayed connected for {took:?}", client.name);
        // hyper may answer 408 before it closes; the call must not be executed.
        let code = status(&received);
        let is_expected = code == client.answer || client.answer == 0 && code == 408;
        assert!(is_expected, "one that {} received {received}", client.name);
        if code == 503 && received.contains("problem+json") {
            assert!(
                received.contains("request_timed_out") && received.contains("retry-after"),
                "{received}"
            );
        }
    }
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 0, "nothing was done");
}

/// A client that sends requests and never reads the answers.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_read_are_disconnected() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let base = bench.shop.base.clone();
    let unread = std::thread::spawn(move || {
        let start = Instant::now();
        let mut stream = connect(&base);
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let request = "GET /v1/checkout/hosted.css HTTP/1.1\r\nHost: shop\r\n\r\n".repeat(100);
        // Until the socket's buffers are full: then the server waits for the client to read.
        while start.elapsed() < WRITE_LIMIT {
            match stream.write(request.as_bytes()) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return Some(start.elapsed()),
                Ok(_) => {}
            }
        }
        None
    });
    while !unread.is_finished() {
        serves(&bench, &session).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let took = unread.join().unwrap();
    assert!(took.is_some(), "it kept its connection for {WRITE_LIMIT:?} without reading a byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_idle_connections_block_no_other() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let idle: Vec<_> = (0..500).map(|_| connect(&bench.shop.base)).collect();
    for _ in 0..20 {
        serves(&bench, &session).await;
    }
    drop(idle);
}

/// Checks that a shopper and a health check get their answers meanwhile.
async fn serves(bench: &Bench, session: &Opened) {
    let start = Instant::now();
    let health = call(Method::GET, &format!("{}/healthz", bench.shop.base), &[], "").await;
    assert_eq!(health.status, 200);
    bench.shop.session(session).await;
    assert!(start.elapsed() < MAX_DELAY, "others waited {:?}", start.elapsed());
}
