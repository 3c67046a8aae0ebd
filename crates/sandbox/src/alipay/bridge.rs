//! `tradePay` as the app executes it (gateways.md B11, G2.13).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Answer;
use crate::state::Shared;
use crate::{body, bridge, shopper};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/bridge/alipay", post(call)).layer(bridge::cors())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invocation {
    params: Value,
    /// The buyer's choice at the sheet.
    decision: Option<Answer>,
}

async fn call(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    match body::read::<Invocation>(&headers, &body) {
        Err(problem) => problem.into_response(),
        Ok(_) if !bridge::is_at_home(&headers) => Json(result("4000")).into_response(),
        Ok(invocation) => Json(perform(&shared, &invocation)).into_response(),
    }
}

fn perform(shared: &Arc<Shared>, invocation: &Invocation) -> Value {
    let trade_no = invocation.params.get("tradeNO").and_then(Value::as_str).unwrap_or_default();
    let (user, switch) = {
        let faults = shared.faults();
        (faults.user().to_owned(), faults.tradepay_answer)
    };
    let now = shared.clock.now();
    let opened = {
        let mut book = shared.book();
        book.alipay.settle(now);
        let number = book.alipay.number_of(trade_no);
        number.and_then(|number| Some(book.alipay.open(&number, &user, now).ok()?.view()))
    };
    // An unknown trade, another buyer's, a paid or a closed one: the app only reports a failure.
    let Some(order) = opened else { return result("4000") };
    let answer = match (switch, invocation.decision) {
        (Answer::Ask, None | Some(Answer::Ask)) => return bridge::sheet(&order),
        (Answer::Ask, Some(decision)) => decision,
        (switch, _) => switch,
    };
    if answer.pays() && shopper::pay_alipay(shared, &order.out_trade_no, &user).is_err() {
        return result("4000");
    }
    result(match answer {
        Answer::Ask | Answer::Ok | Answer::OkUnpaid => "9000",
        Answer::Processing => "8000",
        Answer::Unknown | Answer::UnknownPaid => "6004",
        Answer::Cancel | Answer::CancelPaid => "6001",
        Answer::Fail => "4000",
    })
}

fn result(code: &str) -> Value {
    let memo = match code {
        "9000" => "",
        "8000" => "正在处理中",
        "6004" => "支付结果未知",
        "6001" => "用户中途取消",
        _ => "订单支付失败",
    };
    json!({ "resultCode": code, "callbackUrl": "", "memo": memo, "result": "" })
}
