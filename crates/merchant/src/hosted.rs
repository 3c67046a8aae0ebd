//! The page for one session that works without JavaScript: rendered here, updated by reloading.
//!
//! It has links and forms only; a form makes the same call as the widget.

mod blocks;
mod marks;
mod page;
mod qr;
mod texts;
mod visitor;

use axum::response::{Html, IntoResponse as _, Response};
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

pub(crate) use page::{View, Way};
use texts::Texts;
pub(crate) use visitor::environment;

/// The stylesheet of the page.
pub(crate) const STYLESHEET: &str = include_str!("hosted/style.css");

/// Returns the page of a session.
pub(crate) fn response(headers: &HeaderMap, view: &View<'_>) -> Response {
    let texts = texts(headers);
    finish(StatusCode::OK, texts, page::session(texts, view))
}

/// Returns the page without a session, which does not tell the reason. Addresses are relative,
/// because a proxy may have put us under another path: `stylesheet` is relative to the caller's.
pub(crate) fn not_found(headers: &HeaderMap, stylesheet: &str) -> Response {
    let texts = texts(headers);
    finish(StatusCode::NOT_FOUND, texts, page::not_found(texts, stylesheet))
}

fn texts(headers: &HeaderMap) -> &'static Texts {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Texts::choose(accepted.unwrap_or_default())
}

fn finish(status: StatusCode, texts: &'static Texts, page: String) -> Response {
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The address holds the token: other sites must receive no more than our origin.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language, User-Agent"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(texts.language));
    response
}

/// No script runs, nothing is loaded from elsewhere, and no page may frame it. Gateways are reached
/// by links, so forms are only sent to us.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

#[cfg(test)]
mod tests;
