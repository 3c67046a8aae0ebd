//! The shopper's phone.

use serde_json::{Value, json};

use crate::net::Answer;
use crate::world::{Count, World};

/// A payment that a wallet confirmed to its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) order: PaidOrder,
    pub(crate) amount_fen: i64,
}

/// The order that was paid, by the number that the payer has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PaidOrder {
    /// The order's number at the gateway, from the phone's screen.
    Number(String),
    /// The payment for which the page navigated there.
    Payment(String),
}

/// Scans a code and pays; `None` if the wallet refuses.
pub(crate) async fn pay(world: &World, code: &str, user: &str) -> Option<Paid> {
    world.count(Count::Call, "phone");
    let url = format!("{}/sandbox/approve", world.sandbox);
    let answer = world.net.post_json(&url, &json!({ "code": code, "user": user })).await.ok()?;
    paid(&answer)
}

/// Scans a code and does not pay.
pub(crate) async fn scan(world: &World, code: &str, user: &str) {
    world.count(Count::Call, "phone");
    let url = format!("{}/sandbox/scan", world.sandbox);
    // The result does not matter to a shopper who does not pay.
    let _ = world.net.post_json(&url, &json!({ "code": code, "user": user })).await;
}

fn paid(answer: &Answer) -> Option<Paid> {
    let view = answer.status.is_success().then(|| answer.json())?;
    Some(Paid {
        order: PaidOrder::Number(view.get("out_trade_no")?.as_str()?.to_owned()),
        amount_fen: view.get("amount").and_then(Value::as_i64)?,
    })
}
