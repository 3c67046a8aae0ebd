//! The wallets' bridges, as the apps execute their calls (gateways.md A11.1, B11).

use checkout::BridgeOutcome;
use contract::PaymentMethod;
use serde_json::{Map, Value, json};

use crate::page::BridgeCall;
use crate::plan::Decision;
use crate::world::{Count, World};

/// The result of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BridgeAnswer {
    /// The outcome, as the widget's `src/driver/bridge.rs` reads it.
    pub(crate) outcome: BridgeOutcome,
    /// The amount on the payment sheet, if it was paid.
    pub(crate) paid_fen: Option<i64>,
}

/// Calls the bridge: the app shows its payment sheet, and its user decides.
pub(crate) async fn call(world: &World, call: &BridgeCall, decision: Decision) -> BridgeAnswer {
    let refused = BridgeAnswer { outcome: BridgeOutcome::Refused, paid_fen: None };
    let sheet = ask(world, call, None).await.unwrap_or_default();
    let amount_fen = sheet.pointer("/ask/amount").and_then(Value::as_i64);
    // The app shows no sheet for an unknown trade, another user's trade or an ended one.
    let Some(amount_fen) = amount_fen else { return refused };
    let Some(answer) = ask(world, call, Some(decision)).await else { return refused };
    let text = |name| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let (callback, why) = match call.method {
        PaymentMethod::Alipay => (text("resultCode"), ""),
        PaymentMethod::WechatPay | PaymentMethod::Unknown => (text("err_msg"), text("err_desc")),
    };
    let outcome = match callback {
        "get_brand_wcpay_request:ok" | "9000" | "8000" | "6004" => BridgeOutcome::MaybePaid,
        "get_brand_wcpay_request:cancel" | "6001" => BridgeOutcome::Left,
        _ => BridgeOutcome::Refused,
    };
    // An order that was paid or closed since the sheet opened is refused.
    let is_carried_out = outcome != BridgeOutcome::Refused || why == "支付失败";
    let paid_fen = (decision.pays() && is_carried_out).then_some(amount_fen);
    if decision.lies() && is_carried_out {
        world.count(Count::Fault, "bridge says what is not so");
    }
    BridgeAnswer { outcome, paid_fen }
}

async fn ask(world: &World, call: &BridgeCall, decision: Option<Decision>) -> Option<Value> {
    world.count(Count::Call, "bridge");
    let params: Map<String, Value> =
        call.fields.iter().map(|field| (field.name.clone(), json!(field.value))).collect();
    let url = format!("{}/bridge/{}", world.sandbox, call.method);
    let decision = decision.map(Decision::name);
    let body = json!({ "params": params, "decision": decision });
    let answer = world.net.post_json(&url, &body).await.ok()?;
    answer.status.is_success().then(|| answer.json())
}
