//! `GET /healthz`: the process runs. `GET /readyz`: it can accept payments.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::db::readiness;
use crate::db::sql::Isolation;
use crate::service::{Backend, Shared};
use crate::web::request_layer::RawErrorBody;

/// Liveness: answers as long as the process runs.
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Readiness: answers 200 and the worker's lateness if the database accepts a write; 503 if not, or
/// if the process is draining.
pub(super) async fn ready(State(backend): State<Shared>) -> Response {
    if *backend.draining.borrow() {
        return not_ready("draining");
    }
    let now = backend.clock.now();
    let endpoints = backend.running_endpoints();
    let ready = backend.db.write_with(Isolation::ReadCommitted, move |tx| {
        readiness::beat(tx, now)?;
        readiness::lateness(tx, &endpoints, now)
    });
    match tokio::time::timeout(WRITE_TIMEOUT, ready).await {
        Ok(Ok(late)) => Json(json!({ "status": "ok", "late": late })).into_response(),
        Ok(Err(error)) => cannot_write(&backend, &error.to_string()),
        Err(_) => cannot_write(&backend, &format!("no answer within {WRITE_TIMEOUT:?}")),
    }
}

fn cannot_write(backend: &Backend, cause: &str) -> Response {
    if let Some(suppressed) = backend.unwritable.allow(backend.clock.uptime()) {
        tracing::error!(
            alarm = true,
            alarm.kind = "database_unwritable",
            suppressed,
            "nothing can be written: {cause}"
        );
    }
    not_ready("cannot_write")
}

/// Shorter than the usual timeout of a load balancer's check.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

fn not_ready(status: &str) -> Response {
    let body = Json(json!({ "status": status }));
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    response.extensions_mut().insert(RawErrorBody);
    response
}
