//! `/v1/events`, `/v1/events/{id}/resend` and `/v1/orders/{order_id}`

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use contract::{Event, List, OrderRecord};
use http::HeaderMap;

use super::page::{PAGE, Page};
use crate::db::sessions::Filter;
use crate::error::Error;
use crate::service::{Shared, to_the_end};
use crate::web::auth;

/// Lists the events for the merchant's systems.
pub(super) async fn list(
    State(backend): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<List<Event>>, Error> {
    auth::merchant(&backend, &headers)?;
    let page = Page::parse(query.as_deref().unwrap_or_default())?;
    if page.filter != Filter::default() {
        return Err(Error::Malformed(format!("the query may hold {PAGE} only")));
    }
    backend.list_events(page.starting_after, page.limit).await.map(Json)
}

/// Sends an event again, to `?endpoint=` or to each endpoint that wants its type.
pub(super) async fn resend(
    State(backend): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Event>, Error> {
    auth::merchant(&backend, &headers)?;
    let mut endpoint = None;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match name.as_ref() {
            "endpoint" => endpoint = Some(value.into_owned()),
            _ => return Err(Error::Malformed("the query may hold `endpoint` only".to_owned())),
        }
    }
    let caller = Shared::clone(&backend);
    to_the_end(async move { caller.resend_event(&id, endpoint).await }).await.map(Json)
}

/// Returns all that is known about an order.
pub(super) async fn order(
    State(backend): State<Shared>,
    Path(order_id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<OrderRecord>, Error> {
    auth::merchant(&backend, &headers)?;
    backend.order_record(&order_id).await.map(Json)
}
