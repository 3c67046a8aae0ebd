//! The configuration: TOML files, each overriding the ones before, and the environment over all.
//!
//! Everything is checked before anything starts, and every problem is listed at once with
//! the setting's name and its remedy.

mod database;
mod embed;
mod identities;
mod limits;
mod payment_methods;
mod schema;
mod server;
mod table;
mod webhooks;

use std::path::{Path, PathBuf};

pub use database::Database;
pub use ipnet::IpNet;
pub use limits::AddressLimits;
#[cfg(test)]
pub(crate) use limits::network;
use table::Settings;

use crate::rules::Product;

/// All settings of the backend.
#[derive(Clone, Debug)]
pub struct Config {
    /// The addresses of the server, and its secrets.
    pub server: Server,
    /// Limits per client address.
    pub limits: AddressLimits,
    /// WeChat Pay, if it is offered.
    pub wechat_pay: Option<WechatPay>,
    /// Alipay, if it is offered.
    pub alipay: Option<Alipay>,
    /// The merchant's former identities at WeChat Pay, for their orders: each
    /// `[[wechat_pay_former]]`.
    pub wechat_pay_former: Vec<gateways::wechat_pay::Config>,
    /// The merchant's former identities at Alipay, for their orders: each `[[alipay_former]]`.
    pub alipay_former: Vec<gateways::alipay::Config>,
    /// The merchant's own systems that are notified: `[webhooks]`, or each `[[webhooks]]`.
    pub webhooks: Vec<Webhooks>,
    /// The prerendered selector, if shops may request it.
    pub embed: Option<Embed>,
}

/// Section `[server]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server {
    /// `listen`: address and port.
    pub listen: std::net::SocketAddr,
    /// `public_url`: the page's `api-base`, before `/v1/…`. Without a slash at the end.
    pub public_url: String,
    /// `path_prefix`: the path under which this process itself sees `/v1/…`; empty or `/…`.
    pub path_prefix: String,
    /// `notify_url_base`: like `public_url`, for the gateways.
    pub notify_url_base: String,
    /// `allowed_origins`: the pages that may call from a browser, as `https://host[:port]`, or the
    /// origin of an app's own pages, such as `capacitor://localhost`.
    pub allowed_origins: Vec<String>,
    /// `allowed_return_urls`: addresses of the merchant's app, of a scheme of its own, to which
    /// shoppers may be redirected; compared as exact text.
    pub allowed_return_urls: Vec<String>,
    /// `trusted_proxies`: the proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// `secret_key`: `sk_…`, sent by the merchant's own servers; each opens the API.
    pub secret_keys: Vec<gateways::Secret>,
    /// `signing_key`: derives the secrets of sessions. The first derives, those of the others stay
    /// valid.
    pub signing_keys: Vec<gateways::Secret>,
    /// `database`: holds the backend's records.
    pub database: Database,
    /// `session_default_expiry_s`.
    pub session_default_expiry_s: u32,
    /// `drain_s`: seconds between the request to stop, after which `/readyz` answers 503, and the
    /// stop.
    pub drain_s: u32,
    /// `orders`: the number of payments that an order may have.
    pub orders: Orders,
    /// `metrics`: address and port of the listener that serves `/metrics`; none unless set.
    pub metrics: Option<std::net::SocketAddr>,
    /// `personal_data_days`: days after an order's end for which a payment keeps the payer's id and
    /// the shopper's address.
    pub personal_data_days: u32,
    /// `merchant_name`: the payee, as the shopper knows it.
    pub merchant_name: String,
}

impl Server {
    /// True if the address is one of the merchant's app to which shoppers may be redirected.
    pub(crate) fn is_app_return_url(&self, address: &str) -> bool {
        self.allowed_return_urls.iter().any(|allowed| allowed == address)
    }
}

/// The number of payments that an order may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orders {
    /// `one_payment`: one, over all sessions with its `order_id`.
    #[default]
    OnePayment,
    /// `independent`: one for each session; the merchant reuses order ids on purpose.
    Independent,
}

/// Section `[wechat_pay]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WechatPay {
    /// The gateway and its keys.
    pub gateway: gateways::wechat_pay::Config,
    /// `products`: the products that the merchant has contracts for, the preferred first.
    pub products: Vec<Product>,
    /// `domain_verification`: the name and the text of the file `MP_verify_….txt`, by which WeChat
    /// verifies the owner of a domain.
    pub domain_verification: Option<(String, String)>,
    /// `h5_domain`: the host that is registered for H5; only to it WeChat Pay redirects the shopper
    /// back.
    pub h5_domain: Option<String>,
}

