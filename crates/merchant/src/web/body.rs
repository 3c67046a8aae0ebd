//! Reads bodies within a size and a time.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;

/// Limit of every body.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
const MAX_REASON_CHARACTERS: usize = 400;
/// The beginnings of serde's reasons that end with what was expected.
const TYPE_FAULTS: [&str; 4] =
    ["invalid type", "invalid value", "invalid length", "unknown variant"];
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
pub(crate) async fn json<T: DeserializeOwned + Serialize>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Error> {
    require_type(headers, "application/json")?;
    let body = raw(headers, body).await?;
    let mut json = serde_json::Deserializer::from_slice(&body);
    let malformed = |reason: &str| Error::Malformed(printable(&describe(reason)));
    let value = contract::read(&mut json).map_err(|error| malformed(&error.to_string()))?;
    json.end().map_err(|error| malformed(&error.to_string()))?;
    if let (Ok(given), Ok(read)) = (serde_json::from_slice(&body), serde_json::to_value(&value))
        && let Some(path) = array_for_object(&given, &read)
    {
        return Err(malformed(&format!("{path}invalid type: sequence, expected a map")));
    }
    Ok(value)
}

/// Returns the path of the first array in `given` that was read as an object: serde fills a
/// structure from a list of its members too, which the API does not define.
fn array_for_object(given: &Value, read: &Value) -> Option<String> {
    match (given, read) {
        (Value::Array(_), Value::Object(_)) => Some(String::new()),
        (Value::Object(given), Value::Object(read)) => given.iter().find_map(|(name, value)| {
            let inner = array_for_object(value, read.get(name)?)?;
            Some(if inner.is_empty() { format!("{name}: ") } else { format!("{name}.{inner}") })
        }),
        _ => None,
    }
}

/// Returns a reader's reason in words of the API: the member, and what it must be. serde's own
/// reason names Rust types.
fn describe(reason: &str) -> String {
    if let Some(member) = reason.strip_prefix("missing: ") {
        return format!("`{member}` is missing");
    }
    let (path, fault) = match reason.split_once(": ") {
        Some((path, fault)) if !path.contains(' ') => (path, fault),
        _ => ("", reason),
    };
    let (fault, position) = match fault.rsplit_once(" at line ") {
        Some((fault, position)) => (fault, format!(" (line {position})")),
        None => (fault, String::new()),
    };
    let member = if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") };
    if fault.starts_with("unknown field ") {
        let known = fault.split_once(", expected ").map_or("", |(_, known)| known);
        return format!("{member} is not a member of this request; known are {known}{position}");
    }
    if !TYPE_FAULTS.iter().any(|beginning| fault.starts_with(beginning)) {
        return format!("{member}: {fault}{position}");
    }
    let expected = fault.rsplit_once(", expected ").map_or("another value", |(_, word)| word);
    let expected = match expected {
        "i64" => "an integer",
        "u32" => "an integer from 0 to 4,294,967,295",
        "a sequence" => "an array",
        "a map" => "an object",
        structure if structure.starts_with("struct ") => "an object",
        word => word,
    };
    format!("{member} must be {expected}{position}")
}

/// Escapes and shortens a reason, which may quote a name from the body, so that it cannot forge or
/// hide log text.
fn printable(message: &str) -> String {
    let mut printable = String::with_capacity(MAX_REASON_CHARACTERS);
    for character in message.chars().take(MAX_REASON_CHARACTERS) {
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

#[cfg(test)]
mod tests;
