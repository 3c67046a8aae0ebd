//! Section `[webhooks]`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::table::Settings;
use super::{WebhookSecret, Webhooks};
use crate::address;

const SECTION: &str = "webhooks";

/// Reads the section; `None` if it is absent or invalid.
pub(super) fn read(settings: &mut Settings) -> Option<Webhooks> {
    if !settings.has_section(SECTION) {
        return None;
    }
    let url = settings.required(SECTION, "url", "the address that takes the events");
    let what = "whsec_ and 24 to 64 random bytes in base64";
    let texts = settings.required_one_or_more(SECTION, "secret", what);
    let url = url.and_then(|url| check_url(settings, url));
    let secrets: Option<Vec<_>> =
        texts.and_then(|texts| texts.iter().map(|text| read_secret(settings, text)).collect());
    Some(Webhooks { url: url?, secrets: secrets? })
}

fn check_url(settings: &mut Settings, url: String) -> Option<String> {
    let Some(origin) = address::origin(&url) else {
        settings.problem(
            "webhooks.url: must be an absolute address, such as https://shop.example/webhooks",
        );
        return None;
    };
    if !origin.starts_with("https://") && !address::is_loopback(&origin) {
        settings.problem("webhooks.url: must begin with https:// unless it is this machine");
        return None;
    }
    Some(url)
}

/// Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
fn read_secret(settings: &mut Settings, text: &str) -> Option<WebhookSecret> {
    let bytes = text.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.filter(|bytes| (24..=64).contains(&bytes.len()));
    if bytes.is_none() {
        settings.problem("webhooks.secret: must be whsec_ and 24 to 64 random bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)");
    }
    bytes.map(WebhookSecret)
}
