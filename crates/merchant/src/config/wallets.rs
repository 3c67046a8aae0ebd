//! Sections `[wechat_pay]` and `[alipay]` (gateways.md G4).

use contract::Flow;
use gateways::{ConfigError, alipay, wechat_pay};

use super::table::Settings;
use super::{Alipay, WechatPay};
use crate::address;
use crate::rules::Product;

const WECHAT_PAY: &str = "wechat_pay";
const ALIPAY: &str = "alipay";

/// Reads the section; `None` if it is absent or unusable.
pub(super) fn wechat_pay(settings: &mut Settings) -> Option<WechatPay> {
    if !settings.has_section(WECHAT_PAY) {
        return None;
    }
    let mchid = settings.required(WECHAT_PAY, "mchid", "the merchant number, 8 to 10 digits");
    let appid = settings.required(WECHAT_PAY, "appid", "the appid bound to the merchant number");
    let serial = settings.required(
        WECHAT_PAY,
        "merchant_serial",
        "the serial of the merchant's API certificate, 40 hexadecimal digits",
    );
    let private_key =
        settings.required(WECHAT_PAY, "merchant_private_key", "the text of apiclient_key.pem");
    let api_v3_key = settings.required(WECHAT_PAY, "api_v3_key", "the APIv3 key, 32 characters");
    let platform = platform(settings);
    let products = wechat_pay_products(settings);
    let domain_verification = domain_verification(settings);
    let h5_domain = h5_domain(settings, products.as_deref().unwrap_or_default());
    let app_secret = app_secret(settings, products.as_deref().unwrap_or_default());
    let mut gateway =
        wechat_pay::Config::new(mchid?, appid?, serial?, private_key?.into(), api_v3_key?.into());
    let mut platform = platform?.into_iter();
    (gateway.public_key_id, gateway.public_key) = platform.next().unzip();
    gateway.platform_keys = platform.collect();
    gateway.platform_certificates =
        settings.boolean(WECHAT_PAY, "platform_certificates").unwrap_or_default();
    gateway.app_secret = app_secret?.map(Into::into);
    gateway.backup_base_url = settings.text(WECHAT_PAY, "backup_base_url");
    for (key, address) in [
        ("base_url", &mut gateway.base_url),
        ("oauth_authorize_url", &mut gateway.oauth_authorize_url),
        ("oauth_token_url", &mut gateway.oauth_token_url),
    ] {
        if let Some(text) = settings.text(WECHAT_PAY, key) {
            *address = text;
        }
    }
    check(settings, wechat_pay::Client::new(gateway.clone()).err());
    Some(WechatPay {
        gateway,
        products: products?,
        domain_verification: domain_verification?,
        h5_domain: h5_domain?,
    })
}

/// The public keys' ids and texts, which certificate mode does without; while the platform changes
/// its key there are two. `None` if they are unusable.
fn platform(settings: &mut Settings) -> Option<Vec<(String, String)>> {
    let has_certificates = settings.boolean(WECHAT_PAY, "platform_certificates") == Some(true);
    let has_key =
        settings.has(WECHAT_PAY, "public_key_id") || settings.has(WECHAT_PAY, "public_key");
    if has_certificates && !has_key {
        return Some(Vec::new());
    }
    let ids = settings.required_one_or_more(
        WECHAT_PAY,
        "public_key_id",
        "the id of the WeChat Pay public key, which begins PUB_KEY_ID_",
    );
    let keys = settings.required_one_or_more(WECHAT_PAY, "public_key", "the text of pub_key.pem");
    let (ids, keys) = (ids?, keys?);
    if ids.len() != keys.len() {
        settings.problem("wechat_pay.public_key: must have one text for each of public_key_id");
        return None;
    }
    Some(ids.into_iter().zip(keys).collect())
}

/// The outer `Option` is `None` if it is unusable.
fn app_secret(settings: &mut Settings, products: &[Product]) -> Option<Option<String>> {
    if !products.contains(&Product::WechatJsapi) {
        return Some(settings.text(WECHAT_PAY, "app_secret"));
    }
    let what = "the secret of the appid, by which a payer's openid is asked for";
    settings.required(WECHAT_PAY, "app_secret", what).map(Some)
}

/// What there are contracts for, in the order in which they are preferred where several work.
fn wechat_pay_products(settings: &mut Settings) -> Option<Vec<Product>> {
    let Some(names) = settings.texts(WECHAT_PAY, "products") else {
        return Some(vec![Product::Native]);
    };
    let known = [("h5", Product::H5), ("native", Product::Native), ("jsapi", Product::WechatJsapi)];
    let is_good =
        !names.is_empty() && names.iter().all(|name| known.iter().any(|(known, _)| known == name));
    if !is_good {
        settings.problem(
            "wechat_pay.products: must name what you have contracts for, at least one of \"native\", \"h5\" and \"jsapi\"",
        );
        return None;
    }
    let named = |(name, _): &(&str, Product)| names.iter().any(|named| named == name);
    Some(known.into_iter().filter(named).map(|(_, product)| product).collect())
}

