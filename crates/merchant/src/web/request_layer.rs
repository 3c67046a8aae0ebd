//! Wraps every request: an id, a time limit, a log line, and the problem document.
//!
//! The ids are our own: tower-http's `SetRequestIdLayer` would take over an id that the caller sends,
//! and a page's monitoring sends some. Its timeout and body limit answer without a problem document.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::Problem;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument as _;

use super::trace_context;
use crate::error::{Error, PendingProblem};
use crate::keys::new_id;
use crate::service::Shared;

/// Marks an error answer whose body is sent unchanged to a gateway or a browser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawErrorBody;

/// The outermost layer of the router.
pub(crate) async fn layer(State(backend): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = new_id("req_").unwrap_or_else(|_| "req_unknown".to_owned());
    // The route's template, not the path: the path of a hosted page contains its token.
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request.id = %request_id,
        request.method = %request.method(),
        request.route = route.as_str(),
        trace.id = tracing::field::Empty,
    );
    trace_context::continue_trace(&span, request.headers());
    let response = next.run(request).instrument(span.clone()).await;
    let _in_span = span.enter();
    let response = finish(response, &request_id);
    let elapsed = started.elapsed();
    backend.metrics.request(&method, &route, response.status().as_u16(), elapsed);
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(status = response.status().as_u16(), elapsed_ms, "answered");
    response
}

/// Limits the time of a handler, and replaces axum's own refusals. Inside the CORS layer, so that
/// pages can read these answers, too.
pub(crate) async fn handler_limit(request: Request, next: Next) -> Response {
    // Event streams answer at once and stream afterwards; the limit does not apply to them.
    match tokio::time::timeout(HANDLER_LIMIT, next.run(request)).await {
        Ok(response) if is_frameworks_refusal(&response) => {
            Error::Malformed("the path cannot be read".to_owned()).into_response()
        }
        Ok(response) => response,
        Err(_) => Error::TimedOut.into_response(),
    }
}

fn finish(mut response: Response, request_id: &str) -> Response {
    if let Some(pending) = response.extensions_mut().remove::<PendingProblem>() {
        log_problem(&pending);
        // A page of ours tells the shopper already.
        if response.extensions().get::<RawErrorBody>().is_none() {
            response = write_problem(response, pending.problem, request_id);
        }
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// True if axum refused the path, in plain text: it does so if the path is not UTF-8.
fn is_frameworks_refusal(response: &Response) -> bool {
    response.status() == StatusCode::BAD_REQUEST
        && response.extensions().get::<PendingProblem>().is_none()
        && response.extensions().get::<RawErrorBody>().is_none()
}

fn log_problem(pending: &PendingProblem) {
    let PendingProblem { problem, cause, is_logged } = pending;
    if *is_logged {
        return;
    }
    if problem.status >= 500 {
        tracing::error!(problem.code = %problem.code, cause, "a call failed: {}", problem.detail);
    } else {
        tracing::info!(problem.code = %problem.code, "a call was refused: {}", problem.detail);
    }
}

fn write_problem(response: Response, mut problem: Problem, request_id: &str) -> Response {
    request_id.clone_into(&mut problem.request_id);
    let (mut head, _) = response.into_parts();
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    // The problem holds strings and a number only: serialisation cannot fail.
    Response::from_parts(head, Body::from(serde_json::to_vec(&problem).unwrap_or_default()))
}

/// The header by which a request is found in the log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// Longer than one gateway call that times out, shorter than the widget's timeout (20 s) for every
/// call but a start; the widget repeats a start under its key.
const HANDLER_LIMIT: Duration = Duration::from_secs(18);
