//! The addresses of next actions: the widget's check against a browser's reading of the same text.

use checkout::{is_allowed_address, is_app_address, is_web_address};

use crate::input::Input;
use crate::reference::destination;

pub(crate) const WORDS: &[&str] = &[
    "https://",
    "http://",
    "javascript:",
    "data:",
    "//",
    "\\",
    "@",
    ":443",
    "openapi.alipay.com",
    "mclient.alipay.com",
    "wx.tenpay.com",
    "openapi-sandbox.dl.alipaydev.com",
    "openauth.alipay.com",
    "open.weixin.qq.com",
    "alipays://platformapi/startapp?",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "%2e",
    "\t",
    ".evil.example",
    "。",
];

/// The hosts to which a shopper may be sent; listed here a second time on purpose.
const GATEWAYS: [&str; 6] = [
    "openapi.alipay.com",
    "openapi-sandbox.dl.alipaydev.com",
    "mclient.alipay.com",
    "openauth.alipay.com",
    "wx.tenpay.com",
    "open.weixin.qq.com",
];
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let api_origin = input.pick(&["https://shop.example", "http://127.0.0.1:8787", "", "null"]);
    if input.one_in(4) {
        let host = input.pick(&GATEWAYS);
        let path: String = input.rest().iter().map(|byte| char::from(b'!' + byte % 94)).collect();
        let address = format!("https://{host}/{}", path.replace('\\', "/"));
        assert!(is_allowed_address(&address, api_origin, &[]), "{address:?} was refused");
        return;
    }
    if let Ok(address) = core::str::from_utf8(input.rest()) {
        check(address, api_origin);
    }
}

/// Panics if `address` is allowed and would not lead a browser to a gateway.
pub(crate) fn check(address: &str, api_origin: &str) {
    if is_app_address(address) {
        let is_plain = address.starts_with("alipays://platformapi/startapp?") && address.is_ascii();
        assert!(is_plain && !is_web_address(address), "{address:?} opens an app");
    }
    let is_web = is_web_address(address);
    let is_allowed = is_allowed_address(address, api_origin, &[]);
    assert!(is_web || !is_allowed, "{address:?} is allowed but no web address");
    if !is_web {
        return;
    }
    let Some(to) = destination(address) else { panic!("{address:?} leads nowhere in a browser") };
    assert!(!to.has_user, "{address:?} hides its host behind a user name");
    assert!(address.starts_with(&format!("{}://", to.scheme)), "{address:?} is not plain");
    let is_at_home = to.port.as_deref().is_none_or(|port| port == "443");
    let is_live = to.scheme == "https" && GATEWAYS.contains(&to.host.as_str()) && is_at_home;
    let is_sandbox = LOOPBACK.contains(&to.host.as_str()) && api_origin.contains("127.0.0.1");
    assert_eq!(is_allowed, is_live || is_sandbox, "{address:?} leads to {}", to.host);
}
