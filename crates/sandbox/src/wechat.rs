//! WeChat Pay API v3: Native, H5 and JSAPI orders, query, close, refund and its query; the H5 page,
//! OAuth and the bridge in the app (gateways.md part A and G1).

mod auth;
mod bill;
mod bridge;
mod call;
mod certificates;
mod close;
mod h5;
pub(crate) mod notify;
mod oauth;
mod order;
mod query;
mod refund;
mod reply;
mod schema;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;

use crate::state::Shared;
use call::Call;
use reply::{Failure, Reply};

/// The API's paths. What is not among them is 404, a wrong method 405, both empty (gateways.md A1).
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v3/pay/transactions/native", post(native_order))
        .route("/v3/pay/transactions/h5", post(h5_order))
        .route("/v3/pay/transactions/jsapi", post(jsapi_order))
        .route("/v3/pay/transactions/out-trade-no/{out_trade_no}", get(query_by_number))
        .route("/v3/pay/transactions/id/{transaction_id}", get(query_by_transaction))
        .route("/v3/pay/transactions/out-trade-no/{out_trade_no}/close", post(close_order))
        .route("/v3/certificates", get(certificate_list))
        .route("/v3/bill/tradebill", get(trade_bill))
        .route("/v3/billdownload/file", get(bill_file))
        .route("/v3/refund/domestic/refunds", post(refund_order))
        .route("/v3/refund/domestic/refunds/{out_refund_no}", get(query_refund))
}

/// Routes that browsers open; fault switches of the API do not apply.
pub(crate) fn page_routes() -> Router<Arc<Shared>> {
    h5::routes().merge(oauth::routes()).merge(bridge::routes())
}

async fn native_order(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, order::native).await
}

async fn h5_order(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, order::h5).await
}

async fn jsapi_order(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, order::jsapi).await
}

async fn query_by_number(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, query::by_number).await
}

async fn query_by_transaction(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, query::by_transaction).await
}

async fn close_order(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, close::close).await
}

async fn certificate_list(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, certificates::list).await
}

async fn trade_bill(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, bill::order).await
}

async fn bill_file(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, bill::download).await
}

async fn refund_order(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, refund::refund).await
}

async fn query_refund(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    answer(&shared, request, refund::query).await
}

/// 500 `SYSTEM_ERROR`: the outcome is unknown (gateways.md A4.2).
pub(crate) fn system_error() -> Response {
    Failure::system_error(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// 429 `FREQUENCY_LIMITED` (gateways.md A4.2).
pub(crate) fn limited() -> Response {
    Failure::limited().into_response()
}

/// Reads the request, checks who sends it, does the work, and signs what went well.
async fn answer(
    shared: &Arc<Shared>,
    request: Request,
    work: impl FnOnce(&Arc<Shared>, &Call) -> Result<Reply, Failure>,
) -> Response {
    let (parts, body) = request.into_parts();
    let result = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => {
            let call = Call {
                method: parts.method,
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().map(str::to_owned),
                headers: parts.headers,
                body,
                fault: parts.extensions.get().copied(),
            };
            auth::check(shared, &call).and_then(|()| work(shared, &call))
        }
        Err(_) => Err(Failure::unreadable_body()),
    };
    reply::respond(shared, result)
}

const MAX_BODY: usize = 64 * 1024;