/// Section `[alipay]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alipay {
    /// The gateway and its keys.
    pub gateway: gateways::alipay::Config,
    /// The products that the merchant has contracts for, the preferred first: by `desktop_flow`,
    /// `mobile_flow`, `jsapi` and `flows`.
    pub products: Vec<Product>,
}

/// Section `[webhooks]` or `[[webhooks]]`: a receiver of events, after the Standard Webhooks
/// convention.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Webhooks {
    /// `name`: under which events are owed to it, whatever its address; `default` unless set.
    pub name: String,
    /// `types`: the events that it gets; all unless set.
    pub types: Vec<contract::WebhookType>,
    /// `url`: receives the events by POST.
    pub url: String,
    /// `secret`: signs them; of several, each signs.
    pub secrets: Vec<WebhookSecret>,
}

/// Section `[embed]`: the widget's build, from which the prerendered selector is filled.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Embed {
    /// `selector`: the path of the build's `selector.json`.
    pub selector: PathBuf,
    /// `assets`: the address under which pages load the build's files, with a slash at the end.
    pub assets: String,
}

/// The bytes that sign webhooks; hidden in debug output.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Returns the bytes, for signing only.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// All problems of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n  - {}", .problems.join("\n  - "))]
pub struct ConfigErrors {
    /// One sentence each, beginning with the setting's name.
    pub problems: Vec<String>,
}

impl Config {
    /// Reads the files, each overriding the ones before, then `OPENCASHIER_SECTION__KEY` of the
    /// environment over them. A secret may be in a file of its own, which `…_file` names.
    ///
    /// # Errors
    /// [`ConfigErrors`] lists all problems.
    pub fn load(
        files: &[PathBuf],
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let texts: Vec<_> =
            files.iter().map(|file| (file.as_path(), std::fs::read_to_string(file))).collect();
        let unreadable: Vec<String> = texts
            .iter()
            .filter_map(|(file, text)| {
                let error = text.as_ref().err()?;
                Some(format!(
                    "{}: the file cannot be read: {error}; check the path and its permissions",
                    file.display()
                ))
            })
            .collect();
        if !unreadable.is_empty() {
            return Err(ConfigErrors { problems: unreadable });
        }
        let texts = texts.into_iter().filter_map(|(file, text)| Some((file, text.ok()?)));
        Self::parse(texts, environment)
    }

    /// Does the same as [`Config::load`] with texts; the paths only name them in messages.
    ///
    /// # Errors
    /// [`ConfigErrors`] lists all problems.
    pub fn parse<'a>(
        texts: impl IntoIterator<Item = (&'a Path, String)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let mut settings = Settings::default();
        for (file, text) in texts {
            settings.merge_toml(file, &text);
        }
        if settings.is_incomplete {
            // Everything that the file sets would be called missing, too.
            return Err(ConfigErrors { problems: settings.into_problems() });
        }
        settings.merge_environment(environment);
        let server = server::read(&mut settings);
        let limits = limits::read(&mut settings);
        let wechat_pay = payment_methods::wechat_pay(&mut settings);
        let alipay = payment_methods::alipay(&mut settings);
        let present = wechat_pay.as_ref().map(|wechat_pay| &wechat_pay.gateway);
        let wechat_pay_former = identities::wechat_pay_former(&mut settings, present);
        let present = alipay.as_ref().map(|alipay| &alipay.gateway);
        let alipay_former = identities::alipay_former(&mut settings, present);
        let webhooks = webhooks::read(&mut settings);
        let embed = embed::read(&mut settings);
        if !settings.has_section("wechat_pay") && !settings.has_section("alipay") {
            settings.problem("[wechat_pay], [alipay]: configure at least one of them");
        }
        match (server, limits, settings.into_problems()) {
            (Some(server), Some(limits), problems) if problems.is_empty() => Ok(Self {
                server,
                limits,
                wechat_pay,
                alipay,
                wechat_pay_former,
                alipay_former,
                webhooks,
                embed,
            }),
            (_, _, problems) => Err(ConfigErrors { problems }),
        }
    }
}

#[cfg(test)]
mod tests;