/// `MP_verify_….txt`, whose text is the part of its name that differs; or name and text. The outer
/// `Option` is `None` if it is unusable.
fn domain_verification(settings: &mut Settings) -> Option<Option<(String, String)>> {
    let Some(mut texts) = settings.one_or_more(WECHAT_PAY, "domain_verification") else {
        return Some(None);
    };
    let text = if texts.len() == 2 { texts.pop() } else { None };
    let name = texts.pop().unwrap_or_default();
    let code = name.strip_prefix("MP_verify_").and_then(|rest| rest.strip_suffix(".txt"));
    let code = code
        .filter(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let is_text = |text: &str| (1..=128).contains(&text.len()) && text.is_ascii();
    if let (Some(code), true) = (code, texts.is_empty()) {
        let text = text.unwrap_or_else(|| code.to_owned());
        if is_text(text.trim()) {
            return Some(Some((name.clone(), text)));
        }
    }
    settings.problem("wechat_pay.domain_verification: must be the name of the file, such as \"MP_verify_AbC1.txt\", or a list of its name and its text");
    None
}

/// The outer `Option` is `None` if it is unusable.
fn h5_domain(settings: &mut Settings, products: &[Product]) -> Option<Option<String>> {
    if !products.contains(&Product::H5) {
        return Some(settings.text(WECHAT_PAY, "h5_domain"));
    }
    let what = "the host registered for H5 in the merchant platform, such as shop.example";
    let domain = settings.required(WECHAT_PAY, "h5_domain", what)?;
    let is_host = address::origin(&format!("https://{domain}")).is_some_and(|origin| {
        origin.strip_prefix("https://") == Some(domain.to_ascii_lowercase().as_str())
    });
    if !is_host {
        settings.problem(format!("wechat_pay.h5_domain: must be {what}: no `https://`, no path"));
        return None;
    }
    Some(Some(domain.to_ascii_lowercase()))
}

/// Reads the section; `None` if it is absent or unusable.
pub(super) fn alipay(settings: &mut Settings) -> Option<Alipay> {
    if !settings.has_section(ALIPAY) {
        return None;
    }
    let app_id = settings.required(ALIPAY, "app_id", "the application's id, 16 digits");
    let seller_id =
        settings.required(ALIPAY, "seller_id", "the merchant's PID, 2088 and 12 digits");
    let private_key = settings.required(ALIPAY, "app_private_key", "the application's private key");
    let trust = alipay_trust(settings);
    let products = alipay_products(settings);
    let mut gateway = alipay::Config::new(app_id?, seller_id?, private_key?.into());
    match trust? {
        Trust::Key(key) => gateway.alipay_public_key = Some(key),
        Trust::Certificates(certificates) => gateway.certificates = Some(certificates),
    }
    gateway.op_app_id = settings.text(ALIPAY, "op_app_id");
    // Which product codes depend on the contract that the merchant signed (gateways.md B5.2).
    for (key, text) in [
        ("gateway_url", &mut gateway.gateway_url),
        ("precreate_product_code", &mut gateway.precreate_product_code),
        ("jsapi_product_code", &mut gateway.jsapi_product_code),
        ("oauth_authorize_url", &mut gateway.oauth_authorize_url),
    ] {
        if let Some(set) = settings.text(ALIPAY, key) {
            *text = set;
        }
    }
    check(settings, alipay::Client::new(gateway.clone()).err());
    Some(Alipay { gateway, products: products? })
}

/// By what Alipay is known; an application is set to one of the two.
enum Trust {
    Key(String),
    Certificates(alipay::Certificates),
}

fn alipay_trust(settings: &mut Settings) -> Option<Trust> {
    let is_by_certificates =
        ["app_cert", "alipay_cert", "alipay_root_cert"].iter().any(|key| settings.has(ALIPAY, key));
    if !is_by_certificates {
        let what = "the Alipay public key from the open platform, not the application's own";
        return settings.required(ALIPAY, "alipay_public_key", what).map(Trust::Key);
    }
    let app_cert = settings.required(ALIPAY, "app_cert", "the text of appCertPublicKey_….crt");
    let alipay_cert =
        settings.required(ALIPAY, "alipay_cert", "the text of alipayCertPublicKey_RSA2.crt");
    let alipay_root_cert =
        settings.required(ALIPAY, "alipay_root_cert", "the text of alipayRootCert.crt");
    if settings.has(ALIPAY, "alipay_public_key") {
        settings.problem(
            "alipay.alipay_public_key: excludes the certificates; keep what the application is set to",
        );
    }
    Some(Trust::Certificates(alipay::Certificates {
        app_cert: app_cert?,
        alipay_cert: alipay_cert?,
        alipay_root_cert: alipay_root_cert?,
    }))
}

/// What there are contracts for, in the order in which they are preferred where several work.
fn alipay_products(settings: &mut Settings) -> Option<Vec<Product>> {
    // Told before anything is decided: every problem is listed at once.
    let flows = flows(settings);
    let desktop = choice(
        settings,
        "desktop_flow",
        &[
            // The product that every web merchant has (gateways.md B5.2).
            ("page", "a redirect", Product::Page),
            ("page_frame", "Alipay's own code in a frame", Product::PageFrame),
            ("precreate", "a QR code", Product::Precreate),
        ],
    );
    let has_mobile = settings.text(ALIPAY, "mobile_flow").is_some();
    let mobile = choice(
        settings,
        "mobile_flow",
        &[
            ("wap", "Alipay's phone page", Product::Wap),
            ("precreate_link", "a code that opens the app", Product::PrecreateLink),
        ],
    );
    let jsapi = settings.boolean(ALIPAY, "jsapi").unwrap_or_default();
    let (flows, desktop, mut mobile) = (flows?, desktop?, mobile?);
    let may_ask = |product: Product| flows.contains(&product.flow());
    if !has_mobile && !may_ask(mobile) {
        mobile = Product::PrecreateLink;
    }
    for (key, product) in [("desktop_flow", desktop), ("mobile_flow", mobile)] {
        if !may_ask(product) {
            settings.problem(format!(
                "alipay.flows: must name \"{}\", which alipay.{key} starts",
                product.flow()
            ));
        }
    }
    let mut products = Vec::new();
    let wanted = [
        (Product::AlipayJsapi, jsapi),
        (desktop, true),
        // A page that may be framed may also be gone to.
        (Product::Page, desktop == Product::PageFrame && may_ask(Product::Page)),
        (mobile, true),
        (Product::Precreate, may_ask(Product::Precreate)),
        (Product::Page, may_ask(Product::Page)),
    ];
    for (product, is_wanted) in wanted {
        if is_wanted && !products.contains(&product) {
            products.push(product);
        }
    }
    Some(products)
}

/// One of a few words; the first where nothing is set.
fn choice(settings: &mut Settings, key: &str, words: &[(&str, &str, Product)]) -> Option<Product> {
    let Some(found) = settings.text(ALIPAY, key) else {
        return words.first().map(|(_, _, product)| *product);
    };
    let chosen = words.iter().find(|(word, _, _)| *word == found).map(|(_, _, product)| *product);
    if chosen.is_none() {
        let known: Vec<String> =
            words.iter().map(|(word, what, _)| format!("\"{word}\" for {what}")).collect();
        settings
            .problem(format!("alipay.{key}: `{found}` is unknown; write {}", known.join(" or ")));
    }
    chosen
}

fn flows(settings: &mut Settings) -> Option<Vec<Flow>> {
    let Some(names) = settings.texts(ALIPAY, "flows") else {
        return Some(vec![Flow::QrCode, Flow::Redirect]);
    };
    let flows: Vec<Flow> = names.iter().map(|name| Flow::parse(name)).collect();
    let is_known = flows.iter().all(|flow| matches!(flow, Flow::QrCode | Flow::Redirect));
    if flows.is_empty() || !is_known {
        settings.problem("alipay.flows: may name \"qr_code\" and \"redirect\", and no other");
        return None;
    }
    Some(flows)
}

fn check(settings: &mut Settings, error: Option<ConfigError>) {
    if let Some(error) = error {
        settings.problem(format!("{}: {}", error.field, error.problem));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::Product::*;

    /// What the section offers, and what is wrong with it otherwise than keys that are missing.
    fn alipay(text: &str) -> Vec<Product> {
        let mut settings = Settings::default();
        settings.merge_toml(Path::new("t.toml"), &format!("[alipay]\n{text}"));
        let products = alipay_products(&mut settings).unwrap();
        assert_eq!(settings.into_problems(), [""; 0], "{text}");
        products
    }

    #[test]
    fn alipays_products_follow_the_contracts() {
        for (text, expected) in [
            ("", vec![Page, Wap, Precreate]),
            ("desktop_flow = \"precreate\"", vec![Precreate, Wap, Page]),
            ("desktop_flow = \"page_frame\"", vec![PageFrame, Page, Wap, Precreate]),
            ("flows = [\"redirect\"]\njsapi = true", vec![AlipayJsapi, Page, Wap]),
            // The face-to-face contract alone: there is no page on phones either.
            ("flows = [\"qr_code\"]\ndesktop_flow = \"precreate\"", vec![Precreate, PrecreateLink]),
            ("mobile_flow = \"precreate_link\"", vec![Page, PrecreateLink, Precreate]),
        ] {
            assert_eq!(alipay(text), expected, "{text}");
        }
    }

    #[test]
    fn wechat_pays_products_stand_in_the_order_of_their_use() {
        let mut settings = Settings::default();
        settings.merge_toml(
            Path::new("t.toml"),
            "[wechat_pay]\nproducts = [\"jsapi\", \"native\", \"h5\"]",
        );
        let products = wechat_pay_products(&mut settings);
        assert_eq!(products, Some(vec![H5, Native, WechatJsapi]));
        assert_eq!(wechat_pay_products(&mut Settings::default()), Some(vec![Native]));
    }
}
