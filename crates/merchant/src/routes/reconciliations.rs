//! `GET /v1/reconciliations/{date}`

use axum::Json;
use axum::extract::{Path, State};
use contract::Reconciliation;
use http::HeaderMap;
use time::Date;
use time::macros::format_description;

use crate::error::Error;
use crate::service::Shared;
use crate::web::auth;

/// Returns the comparison of a day's bills with the books.
pub(super) async fn read(
    State(backend): State<Shared>,
    Path(date): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Reconciliation>, Error> {
    auth::merchant(&backend, &headers)?;
    let date = Date::parse(&date, format_description!("[year]-[month]-[day]")).map_err(|_| {
        Error::Parameter { name: "date", reason: "must be a day such as 2026-11-28".to_owned() }
    })?;
    backend.reconciliation(date).await.map(Json)
}
