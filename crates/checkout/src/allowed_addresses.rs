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
/// Only `https` to a gateway's own host, at the port of `https`: another port may be another
/// owner's server. `redirect_hosts` are the hosts that the page's author allows besides, for another
/// cashier of a gateway. A loopback sandbox is reachable only from a page whose own backend
/// (`api_origin`) is on loopback, so that no live page can be sent there.
#[must_use]
pub fn is_allowed_address(address: &str, api_origin: &str, redirect_hosts: &[String]) -> bool {
    let Some(address) = Address::parse(address) else { return false };
    let is_allowed_host = GATEWAY_HOSTS.contains(&address.host)
        || redirect_hosts.iter().any(|host| host == address.host);
    if address.is_https && is_allowed_host {
        return matches!(address.port, None | Some("443"));
    }
    address.is_loopback() && Address::parse(api_origin).is_some_and(|api| api.is_loopback())
}

/// True if `address` opens a code in the Alipay app on this phone, and nothing else.
#[must_use]
pub fn is_app_address(address: &str) -> bool {
    address.strip_prefix("alipays://platformapi/startapp?").is_some_and(is_plain)
}

/// True if `address` is a plain `http` or `https` address, as a hosted page must be.
#[must_use]
pub fn is_web_address(address: &str) -> bool {
    Address::parse(address).is_some()
}

/// The beginning of an address that is plain in every respect. Anything odd is refused rather
/// than understood, because browsers understand odd addresses in more ways than one.
struct Address<'a> {
    is_https: bool,
    host: &'a str,
    port: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn parse(address: &'a str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let is_https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        if !is_plain(rest) {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next()?;
        // The colons of an IPv6 host are inside brackets.
        let host_end = authority.find(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match authority.get(host_end..)?.split_once(':') {
            Some((name, port)) => (authority.get(..host_end + name.len())?, Some(port)),
            None => (authority, None),
        };
        let is_valid = is_host(host) && port.is_none_or(is_port);
        is_valid.then_some(Self { is_https, host, port })
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host, "localhost" | "127.0.0.1" | "[::1]")
    }
}

/// True if no browser drops, decodes or turns a character: no blanks, no backslashes, ASCII only.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn is_host(host: &str) -> bool {
    let is_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => {
            !inside.is_empty() && inside.bytes().all(|byte| is_name(byte) || byte == b':')
        }
        None => !host.is_empty() && host.bytes().all(is_name),
    }
}

fn is_port(port: &str) -> bool {
    (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}
