//! Faults at the gateways: of single calls, and of all calls during a period.
//!
//! The faults of single calls are the sandbox's own: a pure function of seed, kind of call, order
//! (given by its shopper's description, because order numbers are random) and ordinal.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::error::RunError;
use crate::world::{Count, World};

/// Sets the faults of single calls and notifications.
pub(crate) async fn set_chaos(world: &World) -> Result<(), RunError> {
    let call = json!({
        "drop_before": 10, "drop_after": 12, "error_before": 10, "error_after": 12, "late": 15, "html": 6,
        "bad_signature": 8, "truncated": 8, "limited": 8,
    });
    let mut refund = call.clone();
    if let Some(faults) = refund.as_object_mut() {
        for fault in ["not_enough", "abnormal", "closed"] {
            faults.insert(fault.to_owned(), json!(20));
        }
    }
    let notify = json!({
        "lost": 80, "repeated": 60, "concurrent": 60, "delayed": 80, "reordered": 40, "bad_signature": 30,
    });
    let settings = json!({
        "seed": world.seed,
        "key": "description",
        "per_mille": {
            "order": call, "query": call, "close": call, "refund": refund, "refund_query": call,
            "notify": notify, "refund_notify": notify,
        },
        // In real milliseconds: up to 6, 40 and 20 seconds of the fast clock.
        "late_ms": world.clock.real(6_000).as_millis(),
        "notify_delay_ms": world.clock.real(40_000).as_millis(),
        "notify_hold_ms": world.clock.real(20_000).as_millis(),
    });
    let url = format!("{}/sandbox/chaos", world.sandbox);
    match world.net.post_json(&url, &settings).await {
        Ok(answer) if answer.status.is_success() => Ok(()),
        answer => Err(RunError::plain(format!("the sandbox refuses the faults: {answer:?}"))),
    }
}

/// Adds the counts of faults of single calls to the report, and ends these faults.
async fn end_chaos(world: &World) -> Result<(), RunError> {
    let url = format!("{}/sandbox/chaos", world.sandbox);
    let shown = world.net.get(&url).await.map_err(|_| silent())?.json();
    let kinds = shown.get("injected").and_then(Value::as_object);
    for (kind, faults) in kinds.into_iter().flatten() {
        for (fault, count) in faults.as_object().into_iter().flatten() {
            let name = format!("gateway {kind} {fault}");
            world.count_more(Count::Fault, &name, count.as_u64().unwrap_or(0));
        }
    }
    match world.net.call(Method::DELETE, &url, &[], bytes::Bytes::new()).await {
        Ok(answer) if answer.status.is_success() => Ok(()),
        _ => Err(silent()),
    }
}

fn silent() -> RunError {
    RunError::plain("the sandbox does not answer about its faults".to_owned())
}

/// A period with one fault of the gateways, or none.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    pub(crate) name: &'static str,
    pub(crate) switches: Value,
    pub(crate) lasts_ms: u64,
}

impl Stretch {
    /// Returns the period with this ordinal.
    pub(crate) fn drawn(seed: u64, ordinal: u64) -> Self {
        let mut dice = Dice::new(&[seed, STRETCHES, ordinal]);
        let lasts_ms = dice.range(2_000, 20_000);
        let kinds = [
            (48, ("gateways well", json!({}))),
            (8, ("notifications of a wrong amount", json!({ "notification_wrong_amount": true }))),
            (8, ("probe signatures in answers", json!({ "signtest_response": true }))),
            (8, ("probe signatures in notifications", json!({ "signtest_notification": true }))),
            (8, ("alipay answers unsigned", json!({ "alipay_unsigned": true }))),
            (10, ("gateways slow", json!({ "slow_ms": dice.range(20, 400) }))),
            (10, ("gateways down", json!({ "down": true }))),
        ];
        let (name, switches) = dice.pick(&kinds).unwrap_or(("gateways well", json!({})));
        let lasts_ms = if name == "gateways down" { lasts_ms.min(6_000) } else { lasts_ms };
        Self { name, switches, lasts_ms }
    }
}

/// Applies one period after the other, until it is dropped.
pub(crate) async fn change(world: Arc<World>) {
    for ordinal in 0.. {
        let stretch = Stretch::drawn(world.seed, ordinal);
        if reset(&world).await.is_ok() {
            let url = format!("{}/sandbox/faults", world.sandbox);
            let mut switches = stretch.switches.clone();
            if let Some(switches) = switches.as_object_mut() {
                let usual = json!(world.clock.real(world.gateway_ms).as_millis());
                switches.entry("slow_ms").or_insert(usual);
            }
            if world.net.post_json(&url, &switches).await.is_ok() {
                world.count(Count::Fault, stretch.name);
            }
        }
        world.clock.sleep(stretch.lasts_ms).await;
    }
}

/// Ends all faults of the gateways.
pub(crate) async fn calm(world: &World) -> Result<(), RunError> {
    end_chaos(world).await?;
    reset(world).await
}

async fn reset(world: &World) -> Result<(), RunError> {
    let url = format!("{}/sandbox/faults", world.sandbox);
    let answer = world.net.call(Method::DELETE, &url, &[], bytes::Bytes::new()).await;
    match answer {
        Ok(answer) if answer.status.is_success() => Ok(()),
        _ => Err(silent()),
    }
}

/// Keeps the gateways' clock just behind the fast one, until it is dropped.
pub(crate) async fn keep_clock(world: Arc<World>) {
    let url = format!("{}/sandbox/clock", world.sandbox);
    let mut ahead_s = 0;
    loop {
        let wanted_s = world.clock.ahead_ms() / 1_000;
        if wanted_s > ahead_s {
            let advance = json!({ "advance_s": wanted_s - ahead_s });
            if world.net.post_json(&url, &advance).await.is_ok() {
                ahead_s = wanted_s;
            }
        }
        world.clock.sleep(500).await;
    }
}

/// Seed of these random numbers.
const STRETCHES: u64 = 4;
