//! The merchant API's routes: one file per resource.

mod events;
mod health;
mod hosted;
mod metrics;
mod notifications;
mod page;
mod payments;
mod reconciliations;
mod refunds;
mod returns;
mod sessions;

use axum::Json;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use contract::{Session, SessionCreated};

use crate::error::Error;
use crate::service::{Backend, Shared};
use crate::web::{cors, rate_limit, request_layer, shopper_errors};

/// All routes, under the configured prefix.
pub(crate) fn router(backend: Shared) -> Router {
    let prefix = backend.settings.path_prefix.clone();
    let api = browser(Shared::clone(&backend))
        .merge(shopper(Shared::clone(&backend)))
        .merge(other(Shared::clone(&backend)));
    let api = if prefix.is_empty() { api } else { Router::new().nest(&prefix, api) };
    let health = health_routes().router.method_not_allowed_fallback(refuse_method);
    let health = match backend.gateways.domain_verification() {
        Some((name, text)) => {
            let text = text.to_owned();
            health.route(&format!("/{name}"), get(async move || text))
        }
        None => health,
    }
    .layer(from_fn(request_layer::handler_limit));
    // An unknown path may be a wrong `api-base`, so that its page must be able to read the answer.
    let unknown = Router::new()
        .fallback(async || Error::NotFound)
        .layer(cors::layer(Shared::clone(&backend)));
    api.merge(health)
        .merge(unknown)
        .layer(from_fn_with_state(Shared::clone(&backend), request_layer::layer))
        .with_state(backend)
}

/// The routes of the listener for the operator's monitoring.
pub(crate) fn operator(backend: Shared) -> Router {
    Router::new()
        .route("/metrics", get(metrics::render))
        .fallback(async || Error::NotFound)
        .layer(from_fn(request_layer::handler_limit))
        .with_state(backend)
}

/// Returns the paths of all routes, under the configured prefix, except the gateways' files for
/// the verification of a domain.
#[must_use]
pub fn route_paths() -> Vec<&'static str> {
    [browser_routes(), shopper_routes(), other_routes(), health_routes()]
        .into_iter()
        .flat_map(|routes| routes.paths)
        .collect()
}

/// A router that knows its paths.
#[derive(Default)]
struct Routes {
    router: Router<Shared>,
    paths: Vec<&'static str>,
}

impl Routes {
    fn route(mut self, path: &'static str, methods: MethodRouter<Shared>) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, methods);
        self
    }
}

fn health_routes() -> Routes {
    Routes::default().route("/healthz", get(health::health)).route("/readyz", get(health::ready))
}

/// The routes that pages call from the browser.
fn browser_routes() -> Routes {
    Routes::default()
        .route("/v1/checkout/sessions/{session_id}", get(sessions::read))
        .route("/v1/checkout/sessions/{session_id}/payments", post(payments::start))
        .route(
            "/v1/checkout/sessions/{session_id}/payments/{payment_id}/refresh",
            post(payments::refresh),
        )
        .route(
            "/v1/checkout/sessions/{session_id}/payments/{payment_id}/check",
            post(payments::check),
        )
        .route(
            "/v1/checkout/sessions/{session_id}/payments/{payment_id}/cancel",
            post(payments::cancel),
        )
        .route("/v1/checkout/sessions/{session_id}/events", get(sessions::events))
}

fn browser(backend: Shared) -> Router<Shared> {
    browser_routes()
        .router
        // Before the layers: preflights reach them through this fallback.
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn(request_layer::handler_limit))
        // Inside the CORS layer, so that pages can read the refusal.
        .layer(from_fn_with_state(Shared::clone(&backend), rate_limit::layer))
        .layer(cors::layer(backend))
}

/// The pages that a shopper's browser opens.
fn shopper_routes() -> Routes {
    Routes::default()
        .route("/v1/returns/alipay", get(returns::alipay))
        .route("/v1/returns/wechat_pay_oauth", get(returns::wechat_pay_oauth))
        .route("/v1/returns/alipay_oauth", get(returns::alipay_oauth))
        .route("/v1/checkout/hosted/{token}", get(hosted::page))
        .route("/v1/checkout/hosted/{token}/{call}", post(hosted::act))
}

fn shopper(backend: Shared) -> Router<Shared> {
    shopper_routes()
        .router
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn(request_layer::handler_limit))
        .layer(from_fn_with_state(backend, rate_limit::layer))
        .layer(from_fn(shopper_errors::layer))
}

/// The routes that the merchant's servers and the gateways call, and the files of the hosted page.
fn other_routes() -> Routes {
    Routes::default()
        .route("/v1/checkout/sessions", post(sessions::create).get(sessions::list))
        .route("/v1/checkout/sessions/{session_id}/expire", post(sessions::expire))
        .route("/v1/refunds", post(refunds::create).get(refunds::list))
        .route("/v1/refunds/{refund_id}", get(refunds::read))
        .route("/v1/events", get(events::list))
        .route("/v1/events/{event_id}/resend", post(events::resend))
        .route("/v1/orders/{order_id}", get(events::order))
        .route("/v1/reconciliations/{date}", get(reconciliations::read))
        .route("/v1/notifications/alipay", post(notifications::alipay::notify))
        .route("/v1/notifications/wechat_pay", post(notifications::wechat_pay::notify))
        .route("/v1/checkout/hosted.css", get(hosted::stylesheet))
        .route("/v1/checkout/hosted.js", get(hosted::script))
}

fn other(backend: Shared) -> Router<Shared> {
    other_routes()
        .router
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn(request_layer::handler_limit))
        .layer(from_fn_with_state(backend, rate_limit::layer))
}

async fn refuse_method() -> Error {
    Error::MethodNotAllowed
}

/// Returns the answer of every browser call.
async fn answer(backend: &Backend, session_id: &str) -> Result<Json<Session>, Error> {
    backend.document(session_id).await.map(Json)
}

/// Returns the answer of the merchant's calls; only opening a session returns its secret.
async fn merchant_answer(
    backend: &Backend,
    session_id: &str,
    client_secret: Option<String>,
) -> Result<Json<SessionCreated>, Error> {
    let rows = backend.rows(session_id).await?;
    let records = backend.records(session_id).await?;
    Ok(Json(backend.merchant_view(rows, records, client_secret)))
}
