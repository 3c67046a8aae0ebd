//! Server-sent events.

use std::time::Duration;

use contract::{Session, SessionStatus};
use http::Method;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::json;

use crate::bench::{Bench, Opened, Shop, code, payment_id, send};

/// An event stream.
pub(crate) struct Events {
    body: Incoming,
    text: String,
}

impl Events {
    pub(crate) async fn open(shop: &Shop, session: &Opened, last_event_id: Option<u32>) -> Self {
        let authorization = format!("Bearer {}", session.secret);
        let last = last_event_id.map(|id| id.to_string());
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(last.as_ref().map(|id| ("last-event-id", id.as_str())));
        let url = format!("{}/v1/checkout/sessions/{}/events", shop.base, session.id);
        let response = send(Method::GET, &url, &headers, "".into()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body(), text: String::new() }
    }

    /// Returns the next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Session> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned))
                };
                if let Some(data) = field("data: ") {
                    let session: Session = serde_json::from_str(&data).unwrap();
                    assert_eq!(field("event: ").unwrap(), "session.updated");
                    assert_eq!(field("id: ").unwrap(), session.revision.to_string());
                    return Some(session);
                }
                assert!(block.starts_with("retry: ") || block.starts_with(':'), "{block:?}");
            }
            let frame = tokio::time::timeout(Duration::from_secs(10), self.body.frame());
            let frame = frame.await.expect("an event or the end")?;
            self.text += std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap();
        }
    }
}

#[tokio::test]
async fn changes_are_streamed_until_the_end() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let mut events = Events::open(&bench.shop, &session, None).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.status, first.revision), (SessionStatus::Open, 1));
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    let mut sent = events.next().await.unwrap();
    while sent.revision < started.revision {
        sent = events.next().await.unwrap();
    }
    assert_eq!(sent.payment, started.payment);
    bench.approve(&code(&started)).await;
    let done = events.next().await.unwrap();
    assert_eq!(done.status, SessionStatus::Complete);
    assert!(events.next().await.is_none(), "nothing comes after the end");
}

#[tokio::test]
async fn a_reconnected_page_gets_the_session_at_once() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    let mut stale = Events::open(&bench.shop, &session, Some(1)).await;
    assert_eq!(stale.next().await.unwrap().revision, started.revision);

    let mut current = Events::open(&bench.shop, &session, Some(started.revision)).await;
    assert_eq!(current.next().await.unwrap().revision, started.revision);
    bench.shop.on_payment(&session, &payment_id(&started), "cancel").await;
    assert!(current.next().await.unwrap().revision > started.revision, "then only news");
}

#[tokio::test]
async fn a_stream_of_an_ended_session_sends_it_and_ends() {
    let bench = Bench::new().await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    bench.shop.clock.advance(60_000);
    let expired = bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    for last in [None, Some(expired.revision)] {
        let mut events = Events::open(&bench.shop, &session, last).await;
        assert_eq!(events.next().await.unwrap().status, SessionStatus::Expired);
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn d04_a_waiting_shopper_triggers_queries() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    let mut events = Events::open(&bench.shop, &session, Some(started.revision)).await;
    // Past the first two planned queries; the next would be after one minute.
    for seconds in [6, 25] {
        bench.shop.clock.advance(seconds * 1_000);
        let checks = format!("SELECT checks >= {} FROM payments", if seconds == 6 { 1 } else { 2 });
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while !bench.shop.stored::<bool>(&checks) {
            assert!(std::time::Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(9_000);
    while events.next().await.unwrap().status != SessionStatus::Complete {}
}

#[tokio::test]
async fn streams_end_when_the_process_stops() {
    let mut bench = Bench::new().await;
    let session = bench.shop.open().await;
    let mut events = Events::open(&bench.shop, &session, None).await;
    events.next().await.unwrap();
    let (end, ()) = tokio::join!(events.next(), bench.shop.stop());
    assert!(end.is_none());
    bench.shop.database.remove();
}
