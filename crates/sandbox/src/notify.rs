//! Delivers notifications: one task per event, with the gateway's retry schedule divided by the speed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;

use crate::alipay::notify as alipay;
use crate::book::{Attempt, Outcome};
use crate::chaos::{Fault, Kind};
use crate::event::{About, Event};
use crate::faults::Faults;
use crate::loopback;
use crate::state::Shared;
use crate::wallet::Wallet;
use crate::wechat::notify as wechat;

/// Starts the notification task; returns at once.
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
        let delay_ms = delay_s * 1000 / u64::from(shared.notifier.speed());
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
        shared.notifier.count_try(event);
        if delivered {
            if fault == Some(Fault::Repeated) {
                once().await;
            }
            return;
        }
    }
    tracing::warn!(order.out_trade_no = event.out_trade_no, "gave up notifying the merchant");
}

/// Returns the fault of this event's notification with all its tries; waits first if it must be
/// late.
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
            // No other notification was sent in time: it is sent nevertheless.
            let hold = Duration::from_millis(hold_ms);
            let _ = tokio::time::timeout(hold, shared.notifier.overtaken(event)).await;
        }
        _ => {}
    }
    fault
}

/// The fault switches that delay an event.
async fn hold(shared: &Shared, event: &Event) {
    let (delay_ms, told_last) = {
        let faults = shared.faults();
        (faults.notify_delay_ms, faults.payment_told_last)
    };
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    if told_last && matches!(event.about, About::Payment) {
        let _ = tokio::time::timeout(MAX_HOLD, shared.notifier.overtaken(event)).await;
    }
}

/// Makes one try; returns true if the merchant acknowledged.
async fn attempt(
    shared: &Shared,
    event: &Event,
    url: &Uri,
    faults: &Faults,
    bad_signature: bool,
) -> bool {
    let message = match event.wallet {
        Wallet::WechatPay => wechat::message(shared, event, faults, bad_signature),
        Wallet::Alipay => alipay::message(shared, event, faults, bad_signature),
    };
    let Some(message) = message else { return false };
    let mut request = Request::new(Full::new(Bytes::from(message.body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.clone();
    *request.headers_mut() = message.headers;
    match tokio::time::timeout(ANSWER_TIMEOUT, send(shared.notifier.client(), request)).await {
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

/// WeChat Pay requires 200 or 204; Alipay requires 200 and exactly `success` (gateways.md A8, B9).
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
/// Limits the time that a merchant may take to answer, whatever the speed (gateways.md A8).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Limits the time that a payment waits for another event of its order to be sent first.
const MAX_HOLD: Duration = Duration::from_secs(60);
const MAX_REPLY: usize = 64 * 1024;
