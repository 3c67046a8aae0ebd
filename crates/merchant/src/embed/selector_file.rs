//! The file `selector.json` of the widget's build, read and checked at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contract::{Currency, EmbedLayout, PaymentMethod};
use serde::Deserialize;

use super::template::{Part, parts};
use crate::amount::AmountPattern;

/// The templates of every locale and layout. Members that are not needed here are ignored.
#[derive(Debug, Deserialize)]
pub(super) struct SelectorFile {
    /// The version of templates and styles; a widget of another version draws its own selector.
    pub(super) version: String,
    pub(super) styles: Styles,
    pub(super) locales: BTreeMap<String, Locale>,
}

/// The widget's style sheet.
#[derive(Debug, Deserialize)]
pub(super) struct Styles {
    pub(super) file: String,
    pub(super) integrity: Option<String>,
    pub(super) css: String,
}

/// The templates of one language.
#[derive(Debug, Deserialize)]
pub(super) struct Locale {
    /// The amount formats by currency code.
    pub(super) amounts: BTreeMap<String, AmountPattern>,
    layouts: Layouts,
}

#[derive(Debug, Deserialize)]
struct Layouts {
    accordion: Layout,
    tabs: Layout,
    list: Layout,
}

/// The templates of one layout: the container, and the parts that depend on the session.
#[derive(Debug, Deserialize)]
pub(super) struct Layout {
    pub(super) html: String,
    /// Omitted if the session has no description.
    pub(super) description_line: String,
    /// Omitted if the page has its own.
    pub(super) pay_button: String,
    pub(super) rows: Wallets,
    /// The rows of selected wallets.
    pub(super) picked_rows: Wallets,
    /// The panels below the tabs.
    pub(super) details: Option<Wallets>,
    pub(super) picked_details: Option<Wallets>,
}

/// One template for each wallet.
#[derive(Debug, Deserialize)]
pub(super) struct Wallets {
    #[serde(default)]
    alipay: String,
    #[serde(default)]
    wechat_pay: String,
}

/// The reason for which the templates cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", .file.display())]
pub struct SelectorFileError {
    /// The file.
    pub file: PathBuf,
    /// The error, and its position in the file.
    pub cause: String,
}

impl SelectorFile {
    /// Reads the file.
    pub(super) fn open(file: &Path) -> Result<Self, SelectorFileError> {
        let fail = |cause| SelectorFileError { file: file.to_owned(), cause };
        let text = std::fs::read_to_string(file)
            .map_err(|error| fail(format!("cannot be read ({error}); build the widget first")))?;
        Self::parse(&text).map_err(fail)
    }

    /// Reads and checks the text; the error names the fault.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let file: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), String> {
        if self.version.is_empty() {
            return Err("version: must not be empty".to_owned());
        }
        // It is inserted into a style element unescaped.
        if self.styles.css.contains("</") || self.styles.css.is_empty() {
            return Err("styles.css: must be a style sheet without `</`".to_owned());
        }
        if !self.locales.contains_key(ENGLISH) {
            return Err("locales: must contain `en`".to_owned());
        }
        for (name, locale) in &self.locales {
            locale.check().map_err(|cause| format!("locales.{name}.{cause}"))?;
        }
        Ok(())
    }
}

impl Locale {
    pub(super) const fn layout(&self, layout: EmbedLayout) -> &Layout {
        match layout {
            EmbedLayout::Accordion => &self.layouts.accordion,
            EmbedLayout::Tabs => &self.layouts.tabs,
            EmbedLayout::List => &self.layouts.list,
        }
    }

    fn check(&self) -> Result<(), String> {
        if !self.amounts.contains_key(Currency::CNY.as_str()) {
            return Err("amounts: must contain `CNY`".to_owned());
        }
        for (code, pattern) in &self.amounts {
            let digits = Currency::parse(code).and_then(|currency| currency.exponent());
            if digits.is_some_and(|digits| digits != pattern.digits) {
                return Err(format!("amounts.{code}.digits: is not that of ISO 4217"));
            }
        }
        for layout in [EmbedLayout::Accordion, EmbedLayout::Tabs, EmbedLayout::List] {
            let check = self.layout(layout).check();
            check.map_err(|cause| format!("layouts.{}.{cause}", layout.as_str()))?;
        }
        Ok(())
    }
}

impl Layout {
    fn check(&self) -> Result<(), String> {
        let slots = [TEXT_SLOTS, HTML_SLOTS].concat();
        check_slots("html", &self.html, &slots)?;
        if !parts(&self.html).any(|part| part == Part::Slot("rows")) {
            return Err("html: has no slot ${rows}".to_owned());
        }
        check_slots("description_line", &self.description_line, TEXT_SLOTS)?;
        check_slots("pay_button", &self.pay_button, TEXT_SLOTS)?;
        self.rows.check("rows")?;
        self.picked_rows.check("picked_rows")?;
        for (name, wallets) in
            [("details", &self.details), ("picked_details", &self.picked_details)]
        {
            for template in
                wallets.iter().flat_map(|wallets| [&wallets.alipay, &wallets.wechat_pay])
            {
                check_slots(name, template, TEXT_SLOTS)?;
            }
        }
        Ok(())
    }
}

impl Wallets {
    /// Returns the template of a wallet.
    pub(super) fn get(&self, method: PaymentMethod) -> Option<&str> {
        match method {
            PaymentMethod::Alipay => Some(&self.alipay),
            PaymentMethod::WechatPay => Some(&self.wechat_pay),
            PaymentMethod::Unknown => None,
        }
    }

    fn check(&self, name: &str) -> Result<(), String> {
        for (wallet, template) in [("alipay", &self.alipay), ("wechat_pay", &self.wechat_pay)] {
            let name = format!("{name}.{wallet}");
            if template.is_empty() {
                return Err(format!("{name}: must not be empty"));
            }
            check_slots(&name, template, TEXT_SLOTS)?;
        }
        Ok(())
    }
}

/// Refuses slots that would stay empty on the shopper's page.
fn check_slots(name: &str, template: &str, known: &[&str]) -> Result<(), String> {
    for part in parts(template) {
        if let Part::Slot(slot) = part
            && !known.contains(&slot)
        {
            return Err(format!("{name}: unknown slot ${{{slot}}}"));
        }
    }
    Ok(())
}

/// The locale that every build has.
pub(super) const ENGLISH: &str = "en";
/// Replaced by escaped text, anywhere.
const TEXT_SLOTS: &[&str] =
    &["merchant", "amount", "description", "hosted_url", "theme", "version"];
/// Replaced by other templates of the layout, in `html`.
const HTML_SLOTS: &[&str] = &["rows", "details", "description_line", "pay_button"];
