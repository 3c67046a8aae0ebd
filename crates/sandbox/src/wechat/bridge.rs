//! `getBrandWCPayRequest` as the app executes it: checks the page's parameters, asks the shopper,
//! pays (gateways.md A11.1, G1.11).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::book::wechat::Product;
use crate::faults::Answer;
use crate::state::Shared;
use crate::wallet::CodeError;
use crate::{body, bridge, clock, shopper};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/bridge/wechat_pay", post(invoke)).layer(bridge::cors())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invocation {
    params: Value,
    /// The shopper's choice at the sheet.
    decision: Option<Answer>,
}

async fn invoke(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    match body::read::<Invocation>(&headers, &body) {
        Err(problem) => problem.into_response(),
        Ok(_) if !bridge::is_at_home(&headers) => Json(fail("当前页面的URL未注册")).into_response(),
        Ok(invocation) => {
            Json(perform(&shared, &invocation).unwrap_or_else(|text| fail(&text))).into_response()
        }
    }
}

fn perform(shared: &Arc<Shared>, invocation: &Invocation) -> Result<Value, String> {
    let (prepay_id, user) = check(shared, &invocation.params)?;
    let now = shared.clock.now();
    let (switch, order) = {
        let switch = shared.faults().jsapi_answer;
        let mut book = shared.book();
        book.wechat.settle(now);
        let order = book.wechat.by_code(&prepay_id, Product::Jsapi);
        order.ok_or("prepay_id无效")?;
        let order = book.wechat.scan(&prepay_id, &user, now).map_err(text_of)?.view();
        (switch, order)
    };
    let answer = match (switch, invocation.decision) {
        (Answer::Ask, None | Some(Answer::Ask)) => return Ok(bridge::sheet(&order)),
        (Answer::Ask, Some(decision)) => decision,
        (switch, _) => switch,
    };
    if answer.pays() {
        shopper::pay_wechat(shared, &prepay_id, &user).map_err(text_of)?;
    }
    Ok(match answer {
        Answer::Ask | Answer::Ok | Answer::OkUnpaid | Answer::Processing => {
            json!({ "err_msg": "get_brand_wcpay_request:ok" })
        }
        Answer::Cancel | Answer::CancelPaid => {
            json!({ "err_msg": "get_brand_wcpay_request:cancel" })
        }
        Answer::Fail | Answer::Unknown | Answer::UnknownPaid => fail("支付失败"),
    })
}

/// The `prepay_id` and its user, if the page's parameters are signed by the merchant.
fn check(shared: &Shared, params: &Value) -> Result<(String, String), String> {
    let text = |name: &str| {
        let value = params.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("调用支付JSAPI缺少参数：{name}"))
    };
    let (app_id, time, nonce) = (text("appId")?, text("timeStamp")?, text("nonceStr")?);
    let (package, sign_type, signature) = (text("package")?, text("signType")?, text("paySign")?);
    if app_id != shared.keys.wechat_pay.appid {
        return Err("appId与公众号不一致".into());
    }
    if sign_type != "RSA" {
        return Err("signType错误".into());
    }
    let sent_at: i64 = time.parse().map_err(|_| "timeStamp错误".to_owned())?;
    // As old as its prepay_id may be, but not in the future: that is a wrong clock, or
    // milliseconds.
    let age_s = clock::unix_now().saturating_sub(sent_at);
    if time.len() != SECONDS_DIGITS || !(-MAX_SKEW_S..=MAX_AGE_S).contains(&age_s) {
        return Err("timeStamp错误".into());
    }
    let message = format!("{app_id}\n{time}\n{nonce}\n{package}\n");
    if !shared.keys.server.merchant.verifies(message.as_bytes(), signature) {
        return Err("支付验证签名失败".into());
    }
    let prepay_id = package.strip_prefix("prepay_id=").ok_or("package参数错误")?;
    Ok((prepay_id.to_owned(), shared.faults().user().to_owned()))
}

fn text_of(error: CodeError) -> String {
    match error {
        CodeError::OtherUser => "下单账号与支付账号不一致",
        CodeError::Paid => "该订单已支付",
        CodeError::Closed => "订单已关闭，请重新下单",
        CodeError::Expired | CodeError::Superseded => "订单已过期，请重新下单",
        _ => "prepay_id无效",
    }
    .to_owned()
}

fn fail(text: &str) -> Value {
    json!({ "err_msg": "get_brand_wcpay_request:fail", "err_desc": text })
}

const SECONDS_DIGITS: usize = 10;
const MAX_SKEW_S: i64 = 300;
const MAX_AGE_S: i64 = 2 * 3600;
