//! Delivers notifications: one task per event, with the gateway's retry schedule divided by the speed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

use crate::book::{Attempt, Outcome};
use crate::faults::Faults;
use crate::server::Shared;
use crate::wallet::Wallet;
use crate::{alipay, loopback, wechat};

/// Sends notifications until the sandbox stops.
#[derive(Debug)]
pub(crate) struct Notifier {
    client: Client<HttpConnector, Full<Bytes>>,
    speed: u32,
    stopped: watch::Receiver<bool>,
}

/// An event to tell, the same over all its tries.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) wallet: Wallet,
    pub(crate) out_trade_no: String,
    pub(crate) notify_url: String,
    /// The gateway's name of the event: `id` at WeChat Pay, `notify_id` at Alipay.
    pub(crate) id: String,
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
        Self { client, speed: speed.max(1), stopped }
    }
}

/// Starts telling the merchant; returns at once.
pub(crate) fn spawn(shared: &Arc<Shared>, event: Event) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let mut stopped = shared.notifier.stopped.clone();
        tokio::select! {
            () = deliver(&shared, &event) => {}
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    });
}

async fn deliver(shared: &Shared, event: &Event) {
    let Some(url) = loopback::parse(&event.notify_url) else { return };
    let schedule = match event.wallet {
        Wallet::WechatPay => WECHAT_PAY_RETRIES_S,
        Wallet::Alipay => ALIPAY_RETRIES_S,
    };
    for (try_index, delay_s) in std::iter::once(&0).chain(schedule).enumerate() {
        let delay_ms = delay_s * 1000 / u64::from(shared.notifier.speed);
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        let faults = shared.faults().clone();
        if faults.drop_notifications {
            record(shared, event, Outcome::Dropped, None, None);
            return;
        }
        let first_try = try_index == 0;
        let delivered = if faults.duplicate_notifications {
            let (one, other) = tokio::join!(
                attempt(shared, event, &url, &faults, first_try),
                attempt(shared, event, &url, &faults, first_try)
            );
            one || other
        } else {
            attempt(shared, event, &url, &faults, first_try).await
        };
        if delivered {
            return;
        }
    }
    tracing::warn!(order.out_trade_no = event.out_trade_no, "gave up notifying the merchant");
}

/// One try; whether the merchant acknowledged.
async fn attempt(
    shared: &Shared,
    event: &Event,
    url: &Uri,
    faults: &Faults,
    first_try: bool,
) -> bool {
    let message = match event.wallet {
        Wallet::WechatPay => wechat::notify::message(shared, event, faults, first_try),
        Wallet::Alipay => alipay::notify::message(shared, event, faults),
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
    let number = book.attempts(event.wallet, &event.out_trade_no) + 1;
    tracing::info!(
        order.out_trade_no = event.out_trade_no,
        attempt.number = number,
        ?outcome,
        status,
        "notified"
    );
    let attempt = Attempt::new(number, outcome, status, reply);
    book.record_attempt(event.wallet, &event.out_trade_no, attempt);
    outcome == Outcome::Delivered
}

/// Seconds between the tries at WeChat Pay, about a day in all (gateways.md A8).
const WECHAT_PAY_RETRIES_S: &[u64] =
    &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
/// Seconds between the tries at Alipay (gateways.md B9).
const ALIPAY_RETRIES_S: &[u64] = &[240, 600, 600, 3600, 7200, 21_600, 54_000];
/// How long a merchant may take to answer, whatever the speed (gateways.md A8).
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_REPLY: usize = 64 * 1024;
