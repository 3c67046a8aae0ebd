//! `alipay.trade.page.pay`: sends the browser to a cashier page (gateways.md B2, B5.2, G2.5).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::content::Content;
use super::order::Terms;
use super::params::Params;
use super::reply::Refusal;
use crate::book::{Cashier, Product};
use crate::loopback;
use crate::server::Shared;

pub(crate) fn order(shared: &Arc<Shared>, params: &Params) -> Result<Response, Refusal> {
    let content = Content::read(params)?;
    let return_url = params.get("return_url");
    if return_url.is_some_and(|url| url.len() > 256 || loopback::parse(url).is_none()) {
        return Err(Refusal::parameter("return_url（沙箱只接受本机http地址）"));
    }
    let terms = Terms::read(shared, params, &content, Product::Page)?;
    let cashier = Cashier {
        out_trade_no: terms.out_trade_no.clone(),
        return_url: return_url.map(str::to_owned),
    };
    let mut book = shared.book();
    terms.place(&mut book, shared.clock.now())?;
    let token = book.alipay.new_cashier(cashier);
    Ok((StatusCode::FOUND, [(header::LOCATION, format!("/alipay/cashier/{token}"))])
        .into_response())
}
