//! `POST /v1/checkout/sessions/{id}/expire`

use axum::Json;
use axum::extract::{Path, State};
use contract::SessionCreated;
use http::HeaderMap;

use super::merchant_answer;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::auth;

/// Expires an open session now. One that has ended does not change.
pub(super) async fn expire(
    State(backend): State<Shared>,
    Path(session_id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<SessionCreated>, Error> {
    auth::merchant(&backend, &headers)?;
    backend.session(&session_id).await?;
    let (caller, id) = (Shared::clone(&backend), session_id.clone());
    to_the_end(async move { caller.expire_now(&id).await }).await?;
    merchant_answer(&backend, &session_id, None).await
}
