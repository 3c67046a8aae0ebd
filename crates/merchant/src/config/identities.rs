//! The merchant's identity at each gateway, with the keys: of `[wechat_pay]` and `[alipay]`, and of
//! the former identities in `[[wechat_pay_former]]` and `[[alipay_former]]` (gateways.md G4).

use gateways::{ConfigError, alipay, wechat_pay};

use super::table::Settings;

/// Reads an identity at WeChat Pay; `None` if it is invalid.
pub(super) fn wechat_pay(settings: &mut Settings, section: &str) -> Option<wechat_pay::Config> {
    let mchid = settings.required(section, "mchid", "the merchant number, 8 to 10 digits");
    let appid = settings.required(section, "appid", "the appid bound to the merchant number");
    let serial = settings.required(
        section,
        "merchant_serial",
        "the serial of the merchant's API certificate, 40 hexadecimal digits",
    );
    let private_key =
        settings.required(section, "merchant_private_key", "the text of apiclient_key.pem");
    let api_v3_key = settings.required(section, "api_v3_key", "the APIv3 key, 32 characters");
    let platform = platform(settings, section);
    // Read before the first `?`, so that a wrong type is listed beside what is missing.
    let platform_certificates =
        settings.boolean(section, "platform_certificates").unwrap_or_default();
    let app_secret = settings.text(section, "app_secret");
    let backup_base_url = settings.text(section, "backup_base_url");
    let addresses = ["base_url", "oauth_authorize_url", "oauth_token_url"]
        .map(|key| settings.text(section, key));
    let mut gateway =
        wechat_pay::Config::new(mchid?, appid?, serial?, private_key?.into(), api_v3_key?.into());
    let mut platform = platform?.into_iter();
    (gateway.public_key_id, gateway.public_key) = platform.next().unzip();
    gateway.platform_keys = platform.collect();
    gateway.platform_certificates = platform_certificates;
    gateway.app_secret = app_secret.map(Into::into);
    gateway.backup_base_url = backup_base_url;
    let defaults =
        [&mut gateway.base_url, &mut gateway.oauth_authorize_url, &mut gateway.oauth_token_url];
    set_over(defaults, addresses);
    add_problems(settings, section, gateway.problems());
    Some(gateway)
}

/// Reads the public keys' ids and texts, which certificate mode does not need; while the platform
/// changes its key there are two. `None` if they are invalid.
fn platform(settings: &mut Settings, section: &str) -> Option<Vec<(String, String)>> {
    let has_certificates = settings.boolean(section, "platform_certificates") == Some(true);
    let has_key = settings.has(section, "public_key_id") || settings.has(section, "public_key");
    if has_certificates && !has_key {
        return Some(Vec::new());
    }
    let ids = settings.required_one_or_more(
        section,
        "public_key_id",
        "the id of the WeChat Pay public key, which begins PUB_KEY_ID_",
    );
    let keys = settings.required_one_or_more(section, "public_key", "the text of pub_key.pem");
    let (ids, keys) = (ids?, keys?);
    if ids.len() != keys.len() {
        settings
            .problem(format!("{section}.public_key: must have one text for each of public_key_id"));
        return None;
    }
    Some(ids.into_iter().zip(keys).collect())
}

/// Reads an identity at Alipay; `None` if it is invalid.
pub(super) fn alipay(settings: &mut Settings, section: &str) -> Option<alipay::Config> {
    let app_id = settings.required(section, "app_id", "the application's id, 16 digits");
    let seller_id =
        settings.required(section, "seller_id", "the merchant's PID, 2088 and 12 digits");
    let private_key =
        settings.required(section, "app_private_key", "the application's private key");
    let trust = alipay_trust(settings, section);
    let op_app_id = settings.text(section, "op_app_id");
    let texts =
        ["gateway_url", "precreate_product_code", "jsapi_product_code", "oauth_authorize_url"]
            .map(|key| settings.text(section, key));
    let mut gateway = alipay::Config::new(app_id?, seller_id?, private_key?.into());
    match trust? {
        Trust::Key(key) => gateway.alipay_public_key = Some(key),
        Trust::Certificates(certificates) => gateway.certificates = Some(certificates),
    }
    gateway.op_app_id = op_app_id;
    // The product codes depend on the contract that the merchant signed (gateways.md B5.2).
    let defaults = [
        &mut gateway.gateway_url,
        &mut gateway.precreate_product_code,
        &mut gateway.jsapi_product_code,
        &mut gateway.oauth_authorize_url,
    ];
    set_over(defaults, texts);
    add_problems(settings, section, gateway.problems());
    Some(gateway)
}

