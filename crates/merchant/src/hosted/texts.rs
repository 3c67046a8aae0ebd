//! The page's texts and amount formats: those of the widget, `www/locales` and `www/amounts.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use contract::{Amount, PaymentMethod, code};
use serde::Deserialize;

use crate::amount::AmountPattern;
use crate::locale::accepted;

/// All texts of one language that the page uses. `{name}` is the placeholder of a value.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Texts {
    /// The BCP 47 tag of the texts.
    #[serde(skip)]
    pub(super) language: &'static str,
    /// The amount formats by currency code.
    #[serde(skip)]
    amounts: BTreeMap<String, AmountPattern>,

    alipay: String,
    wechat_pay: String,
    alipay_app: String,
    wechat_pay_app: String,
    pub(super) choose: String,
    pub(super) opens_here: String,
    pub(super) opens_in_browser: String,
    pub(super) takes_other_phone: String,
    pub(super) guide: String,
    pub(super) guide_phone: String,
    pub(super) guide_mini: String,
    pub(super) guide_code: String,
    pub(super) guide_link: String,
    pub(super) copy: String,
    pub(super) copied: String,
    pub(super) copy_by_hand: String,
    pub(super) starting: String,
    pub(super) scan: String,
    pub(super) scan_open: String,
    pub(super) scan_how: String,
    pub(super) scan_other: String,
    pub(super) scan_pays: String,
    pub(super) no_long_press: String,
    pub(super) no_scan: String,
    pub(super) qr_label: String,
    pub(super) qr_failed: String,
    pub(super) code_stale: String,
    pub(super) refresh: String,
    pub(super) waiting: String,
    pub(super) minutes_left: String,
    pub(super) seconds_left: String,
    pub(super) elsewhere: String,
    pub(super) elsewhere_how: String,
    pub(super) started_elsewhere: String,
    pub(super) offline: String,
    #[serde(rename = "continue")]
    pub(super) go_on: String,
    #[serde(rename = "paid")]
    pub(super) i_have_paid: String,
    pub(super) switch: String,
    pub(super) cancel: String,
    pub(super) succeeded: String,
    pub(super) expired: String,
    pub(super) expired_how: String,
    pub(super) canceled: String,
    pub(super) canceled_over: String,
    pub(super) code_expired: String,
    pub(super) refund_pending: String,
    pub(super) refund_succeeded: String,
    pub(super) refund_failed: String,
    pub(super) too_fast: String,
    pub(super) wallet_unavailable: String,

    #[serde(rename = "hosted_page.title")]
    pub(super) title: String,
    #[serde(rename = "hosted_page.pay_to")]
    pub(super) pay_to: String,
    #[serde(rename = "hosted_page.pay_with")]
    pub(super) pay_with: String,
    #[serde(rename = "hosted_page.open_app")]
    pub(super) open_app: String,
    #[serde(rename = "hosted_page.pay_here")]
    pub(super) pay_here: String,
    #[serde(rename = "hosted_page.not_here")]
    pub(super) not_here: String,
    #[serde(rename = "hosted_page.open_in_browser")]
    pub(super) open_in_browser: String,
    #[serde(rename = "hosted_page.tap_the_menu")]
    pub(super) tap_the_menu: String,
    #[serde(rename = "hosted_page.choose_browser")]
    pub(super) choose_browser: String,
    #[serde(rename = "hosted_page.or_copy")]
    pub(super) or_copy: String,
    #[serde(rename = "hosted_page.switch_to")]
    pub(super) switch_to: String,
    #[serde(rename = "hosted_page.thanks")]
    pub(super) thanks: String,
    #[serde(rename = "hosted_page.expired_detail")]
    pub(super) expired_detail: String,
    #[serde(rename = "hosted_page.back")]
    pub(super) back: String,
    #[serde(rename = "hosted_page.last_failed")]
    pub(super) last_failed: String,
    #[serde(rename = "hosted_page.last_canceled")]
    pub(super) last_canceled: String,
    #[serde(rename = "hosted_page.not_found")]
    pub(super) not_found: String,
    #[serde(rename = "hosted_page.not_found_detail")]
    pub(super) not_found_detail: String,
    #[serde(rename = "hosted_page.away")]
    pub(super) away: String,
    #[serde(rename = "hosted_page.away_detail")]
    pub(super) away_detail: String,
    #[serde(rename = "hosted_page.busy")]
    busy: String,
    #[serde(rename = "hosted_page.gateway")]
    gateway: String,
    #[serde(rename = "hosted_page.failed")]
    failed: String,
}

