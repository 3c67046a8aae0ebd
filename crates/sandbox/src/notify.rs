//! Delivers notifications: one task per event, with the gateway's retry schedule divided by the speed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::book::{Attempt, Outcome};
use crate::chaos::{Fault, Kind};
use crate::faults::Faults;
use crate::server::Shared;
use crate::wallet::Wallet;
use crate::{alipay, clock, loopback, random, wechat};

/// Sends notifications until the sandbox stops.
#[derive(Debug)]
pub(crate) struct Notifier {
    client: Client<HttpConnector, Full<Bytes>>,
    speed: u32,
    stopped: watch::Receiver<bool>,
    /// How many tries each order's notifications have had.
    told: watch::Sender<HashMap<(Wallet, String), u64>>,
}

/// An event to tell, the same over all its tries.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) wallet: Wallet,
    pub(crate) out_trade_no: String,
    pub(crate) about: About,
    pub(crate) notify_url: String,
    /// The gateway's name of the event: `id` at WeChat Pay, `notify_id` at Alipay.
    pub(crate) id: String,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum About {
    Payment,
    /// A buyer has opened an Alipay trade, which waits for the payment now.
    Opened,
    /// An Alipay trade was closed unpaid, then.
    Closed(OffsetDateTime),
    /// A refund came to its end; its number.
    Refund(String),
}

/// What one try sends; made freshly each time, because signatures carry the time.
pub(crate) struct Message {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Notifier {
    pub(crate) fn new(speed: u32, stopped: watch::Receiver<bool>) -> Self {
        // No idle connections: a gateway comes from anywhere, and a restarted merchant must be reached.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { client, speed: speed.max(1), stopped, told: watch::Sender::default() }
    }

    /// What divides the gateways' delays.
    pub(crate) fn speed(&self) -> u32 {
        self.speed
    }

    /// Turns true when the sandbox stops.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }

    fn told(&self, event: &Event) {
        self.told.send_modify(|told| {
            let count = told.entry((event.wallet, event.out_trade_no.clone())).or_default();
            *count = count.saturating_add(1);
        });
    }

    /// Waits until another event of the same order has been told.
    async fn overtaken(&self, event: &Event) {
        self.next_told(event.wallet, &event.out_trade_no).await;
    }

    /// Waits for the next try to tell of an order; tries before this call do not count.
    pub(crate) fn next_told(
        &self,
        wallet: Wallet,
        out_trade_no: &str,
    ) -> impl Future<Output = ()> + use<> {
        let order = (wallet, out_trade_no.to_owned());
        let mut told = self.told.subscribe();
        let before = told.borrow().get(&order).copied();
        async move {
            // An error means that the notifier is gone, and with it all waiting.
            let _ = told.wait_for(|told| told.get(&order).copied() != before).await;
        }
    }
}

/// A new `notify_id` of Alipay.
pub(crate) fn alipay_id(now: OffsetDateTime) -> String {
    format!("{}00222{}", clock::date_digits(now), random::digits(21))
}

/// Starts telling the merchant; returns at once.
pub(crate) fn spawn(shared: &Arc<Shared>, event: Event) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let mut stopped = shared.notifier.stopped();
        tokio::select! {
            () = deliver(&shared, &event) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    });
}

async fn deliver(shared: &Shared, event: &Event) {
    let Some(url) = loopback::parse(&event.notify_url) else { return };
    let fault = decide(shared, event).await;
    hold(shared, event).await;
    let schedule = match event.wallet {
        Wallet::WechatPay => WECHAT_PAY_RETRIES_S,
        Wallet::Alipay => ALIPAY_RETRIES_S,
    };
    for (try_index, delay_s) in std::iter::once(&0).chain(schedule).enumerate() {
        let delay_ms = delay_s * 1000 / u64::from(shared.notifier.speed);
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        let faults = shared.faults().clone();
        if faults.drop_notifications || fault == Some(Fault::Lost) {
            record(shared, event, Outcome::Dropped, None, None);
            return;
        }
        let bad_signature = try_index == 0
            && (fault == Some(Fault::BadSignature)
                || faults.signtest_notification && event.wallet == Wallet::WechatPay);
        let once = || attempt(shared, event, &url, &faults, bad_signature);
        let delivered = if faults.duplicate_notifications || fault == Some(Fault::Concurrent) {
            let (one, other) = tokio::join!(once(), once());
            one || other
        } else {
            once().await
        };
        shared.notifier.told(event);
        if delivered {
            if fault == Some(Fault::Repeated) {
                once().await;
            }
            return;
        }
    }
    tracing::warn!(order.out_trade_no = event.out_trade_no, "gave up notifying the merchant");
}

