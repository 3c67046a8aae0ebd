//! The settings that should be equal at all instances, by name, as hashes.

use std::collections::BTreeMap;

use contract::PaymentMethod;
use gateways::Secret;

use crate::config::{Config, Webhooks};
use crate::identity::Identity;
use crate::keys::{hash_text, key_name};

/// Returns a hash of each setting whose difference shoppers, servers or receivers would notice. The
/// listeners, limits and paths of an instance are its own.
pub(super) fn hashes(config: &Config) -> BTreeMap<String, String> {
    let server = &config.server;
    let secret_keys = server.secret_keys.iter();
    let products =
        |products: &[crate::rules::Product]| joined(products.iter().map(|one| one.as_str()));
    let wechat_pay = config.wechat_pay.as_ref();
    let named = [
        ("server.public_url", server.public_url.clone()),
        ("server.notify_url_base", server.notify_url_base.clone()),
        ("server.merchant_name", server.merchant_name.clone()),
        ("server.allowed_origins", sorted(&server.allowed_origins)),
        ("server.allowed_return_urls", sorted(&server.allowed_return_urls)),
        ("server.session_default_expiry_s", server.session_default_expiry_s.to_string()),
        ("server.personal_data_days", server.personal_data_days.to_string()),
        (
            "server.secret_key",
            names_of("secret_key", secret_keys.map(|key| key.expose().as_bytes())),
        ),
        (
            "the products of [wechat_pay]",
            wechat_pay.map_or_else(String::new, |one| products(&one.products)),
        ),
        (
            "wechat_pay.h5_domain",
            wechat_pay.and_then(|one| one.h5_domain.clone()).unwrap_or_default(),
        ),
        (
            "the products of [alipay]",
            config.alipay.as_ref().map_or_else(String::new, |one| products(&one.products)),
        ),
        (WEBHOOKS, sorted(config.webhooks.iter().map(|one| &one.name))),
    ];
    let named = named.into_iter().map(|(name, value)| (name.to_owned(), value));
    let gateways = gateway_keys(config).map(|(name, value)| (name.to_owned(), value));
    let webhooks = config.webhooks.iter().flat_map(of_endpoint);
    named.chain(gateways).chain(webhooks).map(|(name, value)| (name, hash_text(&value))).collect()
}

/// Returns a hash of the gateway's address for each identity, the former ones too.
pub(super) fn gateway_addresses(config: &Config) -> BTreeMap<String, String> {
    let hashed = |method, merchant_id: &str, app_id: &str, address: &str| {
        let identity = Identity { app_id: app_id.to_owned(), merchant_id: merchant_id.to_owned() };
        (hash_text(&identity.to_text(method)), hash_text(address))
    };
    let present = config.wechat_pay.iter().map(|one| &one.gateway);
    let wechat_pay = present
        .chain(&config.wechat_pay_former)
        .map(|one| hashed(PaymentMethod::WechatPay, &one.mchid, &one.appid, &one.base_url));
    let present = config.alipay.iter().map(|one| &one.gateway);
    let alipay = present
        .chain(&config.alipay_former)
        .map(|one| hashed(PaymentMethod::Alipay, &one.seller_id, &one.app_id, &one.gateway_url));
    wechat_pay.chain(alipay).collect()
}

/// Returns a name of each key at the gateways.
fn gateway_keys(config: &Config) -> impl Iterator<Item = (&'static str, String)> {
    let name_of = |setting: &'static str, key: Option<&Secret>| {
        let name = |key: &Secret| key_name(setting, key.expose().as_bytes());
        (setting, key.map(name).unwrap_or_default())
    };
    let wechat_pay = config.wechat_pay.as_ref().map(|one| &one.gateway);
    let alipay = config.alipay.as_ref().map(|one| &one.gateway);
    [
        name_of("wechat_pay.merchant_private_key", wechat_pay.map(|one| &one.merchant_private_key)),
        name_of("wechat_pay.api_v3_key", wechat_pay.map(|one| &one.api_v3_key)),
        name_of("wechat_pay.app_secret", wechat_pay.and_then(|one| one.app_secret.as_ref())),
        name_of("alipay.app_private_key", alipay.map(|one| &one.app_private_key)),
    ]
    .into_iter()
}

/// Returns the settings of one endpoint, which its name tells from those of the others.
fn of_endpoint(endpoint: &Webhooks) -> [(String, String); 3] {
    let Webhooks { name, types, url, secrets } = endpoint;
    [
        (format!("{URL_OF}{name})"), url.clone()),
        (format!("webhooks.types ({name})"), sorted(types.iter().map(|kind| kind.as_str()))),
        (
            format!("webhooks.secret ({name})"),
            names_of("webhooks.secret", secrets.iter().map(|secret| secret.expose())),
        ),
    ]
}

/// Returns the name of the endpoint whose address the setting is.
pub(super) fn endpoint_of(setting: &str) -> Option<&str> {
    setting.strip_prefix(URL_OF)?.strip_suffix(')')
}

fn names_of<'a>(setting: &str, keys: impl Iterator<Item = &'a [u8]>) -> String {
    sorted(keys.map(|key| key_name(setting, key)))
}

/// Joins the items of a list whose order means nothing.
fn sorted(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut items: Vec<_> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
    items.sort_unstable();
    items.join("\n")
}

/// Joins the items of a list in their order.
fn joined<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

/// The names of the endpoints.
pub(super) const WEBHOOKS: &str = "webhooks";
/// The start of the setting that is an endpoint's address; each endpoint has one.
const URL_OF: &str = "webhooks.url (";