impl Texts {
    /// Returns the texts in the language that the shopper's browser prefers of those available.
    pub(super) fn choose(accept_language: &str) -> &'static Self {
        let known = ALL.iter().map(|texts| texts.language);
        let language = accepted(accept_language, known);
        let found = ALL.iter().find(|texts| Some(texts.language) == language);
        found.or(ALL.first()).unwrap_or(&NONE)
    }

    /// The direction in which the language is written.
    pub(super) fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    pub(super) fn method(&self, method: PaymentMethod) -> &str {
        match method {
            PaymentMethod::Alipay => &self.alipay,
            PaymentMethod::WechatPay => &self.wechat_pay,
            PaymentMethod::Unknown => "",
        }
    }

    /// Returns a text with the wallet as `{wallet}` and its app as `{app}`.
    pub(super) fn with_wallet(&self, text: &str, method: PaymentMethod) -> String {
        self.fill(text, method, &[])
    }

    /// Returns a text with the wallet and `values` for its placeholders.
    pub(super) fn fill(
        &self,
        text: &str,
        method: PaymentMethod,
        values: &[(&str, &str)],
    ) -> String {
        let app = match method {
            PaymentMethod::Alipay => &self.alipay_app,
            PaymentMethod::WechatPay => &self.wechat_pay_app,
            PaymentMethod::Unknown => "",
        };
        fill(text, |name| match name {
            "wallet" => Some(self.method(method)),
            "app" => Some(app),
            _ => values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value),
        })
    }

    /// Returns an amount in the form of the language, as in the widget.
    pub(super) fn amount(&self, amount: Amount) -> String {
        let currency = amount.currency;
        match self.amounts.get(currency.as_str()).filter(|_| currency.exponent().is_some()) {
            Some(pattern) => pattern.format(amount),
            None => format!("{}\u{a0}{}", currency.as_str(), amount.to_text()),
        }
    }

    /// Returns the message for a problem code; never text from the address.
    pub(super) fn notice(&self, problem_code: &str) -> &str {
        match problem_code {
            code::RATE_LIMITED => &self.too_fast,
            code::IDEMPOTENCY_IN_PROGRESS | code::PAYMENT_STILL_OPEN | code::REQUEST_TIMED_OUT => {
                &self.busy
            }
            code::FLOW_UNAVAILABLE => &self.wallet_unavailable,
            code::GATEWAY_UNAVAILABLE | code::GATEWAY_REJECTED => &self.gateway,
            _ => &self.failed,
        }
    }
}

/// Fills the `{name}` placeholders of a text in one pass; an unknown one stays as it is written.
fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let filled = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        if let Some((value, after)) = filled {
            text.push_str(value);
            rest = after;
        } else {
            text.push('{');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// The tables of the widget by language. English, the first, is the default.
macro_rules! tables {
    ($($language:literal)*) => {
        &[$(($language, include_str!(concat!("../../../../www/locales/", $language, ".json")))),*]
    };
}

const TABLES: &[(&str, &str)] = tables!(
    "en" "zh-Hans" "zh-Hant-TW" "zh-Hant-HK" "ja" "ko" "th" "vi" "ms" "id" "ru" "es" "fr" "pt-BR" "ar"
);
const AMOUNTS: &str = include_str!("../../../../www/amounts.json");

/// A test reads every table, so that none is left out.
static ALL: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let mut amounts: BTreeMap<String, BTreeMap<String, AmountPattern>> =
        serde_json::from_str(AMOUNTS).unwrap_or_default();
    let tables = TABLES.iter().filter_map(|(language, table)| {
        let texts: Texts = serde_json::from_str(table).ok()?;
        Some(Texts { language, amounts: amounts.remove(*language)?, ..texts })
    });
    tables.collect()
});
static NONE: LazyLock<Texts> = LazyLock::new(Texts::default);

#[cfg(test)]
mod tests {
    use contract::Currency;

    use super::*;

    #[test]
    fn every_table_and_its_amounts_are_complete() {
        for (language, table) in TABLES {
            let texts: Result<Texts, _> = serde_json::from_str(table);
            assert!(texts.is_ok(), "{language}: {texts:?}");
            assert!(ALL.iter().any(|texts| texts.language == *language), "{language}");
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/locales");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), TABLES.len());
    }

    #[test]
    fn the_browsers_language_is_chosen() {
        for (accepted, language, direction) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans", "ltr"),
            ("zh-HK", "zh-Hant-HK", "ltr"),
            ("ar-EG,en;q=0.5", "ar", "rtl"),
            ("de", "en", "ltr"),
            ("", "en", "ltr"),
        ] {
            let texts = Texts::choose(accepted);
            assert_eq!((texts.language, texts.direction()), (language, direction), "{accepted:?}");
        }
    }

    #[test]
    fn amounts_have_the_form_of_the_language() {
        let amount = Amount::fen(123_456_789);
        for (language, expected) in [
            ("en", "CN¥1,234,567.89"),
            ("zh-CN", "¥1,234,567.89"),
            ("ja", "元\u{a0}1,234,567.89"),
            ("pt", "CN¥\u{a0}1.234.567,89"),
            ("ar", "\u{200f}1,234,567.89\u{a0}\u{200e}CN¥\u{200e}"),
        ] {
            assert_eq!(Texts::choose(language).amount(amount), expected);
        }
        let yen = Amount { value: 1_200, currency: Currency::parse("JPY").unwrap() };
        assert_eq!(Texts::choose("zh").amount(yen), "JP¥1,200");
        let francs = Amount { value: 1_200, currency: Currency::parse("CHF").unwrap() };
        assert_eq!(Texts::choose("en").amount(francs), "CHF\u{a0}1200");
    }

    #[test]
    fn placeholders_are_filled_once() {
        let texts = Texts::choose("en");
        let values = [("merchant", "{app} {"), ("amount", "CN¥1.00")];
        let text = "{app} {wallet} {amount} {merchant} {other} {";
        assert_eq!(
            texts.fill(text, PaymentMethod::WechatPay, &values),
            "WeChat WeChat Pay CN¥1.00 {app} { {other} {"
        );
    }
}
