//! Checks addresses: those that are linked to, and those that a page asks to return to.

use std::net::IpAddr;

use url::Url;

/// Returns the origin of an absolute `http` or `https` address, as browsers serialise it:
/// `https://shop.example`, with the port only if it is not the scheme's default.
///
/// Refuses what not every browser and gateway reads in the same way: user names, backslashes,
/// blanks and control characters, and addresses without `//`.
pub(crate) fn origin(address: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    if !is_plain(address) || rest.starts_with('/') {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let has_user = rest.split(['/', '?', '#']).next()?.contains('@');
    (!has_user).then(|| url.origin().ascii_serialization())
}

/// True if the text is the origin of an app's own pages as its browser sends it, such as
/// `capacitor://localhost`.
pub(crate) fn is_app_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let is_host =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:".contains(&byte);
    is_app_scheme(scheme) && !authority.is_empty() && authority.bytes().all(is_host)
}

/// True if the text is an absolute address of an app's own scheme, such as `shopapp://paid?order=1`.
pub(crate) fn is_app_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    is_plain(text) && is_app_scheme(scheme) && !rest.is_empty() && Url::parse(text).is_ok()
}

/// True if browsers hand addresses of this scheme to an app, and never read them as a page, a file
/// or a script of their own.
fn is_app_scheme(scheme: &str) -> bool {
    let is_character =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(is_character)
        && !BROWSER_SCHEMES.contains(&scheme)
}

fn is_plain(address: &str) -> bool {
    address.len() <= MAX_LENGTH
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// True if the origin is this machine itself, for which plain `http` is allowed.
pub(crate) fn is_loopback(origin: &str) -> bool {
    let host = host(origin);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// True if the origin is an address of a private network, unreachable from outside.
pub(crate) fn is_private(origin: &str) -> bool {
    match host(origin).parse() {
        Ok(IpAddr::V4(address)) => {
            address.is_private() || address.is_link_local() || address.is_unspecified()
        }
        Ok(IpAddr::V6(address)) => {
            address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
        }
        Err(_) => false,
    }
}

/// The host of an origin or of a host with a port, without brackets.
pub(crate) fn host(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split([':', '/']).next().unwrap_or_default(),
    }
}

/// The schemes that browsers handle themselves.
const BROWSER_SCHEMES: [&str; 12] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "javascript",
    "vbscript",
    "ws",
    "wss",
];
/// Limit of an address that is stored and sent on, in bytes.
pub(crate) const MAX_LENGTH: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_equal_those_of_browsers() {
        for (address, expected) in [
            ("https://shop.example/pay?x=1#y", Some("https://shop.example")),
            ("https://Shop.Example:443", Some("https://shop.example")),
            ("http://127.0.0.1:8080/a", Some("http://127.0.0.1:8080")),
            ("http://[::1]:9/", Some("http://[::1]:9")),
            ("javascript:alert(1)", None),
            ("//shop.example/x", None),
            ("/x", None),
            ("ftp://shop.example/", None),
            ("https://user@shop.example/", None),
            ("https://shop.example\\@evil.example/", None),
            ("https://shop.example/ x", None),
            ("https://shop.example/\u{e9}", None),
            ("https://shop.example:99999/", None),
            // As browsers read it.
            ("https://shop.example:/", Some("https://shop.example")),
            ("https://0x7f.1/", Some("https://127.0.0.1")),
            ("https:shop.example", None),
            ("https:///shop.example", None),
            ("HTTPS://shop.example", None),
            ("", None),
        ] {
            assert_eq!(origin(address).as_deref(), expected, "{address:?}");
        }
    }

    #[test]
    fn b12_app_origins_and_addresses() {
        for good in ["capacitor://localhost", "ionic://localhost", "app://shop.example:8080"] {
            assert!(is_app_origin(good), "{good}");
        }
        for bad in [
            "null",
            "capacitor://",
            "capacitor://localhost/",
            "Capacitor://localhost",
            "file://localhost",
            "https://shop.example",
            "javascript://x",
            "*",
            "",
        ] {
            assert!(!is_app_origin(bad), "{bad}");
        }
        for good in ["capacitor://localhost/paid", "shopapp://paid?order=1", "shopapp:paid"] {
            assert!(is_app_address(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://shop.example/1",
            "file:///etc/passwd",
            "https://shop.example/",
            "/paid",
            "shopapp:",
            "shopapp://paid now",
            "shopapp://a\\b",
        ] {
            assert!(!is_app_address(bad), "{bad}");
        }
    }

    #[test]
    fn loopback() {
        for (origin, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:80", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
            ("https://shop.example", false),
        ] {
            assert_eq!(is_loopback(origin), expected, "{origin}");
        }
    }

    #[test]
    fn private_networks() {
        for (origin, expected) in [
            ("https://10.0.0.1", true),
            ("https://192.168.1.2:8443", true),
            ("https://[fd00::1]", true),
            ("https://0.0.0.0", true),
            ("http://127.0.0.1", false),
            ("https://203.0.113.9", false),
            ("https://shop.example", false),
        ] {
            assert_eq!(is_private(origin), expected, "{origin}");
        }
    }
}
