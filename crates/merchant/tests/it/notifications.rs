//! Notifications: replayed, forged, contradicting, foreign, lost.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use contract::{PaymentStatus, Session, SessionStatus};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use sandbox::DesktopFlow;
use serde_json::json;
use tokio::net::TcpListener;

use crate::bench::{Answer, Bench, Shop, call, code, payment_id, status};
use crate::stored::Database;

/// A notification that a gateway sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Clone, Default)]
pub(crate) struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recorder {
    /// Starts a receiver of notifications, which replaces the shop's.
    pub(crate) async fn start() -> (Self, String) {
        let recorder = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(record).with_state(recorder.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (recorder, base)
    }

    pub(crate) async fn next(&self) -> Sent {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        loop {
            if let Some(sent) = self.sent.lock().unwrap().pop() {
                return sent;
            }
            assert!(std::time::Instant::now() < deadline, "nothing was sent");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

async fn record(State(recorder): State<Recorder>, request: Request) -> &'static str {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers = head
        .headers
        .iter()
        .filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()));
    let sent = Sent {
        path: head.uri.path().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    recorder.sent.lock().unwrap().push(sent);
    "success"
}

impl Sent {
    pub(crate) async fn to(&self, shop: &Shop) -> Answer {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        call(Method::POST, &format!("{}{}", shop.base, self.path), &headers, &self.body).await
    }
}

/// Returns a bench whose notifications are recorded.
async fn recorded() -> (Bench, Recorder) {
    let (recorder, base) = Recorder::start().await;
    let more = format!("[server]\nnotify_url_base = \"{base}\"");
    (Bench::with(DesktopFlow::Precreate, &more).await, recorder)
}

#[track_caller]
pub(crate) fn assert_acknowledged(method: &str, answer: &Answer) {
    if method == "alipay" {
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"success"[..]));
        assert!(answer.header("content-type").starts_with("text/plain"));
    } else {
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::NO_CONTENT, &b""[..]));
    }
}

#[track_caller]
fn assert_refused(method: &str, status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{}", answer.text());
    if method == "alipay" {
        assert_eq!(&answer.body[..], b"fail");
        assert!(answer.header("content-type").starts_with("text/plain"));
    } else {
        assert_eq!(
            answer.json::<serde_json::Value>(),
            json!({ "code": "FAIL", "message": "失败" })
        );
    }
}

#[tokio::test]
async fn d06_a_replay_is_acknowledged_and_changes_nothing() {
    for method in ["wechat_pay", "alipay"] {
        let (bench, recorder) = recorded().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        let sent = recorder.next().await;
        assert_acknowledged(method, &sent.to(&bench.shop).await);
        // An acknowledgement means that the effect is written.
        let done = bench.shop.session(&session).await;
        assert_eq!(done.status, SessionStatus::Complete);
        let (one, other) = tokio::join!(sent.to(&bench.shop), sent.to(&bench.shop));
        assert_acknowledged(method, &one);
        assert_acknowledged(method, &other);
        assert_eq!(bench.shop.session(&session).await.revision, done.revision);
        assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM notifications"), 1);
    }
}

#[tokio::test]
async fn d07_a_changed_notification_is_refused() {
    for method in ["wechat_pay", "alipay"] {
        let (bench, recorder) = recorded().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        let sent = recorder.next().await;
        let mut forged = sent.clone();
        forged.body = match method {
            "alipay" => sent.body.replace("128.00", "1.00"),
            _ => sent.body.replacen("TRANSACTION", "TRANSACTIOM", 1),
        };
        assert_ne!(forged.body, sent.body);
        assert_refused(method, 400, &forged.to(&bench.shop).await);
        let mut unsigned = sent.clone();
        unsigned.headers.retain(|(name, _)| !name.starts_with("wechatpay-signature"));
        unsigned.body = unsigned.body.replace("&sign=", "&sing=").replace("sign=", "sing=");
        assert_refused(method, 400, &unsigned.to(&bench.shop).await);
        let garbage = Sent { body: "\u{0}{".to_owned(), ..sent };
        assert_refused(method, 400, &garbage.to(&bench.shop).await);
        assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Open);
    }
}

#[tokio::test]
async fn d16_another_amount_than_ordered_is_refused() {
    for method in ["wechat_pay", "alipay"] {
        let (bench, recorder) = recorded().await;
        bench.faults(json!({ "notification_wrong_amount": true })).await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        assert_refused(method, 404, &recorder.next().await.to(&bench.shop).await);
        assert_eq!(bench.shop.session(&session).await.status, SessionStatus::Open);
    }
}

#[tokio::test]
async fn a_foreign_order_is_refused() {
    for method in ["wechat_pay", "alipay"] {
        let (bench, recorder) = recorded().await;
        let session = bench.shop.open().await;
        let started = bench.shop.start_payment(&session, method).await;
        bench.approve(&code(&started)).await;
        let other = Shop::start(
            &bench.sandbox,
            DesktopFlow::Precreate,
            "",
            Database::new(),
            merchant::Clock::default(),
        )
        .await;
        let sent = recorder.next().await;
        assert_refused(method, 404, &sent.to(&other).await);
        // The same shop accepts it.
        assert_acknowledged(method, &sent.to(&bench.shop).await);
    }
}

