//! Schemas from the types of this crate.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::limits;
use crate::{
    CreateRefund, CreateSession, Event, List, OrderRecord, PaymentEvent, Problem, Reconciliation,
    Refund, RefundEvent, Session, SessionCreated, SessionEvent, StartPayment, WebhookEvent,
};

/// Returns `components.schemas`: requests as they are read, answers as they are written.
pub(super) fn all() -> Value {
    let mut requests = generator(SchemaSettings::draft2020_12().for_deserialize());
    add::<CreateSession>(&mut requests);
    add::<StartPayment>(&mut requests);
    add::<CreateRefund>(&mut requests);

    let mut answers = generator(SchemaSettings::draft2020_12().for_serialize());
    add::<Session>(&mut answers);
    add::<SessionCreated>(&mut answers);
    add::<List<SessionCreated>>(&mut answers);
    add::<Refund>(&mut answers);
    add::<List<Refund>>(&mut answers);
    add::<OrderRecord>(&mut answers);
    add::<Event>(&mut answers);
    add::<List<Event>>(&mut answers);
    add::<Reconciliation>(&mut answers);
    add::<Problem>(&mut answers);
    add::<WebhookEvent<SessionEvent>>(&mut answers);
    add::<WebhookEvent<PaymentEvent>>(&mut answers);
    add::<WebhookEvent<RefundEvent>>(&mut answers);

    let mut schemas = answers.take_definitions(true);
    for schema in schemas.values_mut() {
        drop_null_of_absent(schema);
    }
    schemas.extend(requests.take_definitions(true));
    schemas.insert("Health".to_owned(), health());
    schemas.insert("EventStream".to_owned(), event_stream());
    for schema in schemas.values_mut() {
        plain_text(schema);
    }
    limits::apply(&mut schemas);
    schemas.into()
}

/// Returns the texts of enum values.
pub(super) fn values_of<T: Copy>(all: &[T], text: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(text).collect()
}

fn generator(settings: SchemaSettings) -> SchemaGenerator {
    let settings = settings.with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    settings.into_generator()
}

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    generator.subschema_for::<T>();
}

/// Answers leave an absent member out, and never write it as null.
fn drop_null_of_absent(schema: &mut Value) {
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties {
        if !required.contains(name) {
            drop_null(property);
        }
    }
}

fn drop_null(property: &mut Value) {
    let Some(members) = property.as_object_mut() else { return };
    if let Some(types) = members.get_mut("type").filter(|types| types.is_array()) {
        let one = types.as_array().and_then(|types| types.iter().find(|one| **one != "null"));
        *types = one.cloned().unwrap_or_default();
    }
    let Some(Value::Array(options)) = members.remove("anyOf") else { return };
    let kept = options.into_iter().find(|option| option != &json!({ "type": "null" }));
    if let Some(Value::Object(kept)) = kept {
        members.extend(kept);
    }
}

/// Descriptions are written for rustdoc: makes lines and links plain.
fn plain_text(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text
                    .replace("a code of [`crate::code`]", "a code of docs/ERRORS.md")
                    .replace("one of [`code`]", "one of docs/ERRORS.md")
                    .replace("[`", "`")
                    .replace("`]", "`");
                if let Some((prose, _)) = text.split_once("\n\n```") {
                    *text = prose.to_owned();
                }
                if !text.contains("\n- ") {
                    *text = text.replace('\n', " ");
                }
            }
            members.values_mut().for_each(plain_text);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_text),
        _ => {}
    }
}

fn health() -> Value {
    let seconds =
        |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    json!({
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": { "type": "string", "enum": ["ok", "draining", "cannot_write"] },
            "late": {
                "type": "object",
                "description": "The seconds by which due work is late.",
                "required": ["payment_s", "refund_s", "event_s"],
                "properties": {
                    "payment_s": seconds("Queries of payments."),
                    "refund_s": seconds("Refunds."),
                    "event_s": seconds("Webhooks."),
                },
            },
        },
    })
}

fn event_stream() -> Value {
    json!({
        "type": "string",
        "description": "Server-sent events `session.updated`: `data` is a Session, `id` its revision. \
            The session comes at once, at every change, and every 15 seconds; the stream ends when \
            the session has ended.",
    })
}
