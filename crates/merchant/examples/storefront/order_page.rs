//! The order page: `index.html` with one order in it, and the checkout prerendered.
//!
//! It is complete without JavaScript. The page's script takes over if it runs.

use std::collections::HashMap;
use std::fmt::Write as _;

use contract::{Amount, PaymentMethod, SessionStatus};

use crate::catalog::PRODUCTS;

/// The data of the page.
pub(crate) struct OrderPage<'a> {
    pub(crate) order_id: &'a str,
    /// The quantity of each product.
    pub(crate) items: &'a HashMap<String, i64>,
    pub(crate) amount: Amount,
    pub(crate) lang: &'a str,
    pub(crate) status: SessionStatus,
    /// The wallet of the last payment.
    pub(crate) wallet: Option<PaymentMethod>,
    /// The checkout's HTML, as the merchant API answered it.
    pub(crate) embed: &'a str,
}

impl OrderPage<'_> {
    /// Fills the page. `None` if `index.html` lacks one of its parts.
    pub(crate) fn html(&self, index: &str) -> Option<String> {
        let mut page =
            index.replacen("<html lang=\"en\">", &format!("<html lang=\"{}\">", self.lang), 1);
        remove(&mut page, "<noscript>", "</noscript>")?;
        show(&mut page, "order")?;
        insert(&mut page, "order-number", self.order_id)?;
        insert(&mut page, "order-items", &self.items())?;
        insert(&mut page, "order-total", &yuan(self.amount, self.lang))?;
        if self.status == SessionStatus::Complete {
            for id in ["paid", "paid-heading", "order-sum", "to-shop"] {
                show(&mut page, id)?;
            }
            for id in ["order-heading", "to-cart"] {
                hide(&mut page, id)?;
            }
            insert(&mut page, "order-wallet", wallet_name(self.wallet))?;
        } else {
            insert(&mut page, "pay", self.embed)?;
        }
        Some(page)
    }

    fn items(&self) -> String {
        let mut list = String::new();
        for product in &PRODUCTS {
            let count = self.items.get(product.id).copied().unwrap_or(0);
            if count > 0 {
                // Writing to a String cannot fail.
                let _ = write!(
                    list,
                    "<li><span lang=\"en\">{}</span><span lang=\"zh-CN\">{}</span> × {count}</li>",
                    product.en, product.zh
                );
            }
        }
        list
    }
}

/// Returns `zh-CN` if the browser prefers Chinese, else English, as the page's script does.
pub(crate) fn language(accept_language: &str) -> &'static str {
    if accept_language.trim_start().to_ascii_lowercase().starts_with("zh") { "zh-CN" } else { "en" }
}

/// Returns a wallet's name in both languages.
const fn wallet_name(wallet: Option<PaymentMethod>) -> &'static str {
    match wallet {
        Some(PaymentMethod::Alipay) => {
            "<span lang=\"en\">Alipay</span><span lang=\"zh-CN\">支付宝</span>"
        }
        Some(PaymentMethod::WechatPay) => {
            "<span lang=\"en\">WeChat Pay</span><span lang=\"zh-CN\">微信支付</span>"
        }
        Some(PaymentMethod::Unknown) | None => "",
    }
}

/// Returns an amount as the page's script shows it: English has CN¥, as ¥ may be yen.
fn yuan(amount: Amount, lang: &str) -> String {
    let text = amount.to_text();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if lang == "en" { "CN¥" } else { "¥" };
    format!("{sign}{grouped}.{cents}")
}

/// Inserts HTML at the start of an element.
fn insert(page: &mut String, id: &str, html: &str) -> Option<()> {
    let (_, end) = start_tag(page, id)?;
    page.insert_str(end, html);
    Some(())
}

/// Removes the attribute `hidden` of an element.
fn show(page: &mut String, id: &str) -> Option<()> {
    let (start, end) = start_tag(page, id)?;
    let tag = page.get(start..end)?.replacen(" hidden>", ">", 1);
    page.replace_range(start..end, &tag);
    Some(())
}

/// Adds the attribute `hidden` to an element.
fn hide(page: &mut String, id: &str) -> Option<()> {
    let (_, end) = start_tag(page, id)?;
    page.insert_str(end.checked_sub(1)?, " hidden");
    Some(())
}

fn remove(page: &mut String, start: &str, end: &str) -> Option<()> {
    let from = page.find(start)?;
    let to = from + page.get(from..)?.find(end)? + end.len();
    page.replace_range(from..to, "");
    Some(())
}

/// The range from an element's id to the end of its start tag.
fn start_tag(page: &str, id: &str) -> Option<(usize, usize)> {
    let start = page.find(&format!("id=\"{id}\""))?;
    let length = page.get(start..)?.find('>')?;
    Some((start, start + length + 1))
}
