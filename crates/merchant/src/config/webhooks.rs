//! Sections `[webhooks]` and `[[webhooks]]`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::WebhookType;

use super::table::Settings;
use super::{WebhookSecret, Webhooks};
use crate::address;

const SECTION: &str = "webhooks";

/// Reads the endpoints; those that are invalid are among the problems.
pub(super) fn read(settings: &mut Settings) -> Vec<Webhooks> {
    let mut sections = settings.repeated(SECTION);
    let has_several = sections.len() > 1 || settings.has_section(SECTION) && !sections.is_empty();
    if settings.has_section(SECTION) {
        sections.insert(0, SECTION.to_owned());
    }
    let mut endpoints: Vec<Webhooks> = Vec::new();
    for section in sections {
        let Some(endpoint) = endpoint(settings, &section, has_several) else { continue };
        if endpoints.iter().any(|other| other.name == endpoint.name) {
            settings.problem(format!(
                "{section}.name: `{}` is the name of another endpoint, too; give each its own",
                endpoint.name
            ));
        }
        endpoints.push(endpoint);
    }
    endpoints
}

/// Reads one endpoint; `None` if it is invalid.
fn endpoint(settings: &mut Settings, section: &str, has_several: bool) -> Option<Webhooks> {
    let name = name(settings, section, has_several && section != SECTION);
    let url = settings.required(section, "url", "the address that takes the events");
    let what = "whsec_ and 24 to 64 random bytes in base64";
    let texts = settings.required_one_or_more(section, "secret", what);
    let types = types(settings, section);
    let url = url.and_then(|url| check_url(settings, section, url));
    let secrets: Option<Vec<_>> = texts
        .and_then(|texts| texts.iter().map(|text| read_secret(settings, section, text)).collect());
    Some(Webhooks { name: name?, types: types?, url: url?, secrets: secrets? })
}

/// Reads the name, which events in the database refer to.
fn name(settings: &mut Settings, section: &str, is_required: bool) -> Option<String> {
    let what = "1 to 32 small letters, digits, `-` and `_`, such as \"accounts\"";
    let name = if is_required {
        settings.required(section, "name", what)?
    } else {
        settings.text(section, "name").unwrap_or_else(|| DEFAULT_NAME.to_owned())
    };
    let is_good = (1..=32).contains(&name.len())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)
        });
    if !is_good {
        settings.problem(format!("{section}.name: must be {what}"));
    }
    is_good.then_some(name)
}

/// Reads the types that the endpoint gets.
fn types(settings: &mut Settings, section: &str) -> Option<Vec<WebhookType>> {
    let Some(names) = settings.texts(section, "types") else {
        return Some(WebhookType::ALL.to_vec());
    };
    let types: Vec<_> = names.iter().map(|name| WebhookType::parse(name)).collect();
    if types.is_empty() || types.contains(&WebhookType::Unknown) {
        let known: Vec<_> = WebhookType::ALL.iter().map(|known| known.as_str()).collect();
        let known = known.join(", ");
        settings.problem(format!("{section}.types: must name one or more of {known}"));
        return None;
    }
    Some(types)
}

fn check_url(settings: &mut Settings, section: &str, url: String) -> Option<String> {
    let Some(origin) = address::origin(&url) else {
        settings.problem(format!(
            "{section}.url: must be an absolute address, such as https://shop.example/webhooks"
        ));
        return None;
    };
    if !origin.starts_with("https://") && !address::is_loopback(&origin) {
        settings
            .problem(format!("{section}.url: must begin with https:// unless it is this machine"));
        return None;
    }
    Some(url)
}

/// Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
fn read_secret(settings: &mut Settings, section: &str, text: &str) -> Option<WebhookSecret> {
    let bytes = text.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.filter(|bytes| (24..=64).contains(&bytes.len()));
    if bytes.is_none() {
        settings.problem(format!("{section}.secret: must be whsec_ and 24 to 64 random bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)"));
    }
    bytes.map(WebhookSecret)
}

/// The name of a single endpoint.
const DEFAULT_NAME: &str = "default";
