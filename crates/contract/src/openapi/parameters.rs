//! Parameters of paths, queries and headers.

use serde_json::{Value, json};

use super::schemas::values_of;
use crate::SessionStatus;

/// Returns `components.parameters`.
pub(super) fn all() -> Value {
    let in_path = |name: &str, description: &str, example: &str| {
        json!({
            "name": name, "in": "path", "required": true, "description": description,
            "schema": { "type": "string", "minLength": 1 }, "example": example,
        })
    };
    let in_query = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    json!({
        "session_id": in_path("session_id", "The session.", "cs_7c1f0a9e2b"),
        "payment_id": in_path("payment_id", "A payment of the session.", "pay_41d6b7c803"),
        "refund_id": in_path("refund_id", "The refund.", "re_90c2e5f16a"),
        "order_id_in_path": in_path("order_id", "Your number of the order.", "order-1001"),
        "event_id": in_path("event_id", "The event.", "msg_3b8d51f07e"),
        "endpoint": in_query("endpoint", "The configured name of the only endpoint to send it to.", json!({ "type": "string" })),
        "date": {
            "name": "date", "in": "path", "required": true, "description": "A day in China.",
            "schema": { "type": "string", "format": "date" }, "example": "2026-11-28",
        },
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "One key for each intent. Same key, same body: same outcome. Same key, other body: 409.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            "example": "order-1001",
        },
        "Last-Event-ID": {
            "name": "Last-Event-ID", "in": "header",
            "description": "The `id` of the last event. Another text is ignored.",
            "schema": { "type": "string" }, "example": "3",
        },
        "limit": in_query("limit", "The length of the page.", json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 })),
        "starting_after": in_query("starting_after", "The `id` of the last item that was read.", json!({ "type": "string" })),
        "order_id": in_query("order_id", "Sessions of this order only.", json!({ "type": "string" })),
        "status": in_query("status", "Sessions of this status only.", json!({ "type": "string", "enum": values_of(SessionStatus::ALL, |status| status.as_str()) })),
    })
}
