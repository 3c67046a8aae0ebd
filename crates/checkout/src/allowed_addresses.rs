//! The addresses that a next action may lead to.

/// The gateways' own hosts: Alipay's gateway, cashiers and sign-in, WeChat Pay's H5 page and
/// WeChat's sign-in.
const GATEWAY_HOSTS: &[&str] = &[
    "openapi.alipay.com",
    "openapi-sandbox.dl.alipaydev.com",
    "mclient.alipay.com",
    "openauth.alipay.com",
    "wx.tenpay.com",
    "open.weixin.qq.com",
];

/// True if a next action may lead to `address`.
///
/// Only `https` to a gateway's own host, at the port of `https`. A loopback sandbox is reachable only from a page
/// whose own backend (`api_origin`) is on loopback, so that no live page can be sent there.
#[must_use]
pub fn is_allowed_address(address: &str, api_origin: &str) -> bool {
    let Some((scheme, host)) = scheme_and_host(address) else { return false };
    if scheme == "https" && GATEWAY_HOSTS.contains(&host) {
        return is_at_https_port(address, host);
    }
    is_loopback(host) && scheme_and_host(api_origin).is_some_and(|(_, api)| is_loopback(api))
}

/// True if `address` opens a code in the Alipay app on this phone, and nothing else.
#[must_use]
pub fn is_app_address(address: &str) -> bool {
    let rest = address.strip_prefix("alipays://platformapi/startapp?");
    rest.is_some_and(|query| query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'))
}

/// True if `address` is a plain `http` or `https` address, as a hosted page must be.
#[must_use]
pub fn is_web_address(address: &str) -> bool {
    scheme_and_host(address).is_some()
}

/// Another port of a gateway's machine is another server's, perhaps another owner's.
fn is_at_https_port(address: &str, host: &str) -> bool {
    match address.as_bytes().get("https://".len() + host.len()..) {
        Some([b':', b'4', b'4', b'3', next, ..]) => !next.is_ascii_digit(),
        Some([b':', port @ ..]) => port == b"443",
        _ => true,
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Splits an address that is plain in every respect; anything odd is refused rather
/// than understood, because browsers understand odd addresses in more ways than one.
fn scheme_and_host(address: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = match address.strip_prefix("https://") {
        Some(rest) => ("https", rest),
        None => ("http", address.strip_prefix("http://")?),
    };
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !is_plain {
        return None;
    }
    // By bytes, not by patterns: those would bring a whole string searcher into the Wasm.
    let mut host_end = 0;
    let mut has_port = false;
    let mut port_digits = 0_u8;
    let mut is_bracketed = false;
    for byte in rest.bytes() {
        match byte {
            b'/' | b'?' | b'#' => break,
            _ if has_port && byte.is_ascii_digit() && port_digits < 5 => port_digits += 1,
            _ if has_port => return None,
            b':' if !is_bracketed => has_port = true,
            b'[' if host_end == 0 => is_bracketed = true,
            b']' if is_bracketed => is_bracketed = false,
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => {}
            b':' => {}
            _ => return None,
        }
        host_end += usize::from(!has_port);
    }
    let is_host = host_end > 0 && !is_bracketed && (!has_port || port_digits > 0);
    if is_host { rest.get(..host_end).map(|host| (scheme, host)) } else { None }
}
