//! CORS for pages of the configured origins, never for all.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::service::Shared;

/// Answers preflights, and adds the CORS headers to answers of browser calls.
pub(crate) async fn layer(State(backend): State<Shared>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = origin.filter(|origin| {
        let origins = &backend.settings.allowed_origins;
        origin.to_str().is_ok_and(|origin| origins.iter().any(|allowed| allowed == origin))
    });
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let more: &[(HeaderName, &str)] =
            if is_preflight { PREFLIGHT } else { &[(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED)] };
        for (name, value) in more {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

const EXPOSED: &str = "Retry-After, Request-Id";
const PREFLIGHT: &[(HeaderName, &str)] = &[
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
    (ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Idempotency-Key, Last-Event-ID"),
    // Chromium keeps a preflight for two hours at most.
    (ACCESS_CONTROL_MAX_AGE, "7200"),
];
