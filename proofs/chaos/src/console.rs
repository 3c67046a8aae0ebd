//! The merchant's staff, who refund in the wallet's own console.

use serde_json::{Value, json};

use crate::backend::SECRET_KEY;
use crate::phone::PaidOrder;
use crate::world::World;

/// Prefix of the number of every refund that is made in a console.
pub(crate) const NUMBER_PREFIX: &str = "CONSOLE-";

/// The console's answer to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsoleAnswer {
    Refunded,
    /// The payment's remaining amount is too small.
    Refused,
    /// The request got no answer.
    Lost,
}

/// Refunds an amount of a payment under `number`.
pub(crate) async fn refund(
    world: &World,
    session_id: &str,
    order: &PaidOrder,
    number: &str,
    amount_fen: i64,
) -> ConsoleAnswer {
    let out_trade_no = match order {
        PaidOrder::Number(number) => Some(number.clone()),
        PaidOrder::Payment(id) => look_up(world, session_id, id).await,
    };
    let Some(out_trade_no) = out_trade_no else { return ConsoleAnswer::Lost };
    let url = format!("{}/sandbox/refund", world.sandbox);
    let body = json!({ "out_trade_no": out_trade_no, "number": number, "amount": amount_fen });
    match world.net.post_json(&url, &body).await {
        Ok(answer) if answer.status.is_success() => ConsoleAnswer::Refunded,
        Ok(answer) if answer.status.is_client_error() => ConsoleAnswer::Refused,
        _ => ConsoleAnswer::Lost,
    }
}

/// Returns the order number of a payment, as the merchant's own system reads it.
async fn look_up(world: &World, session_id: &str, payment_id: &str) -> Option<String> {
    let url = format!("{}/v1/checkout/sessions/{session_id}", world.merchant);
    let authorization = format!("Bearer {SECRET_KEY}");
    let headers = [("authorization", authorization.as_str())];
    let answer =
        world.net.call(http::Method::GET, &url, &headers, bytes::Bytes::new()).await.ok()?;
    let session = answer.json();
    let mut payments = session.get("payments")?.as_array()?.iter();
    let payment =
        payments.find(|payment| payment.get("id").and_then(Value::as_str) == Some(payment_id))?;
    payment.get("out_trade_no")?.as_str().map(str::to_owned)
}
