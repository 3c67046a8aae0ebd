//! The sandbox talks to loopback only: real gateways refuse such addresses, it refuses all others.

use std::net::{IpAddr, Ipv4Addr};

use http::Uri;

/// An absolute `http` address on this machine, without user names.
pub(crate) fn parse(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    let plain =
        uri.scheme_str() == Some("http") && !authority.as_str().contains('@') && !url.contains('#');
    (plain && is_loopback(authority.host())).then_some(uri)
}

/// Every server on this machine, as a Content-Security-Policy names it (it cannot name `[::1]`).
pub(crate) const SOURCES: &str = "http://127.0.0.1:* http://localhost:*";

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(is_this_machine)
}

fn is_this_machine(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() && address != Ipv4Addr::new(127, 255, 255, 255)
        }
        IpAddr::V6(address) => address.is_loopback(),
    }
}
