//! Section `[server]`.

use gateways::Secret;

use super::table::Settings;
use super::{Orders, Server};
use crate::address;

const SECTION: &str = "server";

impl Server {
    /// Returns the warning about an empty `allowed_origins`: it is valid, because the hosted page
    /// needs none, but a shop that has forgotten the setting sees only failed calls in its pages.
    pub(crate) fn origins_warning(&self) -> Option<&'static str> {
        self.allowed_origins.is_empty().then_some(
            "server.allowed_origins is empty: no page of another origin than public_url's can call; add the origin of your pages, such as https://shop.example, unless you use only the hosted page",
        )
    }

    /// Returns the note that the proxy must remove the path of `public_url`, if it has one and
    /// `path_prefix` is empty.
    pub(crate) fn prefix_note(&self) -> Option<String> {
        let (_, after_scheme) = self.public_url.split_once("://")?;
        let (_, path) = after_scheme.split_once('/')?;
        self.path_prefix.is_empty().then(|| {
            format!(
                "server.public_url has the path /{path}, and server.path_prefix is empty: the proxy must pass /{path}/v1/… on as /v1/…; if it does not, set path_prefix = \"/{path}\""
            )
        })
    }
}

/// Reads the section; `None` if any of it is invalid, which is then among the problems.
pub(super) fn read(settings: &mut Settings) -> Option<Server> {
    let listen = listen(settings);
    let public_url = base_url(settings, "public_url", "the address that pages use as api-base");
    let notify_url_base = match settings.text(SECTION, "notify_url_base") {
        Some(_) => base_url(settings, "notify_url_base", "the address that the gateways call"),
        None => public_url.clone(),
    };
    let path_prefix = path_prefix(settings);
    let allowed_origins = allowed_origins(settings);
    let allowed_return_urls = allowed_return_urls(settings);
    let trusted_proxies = super::limits::trusted_proxies(settings);
    let secret_keys = secret_keys(settings);
    let signing_keys = signing_keys(settings);
    let database = super::database::read(settings);
    let session_default_expiry_s = expiry(settings);
    let drain_s = drain(settings);
    let orders = orders(settings);
    let metrics = metrics(settings);
    let personal_data_days = personal_data_days(settings);
    let merchant_name = merchant_name(settings);
    Some(Server {
        listen: listen?,
        public_url: public_url?,
        path_prefix: path_prefix?,
        notify_url_base: notify_url_base?,
        allowed_origins: allowed_origins?,
        allowed_return_urls: allowed_return_urls?,
        trusted_proxies: trusted_proxies?,
        secret_keys: secret_keys?,
        signing_keys: signing_keys?,
        database: database?,
        session_default_expiry_s: session_default_expiry_s?,
        drain_s: drain_s?,
        orders: orders?,
        metrics: metrics?,
        personal_data_days: personal_data_days?,
        merchant_name: merchant_name?,
    })
}

fn listen(settings: &mut Settings) -> Option<std::net::SocketAddr> {
    let text = settings.text(SECTION, "listen").unwrap_or_else(|| "127.0.0.1:8787".to_owned());
    let parsed = text.parse().ok();
    if parsed.is_none() {
        settings.problem("server.listen: must be an IP address and a port, such as 127.0.0.1:8787");
    }
    parsed
}

/// gateways.md A3.1: a notify URL is absolute and has no query string.
fn base_url(settings: &mut Settings, key: &str, what: &str) -> Option<String> {
    let text = settings.required(
        SECTION,
        key,
        &format!("{what}, such as https://shop.example/checkout"),
    )?;
    let text = text.trim_end_matches('/').to_owned();
    let Some(origin) = address::origin(&text) else {
        settings.problem(format!(
            "server.{key}: must be an absolute address, such as https://shop.example/checkout"
        ));
        return None;
    };
    if text.contains(['?', '#']) {
        settings
            .problem(format!("server.{key}: must have no `?` and no `#`; gateways refuse them"));
        return None;
    }
    if !origin.starts_with("https://") && !address::is_loopback(&origin) {
        settings
            .problem(format!("server.{key}: must begin with https:// unless it is this machine"));
        return None;
    }
    if key == "notify_url_base" && address::is_private(&origin) {
        settings.problem(format!(
            "server.{key}: no gateway reaches an address of a private network; write the public one"
        ));
        return None;
    }
    Some(text)
}

fn path_prefix(settings: &mut Settings) -> Option<String> {
    let text = settings.text(SECTION, "path_prefix").unwrap_or_default();
    let text = text.trim_end_matches('/').to_owned();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let is_good = text.is_empty()
        || text.starts_with('/') && !text.contains("//") && text.bytes().all(is_plain);
    if !is_good {
        settings.problem("server.path_prefix: must be empty or a path of letters, digits, `-`, `_` and `.`, such as /checkout");
    }
    is_good.then_some(text)
}

