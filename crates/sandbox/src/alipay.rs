//! Alipay's OpenAPI v2 gateway: page.pay, precreate, query, close, refund, refund query, and the
//! cashier page (gateways.md part B and G2). Wap, JSAPI and certificate mode are not here yet.

mod canonical;
mod cashier;
mod close;
mod content;
mod envelope;
pub(crate) mod notify;
mod order;
mod page_pay;
mod params;
mod precreate;
mod query;
mod refund;
mod reply;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};

use crate::chaos::Fault;
use crate::server::Shared;
pub(crate) use params::Params;
use reply::{Node, Refusal};

/// The gateway's one address (gateways.md B1).
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/gateway.do", get(gateway).post(gateway))
}

/// The cashier page, which browsers reach after `page.pay`; fault switches leave it alone.
pub(crate) fn cashier_routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/alipay/cashier/{token}", get(cashier::show))
        .route("/alipay/cashier/{token}/pay", post(cashier::pay))
        .route("/alipay/cashier/{token}/cancel", post(cashier::cancel))
        .route("/alipay/cashier/{token}/leave", post(cashier::leave))
}

async fn gateway(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form: &[u8] = if is_form(parts.headers.get(header::CONTENT_TYPE)) { &body } else { b"" };
    let params = Params::merge(parts.uri.query().unwrap_or_default(), form);

    let method = params.get("method").unwrap_or_default().to_owned();
    if method == PAGE_PAY {
        let result =
            envelope::check(&shared, &params).and_then(|()| page_pay::order(&shared, &params));
        return result.unwrap_or_else(|refusal| reply::error_page(&refusal));
    }
    let fault = parts.extensions.get::<Fault>().copied();
    let result =
        envelope::check(&shared, &params).and_then(|()| perform(&shared, &method, &params, fault));
    reply::respond(&shared, &method, result)
}

/// Whether a body of this type is a form.
pub(crate) fn is_form(kind: Option<&HeaderValue>) -> bool {
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
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
    match method {
        PAGE_PAY => reply::error_page(&refusal),
        method => reply::respond(shared, method, Err(refusal)),
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
        "alipay.trade.close" => close::close(shared, params),
        "alipay.trade.refund" => refund::refund(shared, params, fault),
        "alipay.trade.fastpay.refund.query" => refund::query(shared, params),
        method if method.starts_with("alipay.trade.") => Err(Refusal::not_signed_up()),
        _ => Err(Refusal::invalid("isv.invalid-method", "不存在的方法名")),
    }
}

const PAGE_PAY: &str = "alipay.trade.page.pay";
const MAX_BODY: usize = 256 * 1024;
