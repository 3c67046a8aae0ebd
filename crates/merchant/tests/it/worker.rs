//! The worker under load: a receiver that hangs, slow gateways, many waiting shoppers, and a wall
//! clock that is set back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use contract::{Refund, SessionStatus};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use sandbox::DesktopFlow;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::bench::{Bench, Opened, SECRET_KEY, Shop, call, code, payment_id};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The receiver's answers.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Hangs,
    Refuses,
    /// Answers 400 to `payment.failed`, as a receiver without a branch for it does.
    KnowsNoFailure,
    Takes,
}

struct Receiver {
    mood: watch::Sender<Mood>,
    taken: std::sync::Mutex<Vec<Value>>,
}

impl Receiver {
    async fn start(mood: Mood) -> (Arc<Self>, String) {
        let receiver =
            Arc::new(Self { mood: watch::Sender::new(mood), taken: std::sync::Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(Arc::clone(&receiver));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, format!("[webhooks]\nurl = \"{url}\"\nsecret = \"{SECRET}\""))
    }

    fn names(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> StatusCode {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let event: Value = serde_json::from_slice(&body).unwrap();
    let mut mood = receiver.mood.subscribe();
    let mood = *mood.wait_for(|mood| *mood != Mood::Hangs).await.unwrap();
    match mood {
        Mood::KnowsNoFailure if event["type"] == "payment.failed" => StatusCode::BAD_REQUEST,
        Mood::Takes | Mood::KnowsNoFailure => {
            receiver.taken.lock().unwrap().push(event);
            StatusCode::NO_CONTENT
        }
        Mood::Hangs | Mood::Refuses => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Waits until `is_so`, at most `limit`; returns the duration.
async fn within(limit: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

const SOON: Duration = Duration::from_secs(10);

/// The number that `sql` counts.
fn count(shop: &Shop, sql: &str) -> usize {
    usize::try_from(shop.stored::<u32>(sql)).unwrap()
}

/// Opens sessions that expire after a minute, many at once.
async fn open_idle(shop: &Shop, count: usize) {
    let mut opening = JoinSet::new();
    for number in 0..count {
        let url = format!("{}/v1/checkout/sessions", shop.base);
        opening.spawn(async move {
            let authorization = format!("Bearer {SECRET_KEY}");
            let order_id = format!("idle-{number}");
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
                ("idempotency-key", order_id.as_str()),
            ];
            let body = json!({
                "order_id": order_id,
                "amount": { "value": 12_800, "currency": "CNY" },
                "description": "Longjing tea",
                "expires_in_s": 60,
            });
            call(Method::POST, &url, &headers, &body.to_string()).await.status
        });
        if opening.len() == 8 {
            assert_eq!(opening.join_next().await.unwrap().unwrap(), 201);
        }
    }
    assert!(opening.join_all().await.iter().all(|status| *status == 201));
}

#[tokio::test]
async fn h1_2000_events_wait_while_their_receiver_hangs_for_an_hour_and_none_is_lost() {
    const EVENTS: usize = 2_000;
    const LONG: Duration = Duration::from_secs(180);
    let (receiver, more) = Receiver::start(Mood::Hangs).await;
    let bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let shop = &bench.shop;
    open_idle(shop, EVENTS).await;
    shop.clock.advance(60_000);
    within(LONG, "all sessions expire", async || {
        count(shop, "SELECT COUNT(*) FROM outbox") == EVENTS
    })
    .await;
    // An hour in which leases run out, without an answer.
    for _ in 0..40 {
        shop.clock.advance(91_000);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let most = "SELECT MAX(attempts) FROM outbox";
    assert_eq!(shop.stored::<u32>(most), 1, "what was not tried was not counted");
    receiver.mood.send_replace(Mood::Refuses);
    within(LONG, "each is tried", async || {
        shop.stored::<bool>("SELECT MIN(attempts) > 0 AND MAX(is_claimed) = 0 FROM outbox")
    })
    .await;
    let given_up = "SELECT COUNT(*) FROM outbox WHERE done_at IS NOT NULL";
    assert_eq!(count(shop, given_up), 0, "none is given up");
    receiver.mood.send_replace(Mood::Takes);
    shop.clock.advance(360_000);
    within(LONG, "all are taken", async || receiver.names().len() >= EVENTS).await;
    let mut ids: Vec<_> =
        receiver.taken.lock().unwrap().iter().map(|event| event["data"]["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), EVENTS, "each of them");
}

#[tokio::test]
async fn b7_a_completed_session_is_sent_at_once_though_the_receiver_refuses_an_earlier_event() {
    let (receiver, more) = Receiver::start(Mood::KnowsNoFailure).await;
    let bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let session = bench.shop.open().await;
    bench.faults(json!({ "wechat_no_auth": ["native"] })).await;
    let failed = bench.shop.start_payment(&session, "wechat_pay").await;
    assert_eq!(crate::bench::status(&failed), contract::PaymentStatus::Failed);
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    within(SOON, "paid is told", async || {
        receiver.names().contains(&"checkout.session.completed".to_owned())
    })
    .await;
    assert!(!receiver.names().contains(&"payment.failed".to_owned()), "that one was refused");
}

/// Opens sessions whose payments have a waiting shopper.
async fn waiting(shop: &Shop, method: &str, count: usize) -> Vec<Opened> {
    let mut sessions = Vec::new();
    for number in 0..count {
        let order_id = format!("waits-{method}-{number}");
        let session = shop.open_with(json!({ "order_id": order_id })).await;
        shop.start_payment(&session, method).await;
        sessions.push(session);
    }
    sessions
}

#[tokio::test]
async fn h2_a_refund_begins_at_once_with_many_waiting_shoppers_at_a_slow_gateway() {
    let bench = Bench::new().await;
    let shop = &bench.shop;
    let (_, done) = shop.paid(&bench, "wechat_pay").await;
    let sessions = waiting(shop, "wechat_pay", 80).await;
    bench.faults(json!({ "slow_ms": 3_000 })).await;
    for session in &sessions {
        shop.session(session).await;
    }
    // All of them are due.
    shop.clock.advance(8_000);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let refund: Refund = shop.refund("k1", json!({ "payment_id": payment_id(&done) })).await.json();
    let begun = within(Duration::from_secs(5), "the refund begins", async || {
        shop.stored::<bool>("SELECT attempts > 0 FROM outbox WHERE kind = 'refund'")
    })
    .await;
    assert!(begun < Duration::from_secs(2), "{begun:?}");
    // It is at the gateway, and not queued behind 80 queries of three seconds.
    within(Duration::from_secs(5), "the gateway has it", async || {
        bench.orders().await.iter().any(|order| order["refunded"] != 0)
    })
    .await;
    let _ = refund;
}

#[tokio::test]
async fn h2_a_session_expires_in_time_with_many_waiting_shoppers_at_a_slow_gateway() {
    let bench = Bench::new().await;
    let shop = &bench.shop;
    let ending = shop.open_with(json!({ "order_id": "ends", "expires_in_s": 100 })).await;
    shop.start_payment(&ending, "wechat_pay").await;
    let sessions = waiting(shop, "wechat_pay", 80).await;
    bench.faults(json!({ "slow_ms": 2_000 })).await;
    for session in &sessions {
        shop.session(session).await;
    }
    shop.clock.advance(100_000);
    // A close and a query, of two seconds each.
    within(SOON, "it expires", async || {
        shop.session(&ending).await.status == SessionStatus::Expired
    })
    .await;
}

#[tokio::test]
async fn h2_at_a_slow_gateway_all_waiting_payments_are_queried_and_all_ended_ones_expire() {
    let bench = Bench::new().await;
    let shop = &bench.shop;
    for number in 0..30 {
        let more = json!({ "order_id": format!("ends-{number}"), "expires_in_s": 100 });
        let session = shop.open_with(more).await;
        shop.start_payment(&session, "wechat_pay").await;
    }
    waiting(shop, "wechat_pay", 90).await;
    bench.faults(json!({ "slow_ms": 60_000 })).await;
    shop.clock.advance(100_000);
    // No call ends before its timeout of ten seconds, so that all must run at once.
    within(Duration::from_secs(8), "all have begun", async || {
        count(shop, "SELECT COUNT(*) FROM payments WHERE leased_until IS NOT NULL") == 120
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_not_claimed_again_while_three_slow_calls_may_be_under_way() {
    let bench = Bench::new().await;
    let shop = &bench.shop;
    waiting(shop, "wechat_pay", 1).await;
    bench.faults(json!({ "slow_ms": 60_000 })).await;
    shop.clock.advance(8_000);
    let claimed = "SELECT claim = 1 AND leased_until IS NOT NULL FROM payments";
    within(SOON, "it is queried", async || shop.stored::<bool>(claimed)).await;
    // Each call may be repeated at the gateway's backup host.
    shop.clock.advance(3 * 20_000 + 1_000);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(shop.stored::<bool>(claimed));
}

#[tokio::test]
async fn h2_a_gateway_that_hangs_does_not_slow_the_other() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((connection, _)) = hanging.accept().await {
            connections.push(connection);
        }
    });
    let mut bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "wechat_pay").await;
    waiting(&bench.shop, "alipay", 80).await;
    bench.shop.stop().await;
    let more = format!("[alipay]\ngateway_url = \"{url}/gateway.do\"\n");
    let (database, clock) = (bench.shop.database.clone(), bench.shop.clock.clone());
    bench.shop = Shop::start(&bench.sandbox, DesktopFlow::Precreate, &more, database, clock).await;
    // All are due, and each of Alipay's takes ten seconds to fail.
    bench.shop.clock.advance(60_000);
    tokio::time::sleep(Duration::from_millis(700)).await;
    bench.approve(&code(&started)).await;
    bench.shop.clock.advance(60_000);
    within(Duration::from_secs(5), "WeChat Pay is asked", async || {
        bench.shop.session(&session).await.status == SessionStatus::Complete
    })
    .await;
}

#[tokio::test]
async fn l4_a_wall_clock_that_is_set_back_delays_neither_queries_nor_events_nor_limits() {
    let (receiver, more) = Receiver::start(Mood::Refuses).await;
    let bench = Bench::with(DesktopFlow::Precreate, &more).await;
    let shop = &bench.shop;
    shop.clock.advance(7_200_000);
    let (paid, _) = shop.paid(&bench, "wechat_pay").await;
    let lost = shop.open_with(json!({ "order_id": "lost" })).await;
    let started = shop.start_payment(&lost, "alipay").await;
    let checked = shop.on_payment(&lost, &payment_id(&started), "check").await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    shop.wait_for_attempts(1).await;
    bench.faults(json!({ "drop_notifications": true })).await;
    bench.approve(&code(&started)).await;
    receiver.mood.send_replace(Mood::Takes);
    shop.clock.set_back(7_200_000);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let checked = shop.on_payment(&lost, &payment_id(&started), "check").await;
    assert_eq!(checked.status, 200, "two seconds have passed: {}", checked.text());
    shop.wait_for_status(&lost, SessionStatus::Complete).await;
    shop.clock.advance(5_000);
    within(SOON, "the event is sent again", async || receiver.names().len() >= 2).await;
    assert_eq!(shop.session(&paid).await.status, SessionStatus::Complete);
}

#[tokio::test]
async fn notifications_are_forgotten_after_a_month() {
    let bench = Bench::new().await;
    let count = || bench.shop.stored::<u32>("SELECT count(*) FROM notifications");
    bench.shop.paid(&bench, "wechat_pay").await;
    bench.shop.clock.advance(29 * 86_400_000);
    bench.shop.paid(&bench, "wechat_pay").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(count(), 2);
    bench.shop.clock.advance(2 * 86_400_000);
    within(SOON, "the older one is forgotten", async || count() == 1).await;
}
