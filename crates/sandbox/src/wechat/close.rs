//! `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close` (gateways.md A2, A4.2, G1.13).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Failure, ILLEGAL_PARAMETER, Reply};
use super::schema::{self, Field, Kind, must};
use crate::book::OrderState;
use crate::faults::CloseError;
use crate::state::Shared;

/// Closes an unpaid order; closing it again is fine, closing a paid one is not. An unknown number is
/// answered like a closed order unless a switch says otherwise.
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
    let (is_unknown_404, error) = {
        let faults = shared.faults();
        (faults.wechat_close_unknown_404, faults.wechat_close_error)
    };
    let mut book = shared.book();
    let Some(order) = book.wechat.by_number_mut(&call.segment(5)) else {
        return if is_unknown_404 { Err(Failure::order_not_exist()) } else { Ok(Reply::NoContent) };
    };
    match order.state {
        OrderState::Success(_) => Err(Failure::order_paid()),
        OrderState::Closed => Ok(Reply::NoContent),
        OrderState::NotPay => {
            if let Some(error) = error {
                return Err(refusal(error));
            }
            order.state = OrderState::Closed;
            Ok(Reply::NoContent)
        }
    }
}

/// The suffix of `Request-ID` is not documented for these.
fn refusal(error: CloseError) -> Failure {
    let (status, code, message) = match error {
        CloseError::UserPaying => (StatusCode::ACCEPTED, "USER_PAYING", "用户支付中，需要输入密码"),
        CloseError::TradeError => (StatusCode::FORBIDDEN, "TRADE_ERROR", "交易错误"),
    };
    Failure::new(status, code, ILLEGAL_PARAMETER, message)
}

static FIELDS: &[Field] = &[must("mchid", "直连商户号", Kind::Text(1, 32))];
