//! `GET /v1/checkout/sessions/{id}/events`

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName};

use crate::error::Error;
use crate::service::Shared;
use crate::web::{auth, events as stream};

/// Streams the session's changes.
pub(super) async fn events(
    State(backend): State<Shared>,
    Path(session_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    auth::browser(&backend, &headers, &session_id).await?;
    let now = backend.clock.uptime();
    let revisions =
        backend.hub.subscribe(&session_id, now).ok_or(Error::RateLimited { retry_after_s: 5 })?;
    // An id that is not one of our revisions is ignored.
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    Ok(stream::response(Shared::clone(&backend), session_id, revisions, last))
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
