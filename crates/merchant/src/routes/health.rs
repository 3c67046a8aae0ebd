//! `GET /healthz`: the process runs. `GET /readyz`: it can accept payments.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::request_layer::RawErrorBody;

/// Liveness: answers as long as the process runs.
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Readiness: answers 200 and the worker's lateness if the database accepts a write; 503 if not, or
/// if the process is draining.
pub(super) async fn ready(State(backend): State<Shared>) -> Result<Response, Error> {
    if *backend.draining.borrow() {
        return Ok(not_ready("draining"));
    }
    let caller = Shared::clone(&backend);
    // To the end: else a client that hangs up would cause a check without a result to reuse.
    let late = to_the_end(async move { Ok(caller.lateness().await) }).await?;
    Ok(match late {
        Some(late) => Json(json!({ "status": "ok", "late": late })).into_response(),
        None => not_ready("cannot_write"),
    })
}

fn not_ready(status: &str) -> Response {
    let body = Json(json!({ "status": status }));
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    response.extensions_mut().insert(RawErrorBody);
    response
}
