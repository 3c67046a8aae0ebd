//! The gateways' books: the sandbox's list of orders.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ledger::{Order, OrderRefund};
use crate::error::RunError;
use crate::world::World;

/// Reads the gateways' orders.
pub(crate) async fn orders(world: &World) -> Result<BTreeMap<String, Order>, RunError> {
    let url = format!("{}/sandbox/orders", world.sandbox);
    let answer = world.net.get(&url).await;
    let answer =
        answer.map_err(|_| RunError::plain("the sandbox does not list its orders".into()))?;
    let list = answer.json();
    let orders = list.as_array().map(Vec::as_slice).unwrap_or_default();
    orders.iter().map(|order| read_order(order).map(|it| (it.out_trade_no.clone(), it))).collect()
}

fn read_order(order: &Value) -> Result<Order, RunError> {
    let text = |name: &str| order.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing =
        |name: &str| RunError::plain(format!("an order of the sandbox has no {name}: {order}"));
    let number = |name: &str| order.get(name).and_then(Value::as_i64);
    let refunds = order.get("refunds").and_then(Value::as_array);
    let refunds = refunds.into_iter().flatten().filter_map(|refund| {
        Some(OrderRefund {
            number: refund.get("number")?.as_str()?.to_owned(),
            amount_fen: refund.get("amount")?.as_i64()?,
            state: refund.get("state")?.as_str()?.to_owned(),
        })
    });
    Ok(Order {
        wallet: text("wallet").ok_or_else(|| missing("wallet"))?,
        out_trade_no: text("out_trade_no").ok_or_else(|| missing("out_trade_no"))?,
        state: text("state").ok_or_else(|| missing("state"))?,
        amount_fen: number("amount").ok_or_else(|| missing("amount"))?,
        transaction_id: text("transaction_id"),
        captured_fen: number("captured").ok_or_else(|| missing("captured"))?,
        refunds: refunds.collect(),
    })
}
