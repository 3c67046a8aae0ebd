//! `/v1/checkout/sessions/{id}/payments` and `…/payments/{payment_id}/…`

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
