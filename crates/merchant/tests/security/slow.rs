//! Slow clients: disconnected in time, without delaying others.

use std::io::{ErrorKind, Write as _};
use std::time::{Duration, Instant};

use http::Method;

use crate::bench::{Bench, Opened, call};
use crate::forger::bench;
use crate::raw::{connect, read_to_end, status};

/// Limit for headers (15 s) and for a body (10 s), with room for a loaded machine.
const CUT_OFF: Duration = Duration::from_secs(24);
/// Limit for reading answers (30 s), with room for a loaded machine.
const UNREAD_CUT_OFF: Duration = Duration::from_secs(50);
/// Limit of the other clients' delay meanwhile.
const BRISK: Duration = Duration::from_secs(2);

/// A slow client: it sends `first` at once, then `drip` repeatedly.
#[derive(Clone)]
struct Dawdler {
    name: &'static str,
    first: String,
    drip: &'static [u8],
    /// The expected status of the answer, if there is one.
    answer: u16,
}

fn dawdlers(session: &Opened) -> Vec<Dawdler> {
    let dawdler =
        |name, first: &str, drip, answer| Dawdler { name, first: first.to_owned(), drip, answer };
    let path = format!("/v1/checkout/sessions/{}/payments", session.id);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: slow\r\nContent-Type: application/json\r\n",
        session.secret
    );
    let notify = "POST /v1/notifications/alipay HTTP/1.1\r\nHost: shop\r\nContent-Length: 60000\r\n\r\nsign=";
    vec![
        dawdler("says nothing", "", b"", 0),
        dawdler("sends one header byte a second", "GET /healthz HTTP/1.1\r\nX-Slow: ", b"a", 0),
        dawdler(
            "sends one header a second",
            "GET /healthz HTTP/1.1\r\nHost: shop\r\n",
            b"a: b\r\n",
            0,
        ),
        dawdler("stops within the headers", "GET /healthz HTTP/1.1\r\nHost: sh", b"", 0),
        dawdler("stops within the method", "GE", b"", 0),
        dawdler("sends blank lines", "\r\n", b"\r\n", 0),
        dawdler("stops within the body", &format!("{head}Content-Length: 100\r\n\r\n{{"), b"", 503),
        dawdler(
            "sends one byte of body a second",
            &format!("{head}Content-Length: 9000\r\n\r\n"),
            b" ",
            503,
        ),
        dawdler(
            "sends chunks without end",
            &format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
            b"1\r\n \r\n",
            503,
        ),
        dawdler(
            "stops within a chunk",
            &format!("{head}Transfer-Encoding: chunked\r\n\r\nffff\r\n "),
            b"",
            503,
        ),
        dawdler("tells a gateway's news slowly", notify, b"A", 503),
        dawdler(
            "keeps the connection and says no more",
            "GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"",
            200,
        ),
    ]
}

/// Sends slowly until it is disconnected; returns the duration and the answer.
fn dawdle(base: &str, dawdler: &Dawdler) -> (Duration, String) {
    let start = Instant::now();
    let mut stream = connect(base);
    stream.write_all(dawdler.first.as_bytes()).unwrap();
    let mut said = String::new();
    while start.elapsed() < CUT_OFF + Duration::from_secs(4) {
        let (is_closed, more) = read_to_end(&mut stream, Duration::from_secs(1));
        said.push_str(&more);
        if is_closed || stream.write_all(dawdler.drip).is_err() {
            break;
        }
    }
    (start.elapsed(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn dawdlers_are_cut_off_and_others_are_served() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let copies = 12;
    let mut all = Vec::new();
    for dawdler in dawdlers(&session) {
        for _ in 0..copies {
            let (base, dawdler) = (bench.shop.base.clone(), dawdler.clone());
            let thread = std::thread::spawn(move || {
                let (took, said) = dawdle(&base, &dawdler);
                (dawdler, took, said)
            });
            all.push(thread);
        }
    }
    while all.iter().any(|thread| !thread.is_finished()) {
        serves(&bench, &session).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    for thread in all {
        let (dawdler, took, said) = thread.join().unwrap();
        assert!(took < CUT_OFF, "one that {} was let dawdle for {took:?}", dawdler.name);
        // hyper may answer 408 before it closes; the call must not be executed.
        let code = status(&said);
        let is_expected = code == dawdler.answer || dawdler.answer == 0 && code == 408;
        assert!(is_expected, "one that {} was told {said}", dawdler.name);
        if code == 503 && said.contains("problem+json") {
            assert!(said.contains("request_timed_out") && said.contains("retry-after"), "{said}");
        }
    }
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 0, "nothing was done");
}

/// A client that sends requests and never reads the answers.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_read_are_cut_off() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let base = bench.shop.base.clone();
    let clogged = std::thread::spawn(move || {
        let start = Instant::now();
        let mut stream = connect(&base);
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let request = "GET /v1/checkout/hosted.css HTTP/1.1\r\nHost: shop\r\n\r\n".repeat(100);
        // Until the socket's buffers are full: then the server waits for the client to read.
        while start.elapsed() < UNREAD_CUT_OFF {
            match stream.write(request.as_bytes()) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return Some(start.elapsed()),
                Ok(_) => {}
            }
        }
        None
    });
    while !clogged.is_finished() {
        serves(&bench, &session).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let took = clogged.join().unwrap();
    assert!(took.is_some(), "it kept its connection for {UNREAD_CUT_OFF:?} without reading a byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_idle_connections_keep_nobody_out() {
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
    assert!(start.elapsed() < BRISK, "others waited {:?}", start.elapsed());
}
