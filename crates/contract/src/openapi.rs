//! The merchant API as an OpenAPI 3.1 document.
//!
//! Schemas come from the types of this crate, [`OPERATIONS`] lists the calls, `limits` has what the
//! reference backend enforces beyond the types. To add a call: an entry in [`OPERATIONS`], its
//! examples in `examples`, and its types in `schemas`; then run `cargo xtask openapi`.

mod calls;
mod codes;
mod examples;
mod headers;
mod limits;
mod operation;
mod parameters;
mod schemas;
mod webhooks;

use serde_json::{Map, Value, json};

pub use calls::OPERATIONS;
pub use codes::{CODES, Code};
pub use operation::{Caller, Operation, Success};

/// The routes of the reference backend that the document leaves out: for gateways and for the
/// shopper's browser on its way, never called by a page or by the merchant's servers.
pub const OTHER_ROUTES: &[&str] = &[
    "/v1/notifications/alipay",
    "/v1/notifications/wechat_pay",
    "/v1/returns/alipay",
    "/v1/returns/alipay_oauth",
    "/v1/returns/wechat_pay_oauth",
    "/v1/checkout/hosted.css",
    "/v1/checkout/hosted.js",
    "/v1/checkout/hosted/{token}",
    "/v1/checkout/hosted/{token}/{call}",
];

/// Returns the document.
#[must_use]
pub fn document() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_owned(), operation.to_value());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OpenCashier merchant API",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Checkout sessions, payments by Alipay and WeChat Pay, refunds",
            "description": INTRODUCTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{
            "url": "{api_base}",
            "description": "The page's `api-base`",
            "variables": { "api_base": { "default": "http://127.0.0.1:8001" } },
        }],
        "tags": [
            { "name": "browser", "description": BROWSER },
            { "name": "merchant", "description": MERCHANT },
            { "name": "operation", "description": "For load balancers and monitoring." },
        ],
        "paths": paths,
        "webhooks": webhooks::webhooks(),
        "components": {
            "securitySchemes": {
                "clientSecret": {
                    "type": "http", "scheme": "bearer",
                    "description": "`client_secret` of one session, `cs_…_secret_…`; it opens that session and nothing else.",
                },
                "secretKey": {
                    "type": "http", "scheme": "bearer",
                    "description": "`server.secret_key` of the backend, `sk_…`; never in a page.",
                },
            },
            "parameters": parameters::all(),
            "headers": headers::all(),
            "schemas": schemas::all(),
        },
    })
}

const INTRODUCTION: &str = "JSON in UTF-8, times in RFC 3339, amounts in integer minor units. \
    Errors are `application/problem+json` (RFC 9457): branch on `type` and `code`, never on prose. \
    Clients ignore members, and take no enum value for success, that they do not know.";
const BROWSER: &str = "Called by the widget in the shopper's browser. Every call but the event \
    stream answers with the whole session. Answers to an allowed origin have the CORS headers, \
    errors too; a preflight (`OPTIONS`) allows `GET` and `POST` and the headers `Authorization`, \
    `Content-Type`, `Idempotency-Key` and `Last-Event-ID`. No cookies.";
const MERCHANT: &str = "Called by the merchant's own servers with the secret key. Members that \
    are not known are refused (400).";
