//! `/v1/checkout/sessions` and `/v1/checkout/sessions/{id}`

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use contract::{CreateSession, List, SessionCreated};
use http::{HeaderMap, HeaderName, StatusCode};

use super::page::Page;
use super::{answer, merchant_answer};
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::{auth, body, events as stream};

/// Opens a session for an order of the merchant.
pub(super) async fn create(
    State(backend): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<impl IntoResponse, Error> {
    auth::merchant(&backend, &headers)?;
    let key = auth::idempotency_key(&headers)?.to_owned();
    let mut request: CreateSession = body::json(&headers, content).await?;
    // Not a part of the idempotent request: a reloaded page has another nonce, and maybe another
    // language.
    let embed = request.embed.take();
    let draft = embed.as_ref().map(|embed| backend.check_embed(embed, &request)).transpose()?;
    let caller = Shared::clone(&backend);
    let session_id = to_the_end(async move { caller.create(&key, &request).await }).await?;
    let secret = backend.client_secret(&session_id).await?.expose().to_owned();
    let Json(mut answer) = merchant_answer(&backend, &session_id, Some(secret.clone())).await?;
    let api_base = &backend.settings.public_url;
    answer.embed = draft.map(|draft| draft.html(&answer.session, &secret, api_base));
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Lists the merchant's sessions.
pub(super) async fn list(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<List<SessionCreated>>, Error> {
    auth::merchant(&backend, &headers)?;
    let page = Page::parse(query.as_deref().unwrap_or_default())?;
    backend.list_sessions(page.filter, page.starting_after, page.limit).await.map(Json)
}

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
