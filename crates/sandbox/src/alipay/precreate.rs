//! `alipay.trade.precreate`: a payment QR code. No trade before it is scanned (gateways.md B5.2, G2.7).

use std::sync::Arc;

use serde_json::json;

use super::content::{self, Content};
use super::order::Terms;
use super::params::Params;
use super::reply::{Node, Refusal};
use crate::book::Product;
use crate::book::alipay::CODE_LIFE;
use crate::clock;
use crate::state::Shared;

pub(crate) fn order(shared: &Arc<Shared>, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    let now = shared.clock.now();
    let terms = Terms::read(shared, params, &content, Product::Precreate)?;
    let wished = match content.text("qr_code_timeout_express", 6)? {
        Some(text) => content::relative(text, now)
            .ok_or_else(|| Refusal::parameter("qr_code_timeout_express"))?,
        None => clock::after(now, CODE_LIFE),
    };
    let out_trade_no = terms.out_trade_no.clone();
    let mut book = shared.book();
    let trade_end = terms.submit(&mut book, now)?;
    let code_end = wished.min(clock::after(now, CODE_LIFE)).min(trade_end);
    let qr_code = book.alipay.new_code(&out_trade_no, now, code_end);
    Ok(vec![("out_trade_no", json!(out_trade_no)), ("qr_code", json!(qr_code))])
}
