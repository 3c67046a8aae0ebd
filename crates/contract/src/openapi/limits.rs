//! The limits that the reference backend enforces, added to the schemas of the types.

use serde_json::{Map, Value, json};

/// Adds every limit to its member.
pub(super) fn apply(schemas: &mut Map<String, Value>) {
    for (schema, member, limit) in limits() {
        let property = schemas
            .get_mut(schema)
            .and_then(|schema| schema.get_mut("properties"))
            .and_then(|properties| properties.get_mut(member))
            .and_then(Value::as_object_mut);
        debug_assert!(property.is_some(), "{schema} has no member {member}");
        if let (Some(property), Value::Object(limit)) = (property, limit) {
            property.extend(limit);
        }
    }
}

fn limits() -> Vec<(&'static str, &'static str, Value)> {
    let text = |max: u32| json!({ "minLength": 1, "maxLength": max, "pattern": PRINTABLE });
    vec![
        ("CreateSession", "order_id", text(64)),
        ("CreateSession", "description", text(127)),
        ("CreateSession", "expires_in_s", json!({ "minimum": 60, "maximum": 604_800 })),
        ("CreateSession", "payment_methods", json!({ "minItems": 1, "uniqueItems": true })),
        ("CreateSession", "return_url", json!({ "format": "uri" })),
        (
            "CreateSession",
            "metadata",
            json!({
                "maxProperties": 20,
                "propertyNames": { "minLength": 1, "maxLength": 40, "pattern": NO_CONTROL },
                "additionalProperties": { "type": "string", "maxLength": 500, "pattern": NO_CONTROL },
            }),
        ),
        ("OrderAmount", "value", json!({ "minimum": 1, "maximum": 10_000_000_000_u64 })),
        ("OrderAmount", "currency", json!({ "pattern": "^CNY$" })),
        (
            "EmbedRequest",
            "locale",
            json!({ "minLength": 1, "maxLength": 35, "pattern": "^[A-Za-z0-9_-]+$" }),
        ),
        (
            "EmbedRequest",
            "csp_nonce",
            json!({ "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9+/_-]+={0,2}$" }),
        ),
        ("EmbedRequest", "return_url", json!({ "format": "uri" })),
        (
            "CreateRefund",
            "reason",
            json!({ "minLength": 1, "maxLength": 80, "pattern": PRINTABLE }),
        ),
        ("StartPayment", "return_url", json!({ "format": "uri" })),
        ("Session", "hosted_url", json!({ "format": "uri" })),
        ("Session", "revision", json!({ "minimum": 1 })),
        ("Amount", "value", json!({ "minimum": -MAX_EXACT, "maximum": MAX_EXACT })),
        ("Problem", "status", json!({ "minimum": 400, "maximum": 599 })),
        ("Problem", "type", json!({ "format": "uri" })),
        ("Reconciliation", "date", json!({ "format": "date" })),
        ("NextAction", "url", json!({ "format": "uri" })),
    ]
}

/// Not blank, and without control characters.
const PRINTABLE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
const NO_CONTROL: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
/// As far as JSON numbers are exact in browsers.
const MAX_EXACT: i64 = (1 << 53) - 1;