#[tokio::test]
async fn d05_repeated_notifications_of_a_gateway_do_no_harm() {
    for faults in
        [json!({ "duplicate_notifications": true }), json!({ "signtest_notification": true })]
    {
        for method in ["wechat_pay", "alipay"] {
            let bench = Bench::new().await;
            bench.faults(faults.clone()).await;
            let session = bench.shop.open().await;
            let started = bench.shop.start_payment(&session, method).await;
            bench.approve(&code(&started)).await;
            bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
        }
    }
}

#[tokio::test]
async fn a_notification_that_is_too_large_is_refused() {
    let bench = Bench::new().await;
    let body = "x".repeat(64 * 1024 + 1);
    for method in ["wechat_pay", "alipay"] {
        let url = format!("{}/v1/notifications/{method}", bench.shop.base);
        call(Method::POST, &url, &[], &body).await.problem(413, "body_too_large");
    }
}

/// Waits until the first order has so many notifications, all acknowledged.
async fn acknowledged(bench: &Bench, count: usize) {
    for _ in 0..500 {
        let told = bench.orders().await[0]["notifications"].as_array().unwrap().clone();
        let is_taken = told.iter().all(|told| told["outcome"] == "delivered");
        if told.len() >= count && is_taken {
            assert_eq!(told.len(), count, "{told:?}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("not all were acknowledged: {:?}", bench.orders().await);
}

#[tokio::test]
async fn d09_a_notification_of_a_waiting_trade_changes_nothing() {
    let bench = Bench::new().await;
    bench.faults(json!({ "alipay_tells_waiting": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.scan(&code(&started)).await;
    acknowledged(&bench, 1).await;
    let waiting = bench.shop.session(&session).await;
    assert_eq!(waiting.revision, started.revision);
    assert_eq!(status(&waiting), PaymentStatus::RequiresAction);
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    acknowledged(&bench, 2).await;
}

#[tokio::test]
async fn d38_a_late_notification_of_a_waiting_trade_leaves_the_payment_paid() {
    let (bench, recorder) = recorded().await;
    bench.faults(json!({ "alipay_tells_waiting": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.scan(&code(&started)).await;
    let waiting = recorder.next().await;
    assert!(waiting.body.contains("WAIT_BUYER_PAY"), "{}", waiting.body);
    bench.approve(&code(&started)).await;
    assert_acknowledged("alipay", &recorder.next().await.to(&bench.shop).await);
    let done = bench.shop.session(&session).await;
    assert_eq!(done.status, SessionStatus::Complete);
    assert_acknowledged("alipay", &waiting.to(&bench.shop).await);
    assert_eq!(bench.shop.session(&session).await.revision, done.revision);
}

#[tokio::test]
async fn a_cancel_stays_one_if_the_notification_of_the_close_arrives_first() {
    let bench = Bench::new().await;
    bench.faults(json!({ "alipay_tells_closed": true })).await;
    let session = bench.shop.open().await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.scan(&code(&started)).await;
    // The notification of the closed trade arrives before the answer to the close.
    bench.faults(json!({ "slow_ms": 1_000 })).await;
    let payment = payment_id(&started);
    let told = async {
        acknowledged(&bench, 1).await;
        bench.shop.session(&session).await
    };
    let (told, canceled) = tokio::join!(told, bench.shop.on_payment(&session, &payment, "cancel"));
    assert_eq!(status(&told), PaymentStatus::Canceled, "told before the cancel is answered");
    let canceled: Session = canceled.json();
    assert_eq!(
        (canceled.status, status(&canceled)),
        (SessionStatus::Open, PaymentStatus::Canceled)
    );
    assert_eq!(canceled.revision, told.revision, "nothing was left to write");
}

#[tokio::test]
async fn d03_a_trade_that_timed_out_ends_the_payment_and_its_session_in_time() {
    let bench = Bench::new().await;
    bench.faults(json!({ "alipay_tells_closed": true })).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 120 })).await;
    let started = bench.shop.start_payment(&session, "alipay").await;
    bench.scan(&code(&started)).await;
    // The clock is not advanced: only the gateway's notification can end it.
    bench.faults(json!({ "down": true })).await;
    bench.shop.clock.advance(121_000);
    bench.advance(121).await;
    let ended = bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    assert_eq!(status(&ended), PaymentStatus::Expired);
    acknowledged(&bench, 1).await;
}

#[tokio::test]
async fn d02_a_capture_after_the_close_of_its_trade_is_not_lost() {
    let (bench, recorder) = recorded().await;
    bench.faults(json!({ "alipay_tells_closed": true })).await;
    let session = bench.shop.open().await;
    // Two trades: one is closed, the other is paid, and the notifications arrive in the wrong
    // order.
    let first = bench.shop.start_payment(&session, "alipay").await;
    bench.scan(&code(&first)).await;
    bench.shop.on_payment(&session, &payment_id(&first), "cancel").await;
    let closed = recorder.next().await;
    assert!(closed.body.contains("TRADE_CLOSED") && closed.body.contains("gmt_close"));
    assert!(!closed.body.contains("gmt_payment") && !closed.body.contains("fund_bill_list"));
    let second = bench.shop.start_payment(&session, "alipay").await;
    bench.approve(&code(&second)).await;
    assert_acknowledged("alipay", &recorder.next().await.to(&bench.shop).await);
    assert_acknowledged("alipay", &closed.to(&bench.shop).await);
    let done = bench.shop.session(&session).await;
    assert_eq!((done.status, status(&done)), (SessionStatus::Complete, PaymentStatus::Succeeded));
}
