//! Alipay's OpenAPI v2 gateway: page.pay, precreate, query, close, and the cashier page
//! (gateways.md part B and G2). Refunds, wap, JSAPI and certificate mode are not here yet.

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
mod reply;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{StatusCode, header};

use crate::server::Shared;
use params::Params;
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
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let is_form = kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    let form: &[u8] = if is_form { &body } else { b"" };
    let params = Params::merge(parts.uri.query().unwrap_or_default(), form);

    let method = params.get("method").unwrap_or_default().to_owned();
    if method == PAGE_PAY {
        let result =
            envelope::check(&shared, &params).and_then(|()| page_pay::order(&shared, &params));
        return result.unwrap_or_else(|refusal| reply::error_page(&refusal));
    }
    let result =
        envelope::check(&shared, &params).and_then(|()| perform(&shared, &method, &params));
    reply::respond(&shared, &method, result)
}

fn perform(shared: &Arc<Shared>, method: &str, params: &Params) -> Result<Node, Refusal> {
    match method {
        "alipay.trade.precreate" => precreate::order(shared, params),
        "alipay.trade.query" => query::query(shared, params),
        "alipay.trade.close" => close::close(shared, params),
        method if method.starts_with("alipay.trade.") => Err(Refusal::not_signed_up()),
        _ => Err(Refusal::invalid("isv.invalid-method", "不存在的方法名")),
    }
}

const PAGE_PAY: &str = "alipay.trade.page.pay";
const MAX_BODY: usize = 256 * 1024;
