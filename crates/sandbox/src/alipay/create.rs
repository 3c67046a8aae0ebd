//! `alipay.trade.create`: a trade for a buyer known by OAuth, to be paid by `tradePay` in the app
//! (gateways.md B5.2, G2.7). The one method that makes the trade at once.

use std::sync::Arc;

use serde_json::json;

use super::content::Content;
use super::order::Terms;
use super::params::Params;
use super::reply::{Node, Refusal};
use crate::book::Product;
use crate::state::Shared;

pub(crate) fn order(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let terms = Terms::read(shared, params, &content, Product::Create)?;
    let (member, buyer) = buyer(&content)?;
    if buyer == shared.keys.alipay.seller_id {
        return Err(Refusal::business("ACQ.BUYER_SELLER_EQUAL", "买卖家不能相同"));
    }
    let out_trade_no = terms.out_trade_no.clone();
    let now = shared.clock.now();
    let mut book = shared.book();
    let user = book.alipay.user_of(buyer).ok_or_else(|| Refusal::parameter(member))?;
    terms.submit(&mut book, now)?;
    let trade = book
        .alipay
        .open(&out_trade_no, &user, now)
        .map_err(|_| Refusal::business("ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配"))?;
    let trade_no = trade.opened().map(|opened| opened.trade_no.clone());
    Ok(vec![("out_trade_no", json!(out_trade_no)), ("trade_no", json!(trade_no))])
}

/// The member that names the buyer, and its value. `op_app_id` is the application that the page is
/// open in, and `op_buyer_open_id` the buyer's name there (gateways.md B5.2): the sandbox has no other
/// applications, so that it knows only the names that its own OAuth has given.
fn buyer(content: &Content) -> Result<(&'static str, &str), Refusal> {
    let app = content.text("op_app_id", 32)?;
    if let Some(buyer) = content.text("buyer_id", 28)? {
        return Ok(("buyer_id", buyer));
    }
    match content.text("op_buyer_open_id", 128)?.filter(|_| app.is_some()) {
        Some(buyer) => Ok(("op_buyer_open_id", buyer)),
        None => Ok(("buyer_open_id", content.required("buyer_open_id", 128)?)),
    }
}
