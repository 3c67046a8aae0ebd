//! The shopper's phone, and the gateway's cashier page.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::net::Answer;
use crate::world::{Count, World};

/// A payment that the wallet confirmed to its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) out_trade_no: String,
    pub(crate) amount_fen: i64,
}

/// Scans and pays; none if the wallet refused.
pub(crate) async fn pay(world: &World, code: &str, user: &str) -> Option<Paid> {
    world.count(Count::Call, "phone");
    let url = format!("{}/sandbox/approve", world.sandbox);
    let answer = world.net.post_json(&url, &json!({ "code": code, "user": user })).await.ok()?;
    paid(&answer)
}

/// Scans, and does not pay.
pub(crate) async fn scan(world: &World, code: &str, user: &str) {
    world.count(Count::Call, "phone");
    let url = format!("{}/sandbox/scan", world.sandbox);
    // Whether the wallet takes the code makes no difference to who only looks.
    let _ = world.net.post_json(&url, &json!({ "code": code, "user": user })).await;
}

fn paid(answer: &Answer) -> Option<Paid> {
    let view = answer.status.is_success().then(|| answer.json())?;
    Some(Paid {
        out_trade_no: view.get("out_trade_no")?.as_str()?.to_owned(),
        amount_fen: view.get("amount").and_then(Value::as_i64)?,
    })
}

/// Goes where the widget sent the browser: the gateway's page, then its cashier.
pub(crate) async fn open_cashier(world: &Arc<World>, url: &str) -> Option<String> {
    world.count(Count::Call, "cashier");
    let answer = world.net.get(url).await.ok()?;
    let cashier = absolute(world, answer.header("location")?);
    let shown = world.net.get(&cashier).await.ok()?;
    shown.status.is_success().then_some(cashier)
}

/// Presses "pay" at the cashier. The answer is where the gateway sends the browser, if it was paid.
pub(crate) async fn pay_at_cashier(world: &World, cashier: &str) -> Option<String> {
    world.count(Count::Call, "cashier");
    let url = format!("{cashier}/pay");
    let answer = world.net.call(Method::POST, &url, &[], Bytes::new()).await.ok()?;
    answer.header("location").map(|location| absolute(world, location))
}

/// Walks away from the cashier.
pub(crate) async fn leave_cashier(world: &World, cashier: &str) {
    let url = format!("{cashier}/cancel");
    // Nothing changes at the gateway, so an answer says nothing.
    let _ = world.net.call(Method::POST, &url, &[], Bytes::new()).await;
}

/// Follows the gateway's way back to the backend, as the browser does; the page comes next.
pub(crate) async fn come_back(world: &World, url: &str) {
    world.count(Count::Call, "return");
    let _ = world.net.get(url).await;
}

fn absolute(world: &World, location: &str) -> String {
    if location.starts_with('/') {
        format!("{}{location}", world.sandbox)
    } else {
        location.to_owned()
    }
}

/// The number of the order that the cashier sends back with, from its return address.
pub(crate) fn number_in(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let pair = query.split('&').find_map(|pair| pair.strip_prefix("out_trade_no="))?;
    Some(pair.to_owned())
}
