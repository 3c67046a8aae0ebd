//! CORS for pages of the configured origins, never for all.

use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, RETRY_AFTER,
};
use http::{HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::request_layer::REQUEST_ID;
use crate::address;
use crate::limits::warnings::Warnings;
use crate::service::{Backend, Shared};

/// Returns the layer that answers preflights, and adds the CORS headers to answers of browser calls.
pub(crate) fn layer(backend: Shared) -> CorsLayer {
    // Of its own, so that foreign pages cannot use up the lines about notifications.
    let warnings = Warnings::default();
    let is_allowed = move |origin: &HeaderValue| is_allowed(&backend, &warnings, origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| is_allowed(origin)))
        .allow_methods([Method::GET, Method::POST])
        // A page's monitoring adds headers of its own, such as `traceparent` or `sentry-trace`, to
        // every request. They carry no authority: of them only `traceparent` is read, for the log
        // and the traces. So an allowed origin may send any. The Authorization header is the page's to set in any case.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([RETRY_AFTER, REQUEST_ID])
        .max_age(PREFLIGHT_LIFETIME)
        .vary([ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_REQUEST_HEADERS])
}

/// True if pages of `origin` may call; compares as text, because browsers write origins in one way.
fn is_allowed(backend: &Backend, warnings: &Warnings, origin: &HeaderValue) -> bool {
    let settings = &backend.settings;
    if settings.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        return true;
    }
    // A page beside the backend needs no CORS, although its browser sends the origin with a POST.
    let is_own = address::origin(&settings.public_url).is_some_and(|own| own == *origin);
    if !is_own && let Some(suppressed) = warnings.allow(backend.clock.uptime()) {
        let text = String::from_utf8_lossy(origin.as_bytes());
        let page_origin: String = text.chars().take(MAX_LOGGED_CHARACTERS).collect();
        tracing::warn!(
            page.origin = ?page_origin,
            suppressed,
            "a page called whose origin is not in server.allowed_origins; its browser hides the answer from it"
        );
    }
    false
}

/// Chromium keeps a preflight for two hours at most.
const PREFLIGHT_LIFETIME: Duration = Duration::from_secs(7_200);
const MAX_LOGGED_CHARACTERS: usize = 200;
