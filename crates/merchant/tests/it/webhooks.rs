//! Webhooks with a real receiver that fails, hangs, and checks signatures.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{RefundStatus, SessionStatus};
use http::StatusCode;
use http_body_util::BodyExt as _;
use ring::hmac;
use sandbox::DesktopFlow;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bench::{Bench, Shop, code, payment_id};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Five seconds and the longest jitter.
const LONGEST_FIRST_WAIT_MS: i64 = 6_000;

/// A received event: its id and its body.
type Event = (String, Value);

#[derive(Clone, Default)]
struct Receiver {
    tries: Arc<Mutex<Vec<Event>>>,
    taken: Arc<Mutex<Vec<Event>>>,
    /// The answers to the next tries; all later ones are accepted.
    failures: Arc<Mutex<Vec<StatusCode>>>,
}

impl Receiver {
    async fn start(failures: &[StatusCode]) -> (Self, String) {
        let receiver = Self::default();
        receiver.failures.lock().unwrap().extend(failures.iter().rev());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    async fn wait_for_tries(&self, count: usize) -> Vec<Event> {
        for _ in 0..1_000 {
            let tries = self.tries.lock().unwrap().clone();
            if tries.len() >= count {
                return tries;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("only {:?}", self.tries.lock().unwrap());
    }

    fn names(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|(_, body)| body["type"].as_str().unwrap().to_owned()).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let header = |name: &str| head.headers[name].to_str().unwrap().to_owned();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
    let tag = header("webhook-signature");
    let tag = STANDARD.decode(tag.strip_prefix("v1,").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::verify(&key, format!("{id}.{timestamp}.{body}").as_bytes(), &tag).unwrap();
    assert_eq!(header("content-type"), "application/json");
    let event = (id, serde_json::from_str(&body).unwrap());
    receiver.tries.lock().unwrap().push(event.clone());
    match receiver.failures.lock().unwrap().pop() {
        Some(status) => status,
        None => {
            receiver.taken.lock().unwrap().push(event);
            StatusCode::NO_CONTENT
        }
    }
}

async fn bench(failures: &[StatusCode]) -> (Bench, Receiver, String) {
    let (receiver, url) = Receiver::start(failures).await;
    let more = format!("[webhooks]\nurl = \"{url}\"\nsecret = \"{SECRET}\"");
    (Bench::with(DesktopFlow::Precreate, &more).await, receiver, more)
}

#[tokio::test]
async fn a_receiver_that_fails_twice_gets_the_same_event_again() {
    let (bench, receiver, _) = bench(&[StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND]).await;
    let (session, done) = bench.shop.paid(&bench, "wechat_pay").await;
    receiver.wait_for_tries(1).await;
    bench.shop.wait_for_attempts(1).await;
    bench.shop.clock.advance(LONGEST_FIRST_WAIT_MS);
    receiver.wait_for_tries(2).await;
    bench.shop.wait_for_attempts(2).await;
    bench.shop.clock.advance(36_000);
    let tries = receiver.wait_for_tries(3).await;
    assert_eq!(tries.len(), 3);
    assert!(tries.iter().all(|event| *event == tries[0]), "the same id and body: {tries:?}");
    let (id, body) = &tries[0];
    assert!(id.starts_with("msg_"), "{id}");
    assert_eq!(body["type"], "checkout.session.completed");
    assert_eq!(body["data"]["id"], session.id);
    let order_id = body["data"]["order_id"].as_str().unwrap();
    assert!(order_id.starts_with("order-"), "{order_id}");
    assert_eq!(body["data"]["amount"], json!({ "value": 12_800, "currency": "CNY" }));
    assert_eq!(body["data"]["payment"]["id"], payment_id(&done));
    assert!(!body.to_string().contains(&session.secret), "no secret leaves");
}

#[tokio::test]
async fn events_of_a_second_capture_are_sent_in_order() {
    let (bench, receiver, _) = bench(&[]).await;
    let session = bench.shop.open().await;
    let old = bench.shop.start_payment(&session, "alipay").await;
    let new = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.approve(&code(&new)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    bench.approve(&code(&old)).await;
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    receiver.wait_for_tries(4).await;
    assert_eq!(
        receiver.names(),
        [
            "checkout.session.completed",
            "refund.updated",
            "refund.updated",
            "payment.duplicate_refunded"
        ]
    );
    let event = receiver.taken.lock().unwrap()[3].1.clone();
    assert_eq!(event["data"]["refund"]["reason"], "duplicate");
    assert_eq!(event["data"]["refund"]["status"], "succeeded");
    assert_eq!(event["data"]["refund"]["payment_id"], payment_id(&old));
}

#[tokio::test]
async fn l11_the_refund_of_a_late_capture_is_sent_as_event() {
    let (bench, receiver, _) = bench(&[]).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.shop.clock.advance(61_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    // Nobody had scanned it, so Alipay could not close it.
    bench.approve(&code(&started)).await;
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    receiver.wait_for_tries(4).await;
    assert_eq!(
        receiver.names(),
        [
            "checkout.session.expired",
            "refund.updated",
            "refund.updated",
            "payment.duplicate_refunded"
        ]
    );
    let event = receiver.taken.lock().unwrap()[3].1.clone();
    assert_eq!(event["data"]["refund"]["reason"], "late");
    assert_eq!(event["data"]["refund"]["status"], "succeeded");
    assert_eq!(event["data"]["refund"]["payment_id"], payment_id(&started));
}

#[tokio::test]
async fn an_expiry_is_sent_and_events_survive_a_restart() {
    let (mut bench, receiver, more) = bench(&[StatusCode::SERVICE_UNAVAILABLE]).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    bench.shop.clock.advance(60_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    let tries = receiver.wait_for_tries(1).await;
    bench.shop.wait_for_attempts(1).await;
    bench.shop.stop().await;
    bench.shop.clock.advance(LONGEST_FIRST_WAIT_MS);
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, &more, database, clock).await;
    assert_eq!(receiver.wait_for_tries(2).await[1], tries[0]);
    assert_eq!(receiver.names(), ["checkout.session.expired"]);
}

#[tokio::test]
async fn without_configuration_nothing_is_queued() {
    let bench = Bench::new().await;
    bench.shop.paid(&bench, "wechat_pay").await;
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM outbox"), 0);
}

fn endpoint(name: &str, url: &str, more: &str) -> String {
    format!("[[webhooks]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{more}\n")
}

#[tokio::test]
async fn each_endpoint_gets_the_events_of_its_types_and_none_waits_for_another() {
    let (all, all_url) = Receiver::start(&[]).await;
    let (refunds, refunds_url) = Receiver::start(&[]).await;
    // Accepts connections and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging_url = format!("http://{}/", hanging.local_addr().unwrap());
    let more = [
        endpoint("all", &all_url, ""),
        endpoint("hanging", &hanging_url, ""),
        endpoint("refunds", &refunds_url, "types = [\"refund.updated\"]"),
    ];
    let bench = Bench::with(DesktopFlow::Precreate, &more.join("")).await;
    // More events than an endpoint has permits, so that those of the hanging one are all in use.
    for _ in 0..20 {
        let session = bench.shop.open().await;
        let path = format!("/v1/checkout/sessions/{}/expire", session.id);
        assert_eq!(bench.shop.merchant(http::Method::POST, &path, "-", "").await.status, 200);
    }
    let (_, paid) = bench.shop.paid(&bench, "wechat_pay").await;
    bench.shop.refund("r", json!({ "payment_id": payment_id(&paid) })).await;
    refunds.wait_for_tries(2).await;
    all.wait_for_tries(23).await;
    assert_eq!(refunds.names(), ["refund.updated", "refund.updated"]);
    let ids = |receiver: &Receiver| {
        let taken = receiver.taken.lock().unwrap();
        taken.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    assert!(ids(&refunds).iter().all(|id| ids(&all).contains(id)), "one event has one id");
    let owed = "SELECT count(*) FROM outbox WHERE endpoint = 'hanging' AND done_at IS NULL";
    assert_eq!(bench.shop.stored::<u32>(owed), 23, "each event is owed to each endpoint");
}

#[tokio::test]
async fn gone_stops_an_endpoint_until_the_next_start_and_its_events_stay_owed() {
    let (mut bench, receiver, more) = bench(&[StatusCode::GONE]).await;
    for _ in 0..2 {
        let session = bench.shop.open().await;
        let path = format!("/v1/checkout/sessions/{}/expire", session.id);
        bench.shop.merchant(http::Method::POST, &path, "-", "").await;
        receiver.wait_for_tries(1).await;
        bench.shop.wait_for_attempts(1).await;
    }
    bench.shop.clock.advance(60_000);
    let lists = async |bench: &Bench| -> contract::List<contract::Event> {
        bench.shop.merchant(http::Method::GET, "/v1/events", "-", "").await.json()
    };
    let pending = lists(&bench).await;
    assert!(
        pending
            .data
            .iter()
            .all(|event| { event.deliveries[0].status == contract::DeliveryStatus::Pending })
    );
    assert_eq!(receiver.tries.lock().unwrap().len(), 1, "no second try");
    let ready = bench.shop.merchant(http::Method::GET, "/readyz", "-", "").await;
    let late: serde_json::Value = ready.json();
    assert_eq!(late["late"]["event_s"], 0, "the worker is not late with what it does not send");
    bench.shop.stop().await;
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, &more, database, clock).await;
    receiver.wait_for_tries(3).await;
    assert_eq!(receiver.names(), ["checkout.session.expired", "checkout.session.expired"]);
}
