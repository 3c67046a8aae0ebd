//! `alipay.trade.page.pay` and `alipay.trade.wap.pay`: send the browser to a cashier page
//! (gateways.md B2, B5.2, G2.5, G2.6).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::content::Content;
use super::order::Terms;
use super::params::Params;
use super::reply::Refusal;
use crate::book::alipay::CODE_LIFE;
use crate::book::{Cashier, Product};
use crate::state::Shared;
use crate::{clock, loopback};

pub(crate) fn order(
    shared: &Arc<Shared>,
    params: &Params,
    product: Product,
) -> Result<Response, Refusal> {
    let content = Content::read(params)?;
    let return_url = params.get("return_url");
    check_url("return_url", return_url, 256)?;
    let quit_url = match product {
        Product::Wap => content.text("quit_url", 400)?,
        _ => None,
    };
    check_url("quit_url", quit_url, 400)?;
    let is_framed = product == Product::Page && is_framed(&content)?;
    let terms = Terms::read(shared, params, &content, product)?;
    let out_trade_no = terms.out_trade_no.clone();
    let now = shared.clock.now();
    let mut book = shared.book();
    let end = terms.submit(&mut book, now)?;
    let code = is_framed
        .then(|| book.alipay.new_code(&out_trade_no, now, clock::after(now, CODE_LIFE).min(end)));
    let token = book.alipay.new_cashier(Cashier {
        out_trade_no,
        product,
        return_url: return_url.map(str::to_owned),
        quit_url: quit_url.map(str::to_owned),
        code,
    });
    Ok((StatusCode::FOUND, [(header::LOCATION, format!("/alipay/cashier/{token}"))])
        .into_response())
}

/// True if the merchant asks for one of the pages that are made for an `<iframe>`.
fn is_framed(content: &Content) -> Result<bool, Refusal> {
    match content.text("qr_pay_mode", 2)? {
        None | Some("2") => Ok(false),
        Some("0" | "1" | "3") => Ok(true),
        Some("4") => {
            content.number("qrcode_width")?.ok_or_else(|| Refusal::parameter("qrcode_width"))?;
            Ok(true)
        }
        Some(_) => Err(Refusal::parameter("qr_pay_mode")),
    }
}

fn check_url(name: &str, url: Option<&str>, most: usize) -> Result<(), Refusal> {
    if url.is_some_and(|url| url.len() > most || loopback::parse(url).is_none()) {
        return Err(Refusal::parameter(&format!("{name}（沙箱只接受本机http地址）")));
    }
    Ok(())
}
