//! `POST /v1/checkout/sessions`

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use contract::CreateSession;
use http::{HeaderMap, StatusCode};

use super::merchant_answer;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::{auth, body};

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
