//! The events that the backend sends to the merchant's systems.

use serde_json::{Map, Value, json};

use super::examples;
use crate::WebhookType;

/// Returns `webhooks`, by the type of event.
pub(super) fn webhooks() -> Value {
    let mut webhooks = Map::new();
    for kind in WebhookType::ALL {
        let (schema, summary) = match kind {
            WebhookType::SessionCompleted => ("WebhookSessionEvent", "A session is paid: deliver"),
            WebhookType::SessionExpired => ("WebhookSessionEvent", "A session expired unpaid"),
            WebhookType::PaymentFailed => ("WebhookPaymentEvent", "A payment was refused"),
            WebhookType::RefundUpdated => {
                ("WebhookRefundEvent", "A refund was made, succeeded or failed")
            }
            WebhookType::DuplicateRefunded => {
                ("WebhookRefundEvent", "A second or late capture has gone back")
            }
            WebhookType::Unknown => continue,
        };
        webhooks.insert(kind.as_str().to_owned(), json!({ "post": post(*kind, schema, summary) }));
    }
    webhooks.into()
}

fn post(kind: WebhookType, schema: &str, summary: &str) -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": schema });
    json!({
        "operationId": format!("on.{kind}"),
        "tags": ["merchant"],
        "summary": summary,
        "description": "Signed after the Standard Webhooks convention. Verify the raw body, refuse \
            a timestamp more than five minutes from your clock, and expect the same id twice.",
        "security": [],
        "parameters": [
            header("webhook-id", "The same for every repetition.", json!({ "type": "string" })),
            header("webhook-timestamp", "Unix seconds of this try.", json!({ "type": "string", "pattern": "^[0-9]+$" })),
            header(
                "webhook-signature",
                "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, for each secret, separated by spaces.",
                json!({ "type": "string", "pattern": "^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$" }),
            ),
        ],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": {
                "allOf": [{ "$ref": format!("#/components/schemas/{schema}") }],
                "required": ["type"],
            "properties": { "type": { "const": kind.as_str() } },
            },
            "example": examples::of_webhook(kind),
        } } },
        "responses": {
            "2XX": { "description": "Received. Otherwise it is repeated, for three days." },
            "4XX": { "description": "Refused, for instance as forged. It is repeated." },
        },
    })
}
