//! `GET /v1/checkout/sessions/{id}`

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::{answer, merchant_answer};
use crate::error::Error;
use crate::service::Shared;
use crate::web::auth;

/// Returns the session: as the shopper sees it, or with the order's number for the merchant.
pub(super) async fn read(
    State(backend): State<Shared>,
    Path(session_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if auth::is_merchant(&headers) {
        auth::merchant(&backend, &headers)?;
        return Ok(merchant_answer(&backend, &session_id, None).await?.into_response());
    }
    auth::browser(&backend, &headers, &session_id).await?;
    backend.hub.note_asked(&session_id, backend.clock.uptime());
    Ok(answer(&backend, &session_id).await?.into_response())
}
