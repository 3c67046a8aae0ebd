//! The order page: `index.html` with one order in it, and the checkout prerendered.
//!
//! It is complete without JavaScript. The page's script takes over if it runs.

use std::collections::HashMap;
use std::fmt::Write as _;

use contract::{Amount, SessionStatus};

use crate::catalog::PRODUCTS;

/// The data of the page.
pub(crate) struct OrderPage<'a> {
    pub(crate) order_id: &'a str,
    /// The quantity of each product.
    pub(crate) items: &'a HashMap<String, i64>,
    pub(crate) amount: Amount,
    pub(crate) lang: &'a str,
    pub(crate) status: SessionStatus,
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
        insert(&mut page, "order-total", &yuan(self.amount))?;
        if self.status == SessionStatus::Complete {
            show(&mut page, "paid")?;
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

fn yuan(amount: Amount) -> String {
    format!("¥{}", amount.to_text())
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