/// Replaces each default whose setting is set.
fn set_over<const N: usize>(defaults: [&mut String; N], set: [Option<String>; N]) {
    for (default, text) in defaults.into_iter().zip(set) {
        if let Some(text) = text {
            *default = text;
        }
    }
}

/// The way in which Alipay's signatures are verified; an application is set to one of the two.
enum Trust {
    Key(String),
    Certificates(alipay::Certificates),
}

fn alipay_trust(settings: &mut Settings, section: &str) -> Option<Trust> {
    let is_by_certificates = ["app_cert", "alipay_cert", "alipay_root_cert"]
        .iter()
        .any(|key| settings.has(section, key));
    if !is_by_certificates {
        let what = "the Alipay public key from the open platform, not the application's own";
        return settings.required(section, "alipay_public_key", what).map(Trust::Key);
    }
    let app_cert = settings.required(section, "app_cert", "the text of appCertPublicKey_….crt");
    let alipay_cert =
        settings.required(section, "alipay_cert", "the text of alipayCertPublicKey_RSA2.crt");
    let alipay_root_cert =
        settings.required(section, "alipay_root_cert", "the text of alipayRootCert.crt");
    if settings.has(section, "alipay_public_key") {
        settings.problem(format!(
            "{section}.alipay_public_key: excludes the certificates; keep what the application is set to"
        ));
    }
    Some(Trust::Certificates(alipay::Certificates {
        app_cert: app_cert?,
        alipay_cert: alipay_cert?,
        alipay_root_cert: alipay_root_cert?,
    }))
}

/// Reads the former identities at WeChat Pay.
pub(super) fn wechat_pay_former(
    settings: &mut Settings,
    present: Option<&wechat_pay::Config>,
) -> Vec<wechat_pay::Config> {
    let name = |one: &wechat_pay::Config| (one.mchid.clone(), one.appid.clone());
    former(settings, "wechat_pay_former", present.map(name), wechat_pay, name)
}

/// Reads the former identities at Alipay.
pub(super) fn alipay_former(
    settings: &mut Settings,
    present: Option<&alipay::Config>,
) -> Vec<alipay::Config> {
    let name = |one: &alipay::Config| (one.seller_id.clone(), one.app_id.clone());
    former(settings, "alipay_former", present.map(name), alipay, name)
}

/// Reads each `[[section]]`. `name` returns the identity as stored with its orders.
fn former<Config>(
    settings: &mut Settings,
    section: &str,
    present: Option<(String, String)>,
    read: impl Fn(&mut Settings, &str) -> Option<Config>,
    name: impl Fn(&Config) -> (String, String),
) -> Vec<Config> {
    let mut names: Vec<_> = present.into_iter().collect();
    let mut former = Vec::new();
    for section in settings.repeated(section) {
        let Some(config) = read(settings, &section) else { continue };
        if names.contains(&name(&config)) {
            settings.problem(format!(
                "{section}: is the same merchant and application as another section; keep one"
            ));
        }
        names.push(name(&config));
        former.push(config);
    }
    former
}

/// Adds the problems that a client finds in its settings, which it names as those of the present
/// identity.
fn add_problems(settings: &mut Settings, section: &str, problems: Vec<ConfigError>) {
    for error in problems {
        let key = error.field.split_once('.').map_or(error.field, |(_, key)| key);
        settings.problem(format!("{section}.{key}: {}", error.problem));
    }
}
