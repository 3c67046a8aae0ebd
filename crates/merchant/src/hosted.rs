//! The page for one session that works without JavaScript: rendered here.
//!
//! It has links and forms only; a form makes the same call as the widget. Its script keeps it up to
//! date without loading it again; without scripts it loads itself again while a payment is awaited.

mod assets;
mod blocks;
mod marks;
mod page;
mod qr;
mod texts;
mod visitor;
mod ways;

use axum::response::{Html, IntoResponse as _, Response};
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, REFERRER_POLICY, REFRESH, VARY,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

pub(crate) use assets::{SCRIPT, stylesheet};
pub(crate) use page::View;
use texts::Texts;
pub(crate) use visitor::environment;
pub(crate) use ways::{Way, is_payable, product, way};

/// Returns the page of a session. `form_targets` are the sources to which its forms may lead besides
/// this server, in the form of a Content Security Policy.
pub(crate) fn response(headers: &HeaderMap, view: &View<'_>, form_targets: &str) -> Response {
    let texts = texts(headers);
    finish(StatusCode::OK, texts, page::session(texts, view), form_targets)
}

/// Returns the page without a session, which does not tell the reason. Addresses are relative,
/// because a proxy may have put us under another path: `folder` is relative to the caller's.
pub(crate) fn not_found(headers: &HeaderMap, folder: &str) -> Response {
    let texts = texts(headers);
    finish(StatusCode::NOT_FOUND, texts, page::not_found(texts, folder), "")
}

/// Returns the page for a failed call, with the status of its problem. One that may succeed later
/// loads itself again, without scripts, because old browsers do not understand ours.
pub(crate) fn failed(
    headers: &HeaderMap,
    status: StatusCode,
    retry_after_s: Option<u32>,
    folder: &str,
) -> Response {
    let texts = texts(headers);
    let title = match status {
        StatusCode::TOO_MANY_REQUESTS => &texts.too_fast,
        status if status.is_server_error() => &texts.away,
        _ => return finish(status, texts, page::not_found(texts, folder), ""),
    };
    let mut response = finish(status, texts, page::away(texts, title, folder), "");
    let seconds = retry_after_s.unwrap_or_default().max(MIN_RELOAD_S);
    response.headers_mut().insert(REFRESH, seconds.into());
    response
}

fn texts(headers: &HeaderMap) -> &'static Texts {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Texts::choose(accepted.unwrap_or_default())
}

fn finish(status: StatusCode, texts: &'static Texts, page: String, form_targets: &str) -> Response {
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(form_targets)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    // The address holds the token: other sites must receive no more than our origin.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language, User-Agent"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(texts.language));
    response
}

/// Only our own script runs and asks only us, nothing is loaded from elsewhere, and no page may
/// frame it. A form that starts a payment continues to the wallet's page, which browsers compare with
/// `form-action` as well.
fn policy(form_targets: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
         form-action 'self'{form_targets}; frame-ancestors 'none'; base-uri 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// Seconds until a failed page loads itself again: a shopper must be able to read it.
const MIN_RELOAD_S: u32 = 5;

#[cfg(test)]
mod tests;
