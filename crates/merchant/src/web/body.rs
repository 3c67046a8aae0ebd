//! Reads bodies within a size and a time.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Limit of every body.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the body as received, for checks of signatures.
pub(crate) async fn raw(headers: &HeaderMap, body: Body) -> Result<Bytes, Error> {
    let too_large = || Error::BodyTooLarge { limit_bytes: MAX_BODY_BYTES };
    let declared =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: u64| length > MAX_BODY_BYTES as u64) {
        return Err(too_large());
    }
    let reading = Limited::new(body, MAX_BODY_BYTES).collect();
    match tokio::time::timeout(READ_TIMEOUT, reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_too_long(error.as_ref()) => Err(too_large()),
        Ok(Err(_)) => Err(Error::Malformed("the body broke off".to_owned())),
        Err(_) => Err(Error::TimedOut),
    }
}

/// Parses a JSON body.
pub(crate) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Error> {
    require_type(headers, "application/json")?;
    let body = raw(headers, body).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Error::Malformed(format!("the body: {}", printable(&error.to_string()))))
}

/// Escapes a parser's message, which may quote a name from the body, so that it cannot forge or
/// hide log text.
fn printable(message: &str) -> String {
    let mut printable = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_ascii_graphic() || character == ' ' {
            printable.push(character);
        } else {
            printable.extend(character.escape_unicode());
        }
    }
    printable
}

/// Parses the fields of an HTML form.
pub(crate) async fn form(headers: &HeaderMap, body: Body) -> Result<Vec<(String, String)>, Error> {
    require_type(headers, "application/x-www-form-urlencoded")?;
    let body = raw(headers, body).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

fn require_type(headers: &HeaderMap, expected: &str) -> Result<(), Error> {
    let found = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::Malformed(format!("the Content-Type must be {expected}")))
}

fn is_too_long(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.is::<LengthLimitError>()
}
