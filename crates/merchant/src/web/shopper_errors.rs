//! Answers a shopper's browser with a page of ours instead of a problem document.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::RETRY_AFTER;
use http::{Method, StatusCode};

use super::request_layer::RawErrorBody;
use crate::error::PendingProblem;
use crate::hosted;

/// Replaces the problem of a page that a shopper opens. A form that failed for a while leads back to
/// its page, which shows the reason, or that it is not available itself.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let folder = folder(matched.map_or("", MatchedPath::as_str));
    let page = (request.method() == Method::POST).then(|| page_of_form(request.uri().path()));
    let response = next.run(request).await;
    let Some(pending) = response.extensions().get::<PendingProblem>().cloned() else {
        return response;
    };
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).cloned();
    let is_temporary = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let mut answer = match page.flatten().filter(|_| is_temporary) {
        Some(page) => {
            Redirect::to(&format!("../{page}?notice={}", pending.problem.code)).into_response()
        }
        None => {
            let seconds = retry_after.as_ref().and_then(|value| value.to_str().ok()?.parse().ok());
            hosted::failed(&headers, status, seconds, folder)
        }
    };
    answer.headers_mut().extend(retry_after.map(|value| (RETRY_AFTER, value)));
    // For the log.
    answer.extensions_mut().insert(pending);
    answer.extensions_mut().insert(RawErrorBody);
    answer
}

/// Returns the path to the folder of the page's files, relative to a route.
fn folder(route: &str) -> &'static str {
    if route.contains("/v1/returns/") {
        "../checkout/"
    } else if route.ends_with("/{call}") {
        "../../"
    } else {
        "../"
    }
}

/// Returns the last part of the address of the page that has a form: `TOKEN` of `…/TOKEN/CALL`.
fn page_of_form(path: &str) -> Option<String> {
    path.rsplit('/').nth(1).map(str::to_owned)
}
