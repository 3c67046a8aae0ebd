//! `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close` (gateways.md A2, A4.2, G1.13).

use std::sync::Arc;

use serde_json::{Value, json};

use super::Call;
use super::reply::{Failure, Reply};
use super::schema::{self, Field, Kind, must};
use crate::book::OrderState;
use crate::server::Shared;

/// Closes an unpaid order; closing it again is fine, closing a paid one is not.
pub(crate) fn close(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let request = schema::parse(&call.body, FIELDS)?;
    let mchid = request.get("mchid").and_then(Value::as_str);
    if mchid != Some(shared.keys.wechat_pay.mchid.as_str()) {
        return Err(Failure::parameter(
            "http header中的mchid与post payload中的mchid不匹配",
            "body",
            json!(""),
        ));
    }
    let mut book = shared.book();
    let order = book.wechat.by_number_mut(&call.segment(5)).ok_or_else(Failure::order_not_exist)?;
    match order.state {
        OrderState::Success(_) => Err(Failure::order_paid()),
        OrderState::NotPay | OrderState::Closed => {
            order.state = OrderState::Closed;
            Ok(Reply::NoContent)
        }
    }
}

static FIELDS: &[Field] = &[must("mchid", "直连商户号", Kind::Text(1, 32))];
