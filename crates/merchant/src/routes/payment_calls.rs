//! `POST /v1/checkout/sessions/{id}/payments/{payment_id}/…`

use axum::Json;
use axum::extract::{Path, State};
use contract::Session;
use http::HeaderMap;

use super::answer;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::auth;

type Ids = Path<(String, String)>;
type Answer = Result<Json<Session>, Error>;

/// `refresh`: a fresh code or address for the same payment.
pub(super) async fn refresh(backend: State<Shared>, ids: Ids, headers: HeaderMap) -> Answer {
    run_call(backend, ids, &headers, |backend, session, payment| async move {
        backend.refresh(&session, &payment).await
    })
    .await
}

/// `check`: queries the gateway now.
pub(super) async fn check(backend: State<Shared>, ids: Ids, headers: HeaderMap) -> Answer {
    run_call(backend, ids, &headers, |backend, session, payment| async move {
        backend.check(&session, &payment).await
    })
    .await
}

/// `cancel`: closes the payment at the gateway.
pub(super) async fn cancel(backend: State<Shared>, ids: Ids, headers: HeaderMap) -> Answer {
    run_call(backend, ids, &headers, |backend, session, payment| async move {
        backend.cancel(&session, &payment).await
    })
    .await
}

/// Authorises, runs the call, which a dropped request does not cancel, and answers with the
/// session.
async fn run_call<Call, Running>(
    State(backend): State<Shared>,
    Path((session_id, payment_id)): Ids,
    headers: &HeaderMap,
    call: Call,
) -> Answer
where
    Call: FnOnce(Shared, String, String) -> Running,
    Running: Future<Output = Result<(), Error>> + Send + 'static,
{
    auth::browser(&backend, headers, &session_id).await?;
    to_the_end(call(Shared::clone(&backend), session_id.clone(), payment_id)).await?;
    answer(&backend, &session_id).await
}
