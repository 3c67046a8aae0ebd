//! The bridges that a page finds inside the wallets' apps: a script for browsers that only say they
//! are one, and what its calls have in common (gateways.md A11.1, B11, G1.11, G2.13).
//!
//! The script runs in pages of another origin, so its calls carry CORS headers for this machine's pages.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::book::OrderView;
use crate::loopback;
use crate::state::Shared;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/bridge.js", get(script))
}

/// Returns the content of the payment sheet.
pub(crate) fn sheet(order: &OrderView) -> Value {
    json!({ "ask": { "amount": order.amount, "description": order.description } })
}

/// The script, with the address of this sandbox and the delay until the bridges are ready in it.
async fn script(State(shared): State<Arc<Shared>>) -> Response {
    let ready_ms = shared.faults().bridge_ready_ms.unwrap_or(READY_MS);
    let text = SCRIPT
        .replace("@BASE_URL@", &shared.base_url)
        .replace("\"@READY_MS@\"", &ready_ms.to_string());
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, text).into_response()
}

/// Lets pages of this machine read the answers of the bridges' calls.
pub(crate) fn cors() -> CorsLayer {
    let is_ours = |origin: &HeaderValue, _: &Parts| is_loopback(origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_ours))
        .allow_methods([Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .allow_private_network(true)
}

/// True if a program calls, or a page of this machine.
pub(crate) fn is_at_home(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_none_or(is_loopback)
}

fn is_loopback(origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| loopback::parse(origin).is_some())
}

const SCRIPT: &str = include_str!("../assets/bridge.js");
/// The delay until the apps' bridges are ready, about as on a real phone.
const READY_MS: u64 = 200;
