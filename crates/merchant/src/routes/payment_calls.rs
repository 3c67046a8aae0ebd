//! `POST /v1/checkout/sessions/{id}/payments/{payment_id}/…`

use axum::Json;
use axum::extract::{Path, State};
use contract::Session;
use http::HeaderMap;

use super::answer;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::auth;

/// `refresh`: a fresh code or address for the same payment.
pub(super) async fn refresh(
    State(cashier): State<Shared>,
    Path((session_id, payment_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Session>, Error> {
    auth::browser(&cashier, &headers, &session_id).await?;
    let (caller, id) = (Shared::clone(&cashier), session_id.clone());
    to_the_end(async move { caller.refresh(&id, &payment_id).await }).await?;
    answer(&cashier, &session_id).await
}

/// `check`: asks the gateway now.
pub(super) async fn check(
    State(cashier): State<Shared>,
    Path((session_id, payment_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Session>, Error> {
    auth::browser(&cashier, &headers, &session_id).await?;
    let (caller, id) = (Shared::clone(&cashier), session_id.clone());
    to_the_end(async move { caller.check(&id, &payment_id).await }).await?;
    answer(&cashier, &session_id).await
}

/// `cancel`: closes it at the gateway.
pub(super) async fn cancel(
    State(cashier): State<Shared>,
    Path((session_id, payment_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Session>, Error> {
    auth::browser(&cashier, &headers, &session_id).await?;
    let (caller, id) = (Shared::clone(&cashier), session_id.clone());
    to_the_end(async move { caller.cancel(&id, &payment_id).await }).await?;
    answer(&cashier, &session_id).await
}