/// What chaos wants of this event with all its tries; waits if it is to come late.
async fn decide(shared: &Shared, event: &Event) -> Option<Fault> {
    let kind = match event.about {
        About::Payment | About::Opened | About::Closed(_) => Kind::Notify,
        About::Refund(_) => Kind::RefundNotify,
    };
    let (fault, delay_ms, hold_ms) = {
        let mut chaos = shared.chaos();
        let fault = chaos.is_on().then(|| chaos.decide(kind, &event.out_trade_no)).flatten();
        (fault, chaos.settings().notify_delay_ms, chaos.settings().notify_hold_ms)
    };
    match fault {
        Some(Fault::Delayed) => tokio::time::sleep(Duration::from_millis(delay_ms)).await,
        Some(Fault::Reordered) => {
            // Nothing overtook it in time: it goes out all the same.
            let hold = Duration::from_millis(hold_ms);
            let _ = tokio::time::timeout(hold, shared.notifier.overtaken(event)).await;
        }
        _ => {}
    }
    fault
}

/// The switches that let an event set out later.
async fn hold(shared: &Shared, event: &Event) {
    let (delay_ms, told_last) = {
        let faults = shared.faults();
        (faults.notify_delay_ms, faults.payment_told_last)
    };
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    if told_last && matches!(event.about, About::Payment) {
        let _ = tokio::time::timeout(LONGEST_HOLD, shared.notifier.overtaken(event)).await;
    }
}

/// One try; whether the merchant acknowledged.
async fn attempt(
    shared: &Shared,
    event: &Event,
    url: &Uri,
    faults: &Faults,
    bad_signature: bool,
) -> bool {
    let message = match event.wallet {
        Wallet::WechatPay => wechat::notify::message(shared, event, faults, bad_signature),
        Wallet::Alipay => alipay::notify::message(shared, event, faults, bad_signature),
    };
    let Some(message) = message else { return false };
    let mut request = Request::new(Full::new(Bytes::from(message.body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.clone();
    *request.headers_mut() = message.headers;
    match tokio::time::timeout(PATIENCE, send(&shared.notifier.client, request)).await {
        Err(_) => record(shared, event, Outcome::TimedOut, None, None),
        Ok(Err(())) => record(shared, event, Outcome::Unreachable, None, None),
        Ok(Ok((status, body))) => {
            let outcome = if acknowledges(event.wallet, status, &body) {
                Outcome::Delivered
            } else {
                Outcome::Refused
            };
            let reply: String = String::from_utf8_lossy(&body).chars().take(80).collect();
            record(shared, event, outcome, Some(status), Some(reply))
        }
    }
}

/// WeChat Pay wants 200 or 204; Alipay 200 and exactly `success` (gateways.md A8, B9).
fn acknowledges(wallet: Wallet, status: u16, body: &[u8]) -> bool {
    match wallet {
        Wallet::WechatPay => matches!(status, 200 | 204),
        Wallet::Alipay => status == 200 && body == b"success",
    }
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<(u16, Bytes), ()> {
    let response = client.request(request).await.map_err(|error| {
        tracing::info!(%error, "cannot reach the merchant");
    })?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_REPLY).collect().await.map_err(|error| {
        tracing::info!(%error, "cannot read the merchant's answer");
    })?;
    Ok((status, body.to_bytes()))
}

fn record(
    shared: &Shared,
    event: &Event,
    outcome: Outcome,
    status: Option<u16>,
    reply: Option<String>,
) -> bool {
    let mut book = shared.book();
    let Some(attempts) = book.attempts_mut(event) else { return false };
    let number = attempts.len() + 1;
    tracing::info!(
        order.out_trade_no = event.out_trade_no,
        attempt.number = number,
        ?outcome,
        status,
        "notified"
    );
    attempts.push(Attempt::new(number, outcome, status, reply));
    outcome == Outcome::Delivered
}

/// Seconds between the tries at WeChat Pay, about a day in all (gateways.md A8).
const WECHAT_PAY_RETRIES_S: &[u64] =
    &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
/// Seconds between the tries at Alipay (gateways.md B9).
const ALIPAY_RETRIES_S: &[u64] = &[240, 600, 600, 3600, 7200, 21_600, 54_000];
/// How long a merchant may take to answer, whatever the speed (gateways.md A8).
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a payment waits for another event of its order to be told first.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
const MAX_REPLY: usize = 64 * 1024;
