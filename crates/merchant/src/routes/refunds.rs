//! `/v1/refunds` and `/v1/refunds/{id}`

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use contract::{CreateRefund, List, Refund};
use http::{HeaderMap, StatusCode};

use super::page::{PAGE, Page};
use crate::db::sessions::Filter;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::{auth, body};

/// Refunds a payment that succeeded, in whole or in part. Answered as soon as the refund is stored;
/// its outcome is read later, or sent by webhook.
pub(super) async fn create(
    State(backend): State<Shared>,
    headers: HeaderMap,
    content: Body,
) -> Result<(StatusCode, Json<Refund>), Error> {
    auth::merchant(&backend, &headers)?;
    let key = auth::idempotency_key(&headers)?.to_owned();
    let request: CreateRefund = body::json(&headers, content).await?;
    let caller = Shared::clone(&backend);
    let id = to_the_end(async move { caller.create_refund(&key, &request).await }).await?;
    Ok((StatusCode::CREATED, Json(backend.refund_document(&id).await?)))
}

/// Returns a refund.
pub(super) async fn read(
    State(backend): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Refund>, Error> {
    auth::merchant(&backend, &headers)?;
    backend.refund_document(&id).await.map(Json)
}

/// Lists the merchant's refunds.
pub(super) async fn list(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<List<Refund>>, Error> {
    auth::merchant(&backend, &headers)?;
    let page = Page::parse(query.as_deref().unwrap_or_default())?;
    if page.filter != Filter::default() {
        return Err(Error::Malformed(format!("the query may hold {PAGE} only")));
    }
    backend.list_refunds(page.starting_after, page.limit).await.map(Json)
}
