//! The two queries, and the transaction object that notifications carry too (gateways.md A8, A9, G1.17).

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Failure, Reply};
use super::schema;
use crate::book::{Order, OrderState};
use crate::clock;
use crate::keys::WechatPayKeys;
use crate::state::Shared;

/// `GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=…`
pub(crate) fn by_number(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    check_mchid(shared, call)?;
    let number = call.segment(5);
    find(shared, |orders| orders.by_number(&number))
}

/// `GET /v3/pay/transactions/id/{transaction_id}?mchid=…`
pub(crate) fn by_transaction(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    check_mchid(shared, call)?;
    let transaction_id = call.segment(5);
    find(shared, |orders| orders.by_transaction(&transaction_id))
}

fn find(
    shared: &Shared,
    lookup: impl FnOnce(&crate::book::Orders) -> Option<&Order>,
) -> Result<Reply, Failure> {
    let without_appid = shared.faults().wechat_without_appid;
    let mut book = shared.book();
    book.wechat.settle(shared.clock.now());
    let order = lookup(&book.wechat).ok_or_else(Failure::order_not_exist)?;
    let mut found = transaction(&shared.keys.wechat_pay, order, order.trade_state());
    if let (Value::Object(members), true) = (&mut found, without_appid) {
        members.remove("appid");
    }
    Ok(Reply::Json(found))
}

/// The transaction in one of its states; while unpaid most members are absent.
pub(crate) fn transaction(keys: &WechatPayKeys, order: &Order, trade_state: &str) -> Value {
    let description = match trade_state {
        "NOTPAY" => "订单未支付",
        "SUCCESS" => "支付成功",
        "REFUND" => "转入退款",
        _ => "订单已关闭",
    };
    let mut value = json!({
        "amount": { "payer_currency": "CNY", "total": order.total },
        "appid": keys.appid,
        "mchid": keys.mchid,
        "out_trade_no": order.out_trade_no,
        "promotion_detail": [],
        "trade_state": trade_state,
        "trade_state_desc": description,
    });
    let Value::Object(members) = &mut value else { return value };
    if let Some(attach) = &order.attach {
        members.insert("attach".into(), json!(attach));
    }
    match &order.state {
        OrderState::Success(paid) => {
            let amount = json!({
                "currency": "CNY", "payer_currency": "CNY", "payer_total": order.total, "total": order.total,
            });
            members.insert("amount".into(), amount);
            members.entry("attach").or_insert_with(|| json!(""));
            members.insert("bank_type".into(), json!("OTHERS"));
            members.insert("payer".into(), json!({ "openid": paid.openid }));
            members.insert("success_time".into(), json!(clock::wechat(paid.at)));
            members.insert("trade_type".into(), json!(order.product.trade_type()));
            members.insert("transaction_id".into(), json!(paid.transaction_id));
            if let Some(device_id) = &order.device_id {
                members.insert("scene_info".into(), json!({ "device_id": device_id }));
            }
        }
        OrderState::NotPay | OrderState::Closed => {
            let device_id = order.device_id.as_deref().unwrap_or_default();
            members.insert("scene_info".into(), json!({ "device_id": device_id }));
        }
    }
    value
}

/// The query string is `mchid`, the caller's own, and nothing else.
fn check_mchid(shared: &Shared, call: &Call) -> Result<(), Failure> {
    let query = call.query.as_deref().unwrap_or_default();
    let pairs = || form_urlencoded::parse(query.as_bytes());
    let unknown: Vec<String> = pairs()
        .filter(|(name, _)| name != "mchid")
        .map(|(name, _)| format!("/query/{name}"))
        .collect();
    if !unknown.is_empty() {
        return Err(schema::undefined(unknown));
    }
    match pairs().find(|(name, value)| name == "mchid" && !value.is_empty()) {
        None => Err(schema::missing("/query/mchid", "直连商户号", "query")),
        Some((_, mchid)) if mchid != shared.keys.wechat_pay.mchid => Err(Failure::parameter(
            "http header中的mchid与query中的mchid不匹配",
            "query",
            json!(mchid),
        )),
        Some(_) => Ok(()),
    }
}
