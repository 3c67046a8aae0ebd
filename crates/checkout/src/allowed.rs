//! The addresses that a next action may lead to.

/// The gateways' own hosts: Alipay's gateway and cashiers, WeChat Pay's H5 page.
const GATEWAY_HOSTS: &[&str] = &[
    "openapi.alipay.com",
    "openapi-sandbox.dl.alipaydev.com",
    "mclient.alipay.com",
    "wx.tenpay.com",
];

/// Whether a next action may lead to `address`.
///
/// Only `https` to a gateway's own host. A loopback sandbox is reachable only from a page
/// whose own backend (`api_origin`) is on loopback, so that no live page can be sent there.
#[must_use]
pub fn is_allowed_address(address: &str, api_origin: &str) -> bool {
    let Some((scheme, host)) = scheme_and_host(address) else { return false };
    if scheme == "https" && GATEWAY_HOSTS.contains(&host) {
        return true;
    }
    is_loopback(host) && scheme_and_host(api_origin).is_some_and(|(_, api)| is_loopback(api))
}

/// Whether `address` is a plain `http` or `https` address, as a hosted page must be.
#[must_use]
pub fn is_web_address(address: &str) -> bool {
    scheme_and_host(address).is_some()
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Splits an address that is plain in every respect; anything odd is refused rather
/// than understood, because browsers understand odd addresses in more ways than one.
fn scheme_and_host(address: &str) -> Option<(&str, &str)> {
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !is_plain {
        return None;
    }
    let (scheme, rest) = address.split_once("://")?;
    if !matches!(scheme, "https" | "http") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            let port = authority.get(colon + 1..)?;
            if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            authority.get(..colon)?
        }
        _ => authority,
    };
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'.' | b'-' | b'[' | b']' | b':')
        });
    is_host.then_some((scheme, host))
}
