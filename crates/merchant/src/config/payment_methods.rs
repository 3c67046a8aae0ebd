//! Sections `[wechat_pay]` and `[alipay]` (gateways.md G4).

use contract::Flow;

use super::table::Settings;
use super::{Alipay, WechatPay, identities};
use crate::address;
use crate::rules::Product;

const WECHAT_PAY: &str = "wechat_pay";
const ALIPAY: &str = "alipay";

/// Reads the section; `None` if it is absent or invalid.
pub(super) fn wechat_pay(settings: &mut Settings) -> Option<WechatPay> {
    if !settings.has_section(WECHAT_PAY) {
        return None;
    }
    let gateway = identities::wechat_pay(settings, WECHAT_PAY);
    let products = wechat_pay_products(settings);
    let domain_verification = domain_verification(settings);
    let h5_domain = h5_domain(settings, products.as_deref().unwrap_or_default());
    let is_jsapi = products.iter().flatten().any(|product| *product == Product::WechatJsapi);
    if is_jsapi && !settings.has(WECHAT_PAY, "app_secret") {
        let what = "the secret of the appid, by which a payer's openid is asked for";
        settings.required(WECHAT_PAY, "app_secret", what);
    }
    Some(WechatPay {
        gateway: gateway?,
        products: products?,
        domain_verification: domain_verification?,
        h5_domain: h5_domain?,
    })
}

/// Reads the contracted products, the preferred first where several work.
fn wechat_pay_products(settings: &mut Settings) -> Option<Vec<Product>> {
    let Some(names) = settings.texts(WECHAT_PAY, "products") else {
        return Some(vec![Product::Native]);
    };
    let known = [("h5", Product::H5), ("native", Product::Native), ("jsapi", Product::WechatJsapi)];
    let what = "what you have contracts for, at least one of \"native\", \"h5\" and \"jsapi\"";
    if names.is_empty() {
        settings.problem(format!("wechat_pay.products: must name {what}"));
        return None;
    }
    let is_unknown = |name: &&String| known.iter().all(|(known, _)| known != name);
    if let Some(name) = names.iter().find(is_unknown) {
        settings.problem(format!("wechat_pay.products: `{name}` is unknown; name {what}"));
        return None;
    }
    let named = |(name, _): &(&str, Product)| names.iter().any(|named| named == name);
    Some(known.into_iter().filter(named).map(|(_, product)| product).collect())
}

/// Reads `MP_verify_….txt`, whose text is the variable part of its name; or name and text. The
/// outer `Option` is `None` if it is invalid.
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

/// Reads the registered host. The outer `Option` is `None` if it is invalid.
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

/// Reads the section; `None` if it is absent or invalid.
pub(super) fn alipay(settings: &mut Settings) -> Option<Alipay> {
    if !settings.has_section(ALIPAY) {
        return None;
    }
    let gateway = identities::alipay(settings, ALIPAY);
    let products = alipay_products(settings);
    Some(Alipay { gateway: gateway?, products: products? })
}

/// Reads the contracted products, the preferred first where several work.
fn alipay_products(settings: &mut Settings) -> Option<Vec<Product>> {
    // Read before any decision: every problem is listed at once.
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
        // A page that may be framed may also be redirected to.
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

/// Reads one of a few words; the first is the default.
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::Product::*;

    /// Returns the products of the section, and checks that its only problems are missing keys.
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
    fn wechat_pays_products_are_in_the_order_of_preference() {
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
