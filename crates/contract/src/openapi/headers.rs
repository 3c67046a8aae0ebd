//! Headers of answers.

use serde_json::{Map, Value, json};

/// Returns `components.headers`.
pub(super) fn all() -> Value {
    let text = |required: bool, description: &str, pattern: &str| {
        json!({
            "required": required, "description": description,
            "schema": { "type": "string", "pattern": pattern },
        })
    };
    json!({
        "Request-Id": text(true, "Names the request in the backend's log.", "^req_[0-9a-z]+$"),
        "Cache-Control": text(true, "Answers are not stored.", "^no-store$"),
        "WWW-Authenticate": text(true, "The scheme that is expected.", "^Bearer$"),
        "Retry-After": retry_after(true),
        "Retry-After-If-Known": retry_after(false),
        "Access-Control-Allow-Origin":
            text(false, "The page's origin, if it is allowed.", "^[a-z][a-z0-9+.-]*://"),
        "Access-Control-Expose-Headers":
            text(false, "The headers that the page may read.", "^retry-after,request-id$"),
        "Vary": text(false, "The headers on which the CORS headers depend.", "(?i)origin"),
    })
}

/// Returns the headers of an answer; pages may read those of a browser's call.
pub(super) fn of(status: u16, is_for_pages: bool) -> Value {
    let mut headers = Map::new();
    let mut add = |name: &str, component: &str| {
        let reference = json!({ "$ref": format!("#/components/headers/{component}") });
        headers.insert(name.to_owned(), reference);
    };
    add("Request-Id", "Request-Id");
    add("Cache-Control", "Cache-Control");
    match status {
        401 => add("WWW-Authenticate", "WWW-Authenticate"),
        429 => add("Retry-After", "Retry-After"),
        409 | 503 => add("Retry-After", "Retry-After-If-Known"),
        _ => {}
    }
    if is_for_pages {
        for name in ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary"] {
            add(name, name);
        }
    }
    headers.into()
}

fn retry_after(required: bool) -> Value {
    json!({
        "required": required, "description": "Seconds until the same request may succeed.",
        "schema": { "type": "integer", "minimum": 0 },
    })
}
