//! Percent-encoding, and the base URLs that a client may call.

use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ConfigError;

/// RFC 3986 unreserved characters stay; a blank becomes `%20`, never `+`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `text` as one path segment or one query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Whether `url` is absolute `http` or `https` within `max_bytes`, and without a query if so asked.
pub(crate) fn is_web_address(url: &str, max_bytes: usize, may_have_query: bool) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty());
    is_web
        && url.len() <= max_bytes
        && (may_have_query || uri.query().is_none())
        && !url.contains('#')
}

/// Checks a gateway's base URL and returns it without trailing slashes.
pub(crate) fn base_url(field: &'static str, url: &str) -> Result<String, ConfigError> {
    let refuse = |problem: &str| Err(ConfigError::new(field, problem));
    let Ok(uri) = url.parse::<http::Uri>() else {
        return refuse("is not a URL; write it as https://host");
    };
    let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
        return refuse("has no host; write it as https://host");
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return refuse("has a user name or password; remove it");
    }
    if uri.query().is_some() || url.contains('#') {
        return refuse("has a query or fragment; remove it");
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(host) => {}
        Some("http") => {
            return refuse("is plain http, which is only allowed to this machine; use https");
        }
        _ => return refuse("is neither https nor http"),
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
