//! Alipay's OpenAPI v2 gateway with its cashier pages, OAuth and the bridge in the app
//! (gateways.md part B and G2).

mod bill;
mod bridge;
mod browser;
mod cancel;
mod canonical;
mod cashier;
mod certificate;
mod close;
mod content;
mod create;
mod envelope;
pub(crate) mod notify;
mod oauth;
mod order;
mod page_pay;
pub(crate) mod params;
mod precreate;
mod query;
mod refund;
mod reply;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::book::alipay::Product;
use crate::chaos::Fault;
use crate::state::Shared;
use browser::agent;
use params::{Params, is_form};
use reply::{Node, Refusal};

/// The gateway's one address (gateways.md B1).
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/gateway.do", get(gateway).post(gateway))
}

/// Routes that browsers open, such as the cashier after `page.pay`; fault switches of the API do not apply.
pub(crate) fn page_routes() -> Router<Arc<Shared>> {
    cashier::routes().merge(oauth::routes()).merge(bridge::routes()).merge(bill::routes())
}

async fn gateway(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form: &[u8] = if is_form(parts.headers.get(header::CONTENT_TYPE)) { &body } else { b"" };
    let params = Params::merge(parts.uri.query().unwrap_or_default(), form);

    let method = params.get("method").unwrap_or_default().to_owned();
    if let Some(product) = page_product(&method) {
        if agent(&parts.headers).contains("MicroMessenger") {
            return reply::blocked_page();
        }
        let result = envelope::check(&shared, &params)
            .and_then(|()| page_pay::order(&shared, &params, product));
        return result.unwrap_or_else(|refusal| reply::error_page(&refusal));
    }
    let fault = parts.extensions.get::<Fault>().copied();
    let result =
        envelope::check(&shared, &params).and_then(|()| perform(&shared, &method, &params, fault));
    reply::respond(&shared, &method, result)
}

/// An answer that leaves the outcome unknown, in one of its two spellings.
pub(crate) fn system_error(shared: &Shared, method: &str, as_business: bool) -> Response {
    let refusal = if as_business { Refusal::system_error() } else { Refusal::unknown() };
    refused(shared, method, refusal)
}

/// The answer to too many calls.
pub(crate) fn limited(shared: &Shared, method: &str) -> Response {
    refused(shared, method, Refusal::limited())
}

fn refused(shared: &Shared, method: &str, refusal: Refusal) -> Response {
    match page_product(method) {
        Some(_) => reply::error_page(&refusal),
        None => reply::respond(shared, method, Err(refusal)),
    }
}

/// Returns the product of a method that browsers call; its refusals are pages.
fn page_product(method: &str) -> Option<Product> {
    match method {
        "alipay.trade.page.pay" => Some(Product::Page),
        "alipay.trade.wap.pay" => Some(Product::Wap),
        _ => None,
    }
}

fn perform(
    shared: &Arc<Shared>,
    method: &str,
    params: &Params,
    fault: Option<Fault>,
) -> Result<Node, Refusal> {
    match method {
        "alipay.trade.precreate" => precreate::order(shared, params),
        "alipay.trade.query" => query::query(shared, params),
        "alipay.trade.create" => create::order(shared, params),
        "alipay.trade.close" => close::close(shared, params),
        "alipay.trade.cancel" => cancel::cancel(shared, params),
        "alipay.trade.refund" => refund::refund(shared, params, fault),
        "alipay.trade.fastpay.refund.query" => refund::query(shared, params),
        "alipay.data.dataservice.bill.downloadurl.query" => bill::order(shared, params),
        reply::OAUTH_TOKEN => oauth::token(shared, params),
        reply::CERTIFICATE_DOWNLOAD => certificate::download(shared, params),
        method if method.starts_with("alipay.trade.") => Err(Refusal::not_signed_up()),
        _ => Err(Refusal::invalid("isv.invalid-method", "不存在的方法名")),
    }
}

const MAX_BODY: usize = 256 * 1024;
