//! Checks addresses: those that are linked to, and those that a page asks to return to.

use std::net::IpAddr;

use http::Uri;

/// Returns the origin of an absolute `http` or `https` address, as browsers serialise it:
/// `https://shop.example`, with the port only if it is not the scheme's default.
///
/// Refuses what browsers and this parser could read differently: user names, backslashes,
/// blanks and control characters.
pub(crate) fn origin(address: &str) -> Option<String> {
    let is_plain = address.len() <= MAX_LENGTH
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !is_plain {
        return None;
    }
    let uri: Uri = address.parse().ok()?;
    let scheme = uri.scheme_str()?;
    let authority = uri.authority()?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return None;
    }
    let own_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = authority.host().to_ascii_lowercase();
    // This parser reads an invalid port as the scheme's default; browsers refuse the address.
    let has_port = authority.as_str().len() > authority.host().len();
    if has_port && authority.port_u16().is_none() {
        return None;
    }
    Some(match authority.port_u16() {
        Some(port) if port != own_port => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
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

/// Limit of an address that is stored and sent on, in bytes.
const MAX_LENGTH: usize = 2_048;

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
            ("https://shop.example:/", None),
            ("", None),
        ] {
            assert_eq!(origin(address).as_deref(), expected, "{address:?}");
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
