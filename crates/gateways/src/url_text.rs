//! Percent-encoding, and the addresses that a client may call or name.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::ConfigError;

/// RFC 3986 unreserved characters stay; a blank becomes `%20`, never `+`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes `text` as one path segment or one query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Parses an absolute address that every parser reads in the same way.
///
/// The rules of browsers also accept blanks, backslashes, too few or too many slashes and hosts that
/// are not ASCII, which the gateways and their libraries may read as another host.
fn absolute(text: &str) -> Option<Url> {
    let is_plain = |it: char| !it.is_whitespace() && !it.is_control() && it != '\\';
    let (_, rest) = text.split_once("://").filter(|_| text.chars().all(is_plain))?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| host.is_ascii())?;
    Url::parse(text).ok().filter(|url| url.has_host() && !host.is_empty())
}

/// True if `url` is absolute `http` or `https` of at most `max_bytes`, without a fragment, and
/// without a query unless it `may_have_query`.
pub(crate) fn is_web_address(url: &str, max_bytes: usize, may_have_query: bool) -> bool {
    url.len() <= max_bytes
        && absolute(url).is_some_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && (may_have_query || url.query().is_none())
                && url.fragment().is_none()
        })
}

/// Parses the address of a file that a gateway's answer names. Of usual length, and without a user
/// name, which would be sent along.
pub(crate) fn file_address(text: &str) -> Option<Url> {
    let url = absolute(text).filter(|_| text.len() <= MAX_ADDRESS_BYTES)?;
    (!has_user(&url)).then_some(url)
}

const MAX_ADDRESS_BYTES: usize = 4096;

/// Checks a gateway's base URL and returns it without trailing slashes.
pub(crate) fn base_url(field: &'static str, text: &str) -> Result<String, ConfigError> {
    let refuse = |problem: &str| Err(ConfigError::new(field, problem));
    let Some(url) = absolute(text) else {
        return refuse("is not a URL; write it as https://host");
    };
    if has_user(&url) {
        return refuse("has a user name or password; remove it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("has a query or fragment; remove it");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return refuse("is plain http, which is only allowed to this machine; use https"),
        _ => return refuse("is neither https nor http"),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// True if the host is this machine, by name or by address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// True if the address has a user name or a password.
fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests;
