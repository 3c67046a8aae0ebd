//! `GET /healthz`

use axum::Json;
use axum::extract::State;

use crate::error::Error;
use crate::service::Shared;

/// Whether the database answers.
pub(super) async fn health(
    State(cashier): State<Shared>,
) -> Result<Json<serde_json::Value>, Error> {
    cashier
        .db
        .read(|connection| {
            Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
        })
        .await?;
    Ok(Json(serde_json::json!({ "status": "ok" })))
}
