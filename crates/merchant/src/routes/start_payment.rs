//! `POST /v1/checkout/sessions/{id}/payments`

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use contract::{Session, StartPayment};
use http::HeaderMap;

use super::answer;
use crate::db::idempotency::Request;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::client_ip::Caller;
use crate::web::{auth, body};

/// Starts a payment.
pub(super) async fn start(
    State(backend): State<Shared>,
    Path(session_id): Path<String>,
    Caller(client_ip): Caller,
    headers: HeaderMap,
    content: Body,
) -> Result<Json<Session>, Error> {
    auth::browser(&backend, &headers, &session_id).await?;
    let key = auth::idempotency_key(&headers)?.to_owned();
    let start: StartPayment = body::json(&headers, content).await?;
    let request = Request::new(&session_id, &key, &start);
    let caller = Shared::clone(&backend);
    to_the_end(async move { caller.start(request, start, client_ip).await }).await?;
    answer(&backend, &session_id).await
}