fn allowed_origins(settings: &mut Settings) -> Option<Vec<String>> {
    let origins = settings.texts(SECTION, "allowed_origins").unwrap_or_default();
    let mut is_good = true;
    for text in &origins {
        if address::origin(text).as_deref() != Some(text) && !address::is_app_origin(text) {
            is_good = false;
            settings.problem(format!(
                "server.allowed_origins: `{text}` is not an origin; write it as the browser does, such as https://shop.example or, of an app, capacitor://localhost"
            ));
        }
    }
    is_good.then_some(origins)
}

fn allowed_return_urls(settings: &mut Settings) -> Option<Vec<String>> {
    let urls = settings.texts(SECTION, "allowed_return_urls").unwrap_or_default();
    let mut is_good = true;
    for text in &urls {
        if !address::is_app_address(text) {
            is_good = false;
            settings.problem(format!(
                "server.allowed_return_urls: `{text}` is no address of an app, such as shopapp://paid; of a web page, name the origin in server.allowed_origins"
            ));
        }
    }
    is_good.then_some(urls)
}

fn secret_keys(settings: &mut Settings) -> Option<Vec<Secret>> {
    let what = "`sk_` and at least 24 random letters and digits";
    let texts = settings.required_one_or_more(SECTION, "secret_key", what)?;
    let is_good = texts.iter().all(|text| {
        text.len() >= "sk_".len() + 24
            && text.starts_with("sk_")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if !is_good {
        settings.problem(format!("server.secret_key: must be {what}"));
    }
    is_good.then(|| texts.into_iter().map(Secret::new).collect())
}

fn signing_keys(settings: &mut Settings) -> Option<Vec<Secret>> {
    let what = "at least 32 random characters, such as the output of `openssl rand -hex 32`";
    let texts = settings.required_one_or_more(SECTION, "signing_key", what)?;
    let is_good = texts.iter().all(|text| text.len() >= 32);
    if !is_good {
        settings.problem(format!("server.signing_key: must be {what}"));
    }
    is_good.then(|| texts.into_iter().map(Secret::new).collect())
}

fn expiry(settings: &mut Settings) -> Option<u32> {
    let seconds = settings.integer(SECTION, "session_default_expiry_s").unwrap_or(1_800);
    let seconds =
        u32::try_from(seconds).ok().filter(|seconds| crate::EXPIRY_RANGE_S.contains(seconds));
    if seconds.is_none() {
        settings.problem(format!(
            "server.session_default_expiry_s: must be {} to {} seconds",
            crate::EXPIRY_RANGE_S.start(),
            crate::EXPIRY_RANGE_S.end()
        ));
    }
    seconds
}

fn drain(settings: &mut Settings) -> Option<u32> {
    let seconds = settings.integer(SECTION, "drain_s").unwrap_or(0);
    let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= 300);
    if seconds.is_none() {
        settings.problem("server.drain_s: must be 0 to 300 seconds");
    }
    seconds
}

/// Reads the listener of the metrics. The outer `Option` is `None` if it is invalid.
fn metrics(settings: &mut Settings) -> Option<Option<std::net::SocketAddr>> {
    let Some(text) = settings.text(SECTION, "metrics") else { return Some(None) };
    let parsed = text.parse().ok();
    if parsed.is_none() {
        settings
            .problem("server.metrics: must be an IP address and a port, such as 127.0.0.1:9464");
    }
    parsed.map(Some)
}

fn personal_data_days(settings: &mut Settings) -> Option<u32> {
    let days = settings.integer(SECTION, "personal_data_days").unwrap_or(30);
    let days = u32::try_from(days).ok().filter(|days| *days <= 400);
    if days.is_none() {
        settings.problem("server.personal_data_days: must be 0 to 400 days");
    }
    days
}

fn orders(settings: &mut Settings) -> Option<Orders> {
    match settings.text(SECTION, "orders").as_deref() {
        None | Some("one_payment") => Some(Orders::OnePayment),
        Some("independent") => Some(Orders::Independent),
        Some(_) => {
            settings.problem(
                "server.orders: must be \"one_payment\", or \"independent\" if you use order ids more than once on purpose",
            );
            None
        }
    }
}

fn merchant_name(settings: &mut Settings) -> Option<String> {
    let name = settings.required(SECTION, "merchant_name", "the name that shoppers know you by")?;
    let is_good = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !is_good {
        settings.problem("server.merchant_name: must be 1 to 64 characters");
    }
    is_good.then_some(name)
}
