//! The shopper's words in one language, with the order's values filled in.

use std::rc::Rc;

use contract::PaymentMethod;
use serde::Deserialize;
use yew::prelude::*;

/// Texts by key, searched one by one: there are some sixty, and a hash map weighs 900 bytes more.
/// Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub(crate) struct Texts {
    table: Rc<[(String, String)]>,
    amount: AttrValue,
    merchant: AttrValue,
    wallet: Option<PaymentMethod>,
}

impl From<Vec<(String, String)>> for Texts {
    fn from(table: Vec<(String, String)>) -> Self {
        Self { table: table.into(), ..Self::default() }
    }
}

impl Texts {
    /// The same texts with the order's `{amount}` and `{merchant}`.
    pub(crate) fn with_order(&self, amount: AttrValue, merchant: AttrValue) -> Self {
        Self { amount, merchant, ..self.clone() }
    }

    /// The same texts with `wallet` as `{wallet}` and its app as `{app}`.
    pub(crate) fn with_wallet(&self, wallet: PaymentMethod) -> Self {
        Self { wallet: Some(wallet), ..self.clone() }
    }

    /// Returns the text of `key`; empty if the table has none.
    pub(crate) fn get(&self, key: &str) -> AttrValue {
        self.fill(key, &[])
    }

    /// Returns the text of `key` with `values` for further placeholders.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> AttrValue {
        let value = |name: &str| match name {
            "amount" => Some(self.amount.as_str()),
            "merchant" => Some(self.merchant.as_str()),
            "wallet" => Some(self.raw(wallet_key(self.wallet))),
            "app" => Some(self.raw(app_key(self.wallet))),
            _ => values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value),
        };
        AttrValue::from(fill(self.raw(key), value))
    }

    fn raw(&self, key: &str) -> &str {
        self.table.iter().find(|(known, _)| known == key).map_or("", |(_, text)| text)
    }
}

/// Returns the texts of the app around.
#[hook]
pub(crate) fn use_texts() -> Texts {
    use_context().unwrap_or_default()
}

/// Returns the key of the wallet's name.
pub(crate) const fn wallet_key(wallet: Option<PaymentMethod>) -> &'static str {
    match wallet {
        Some(PaymentMethod::Alipay) => "alipay",
        Some(PaymentMethod::WechatPay) => "wechat_pay",
        Some(PaymentMethod::Unknown) | None => "wallet",
    }
}

/// Returns the key of the name of the app that scans.
const fn app_key(wallet: Option<PaymentMethod>) -> &'static str {
    match wallet {
        Some(PaymentMethod::Alipay) => "alipay_app",
        Some(PaymentMethod::WechatPay) => "wechat_pay_app",
        Some(PaymentMethod::Unknown) | None => "wallet",
    }
}

/// Fills the `{name}` placeholders of a template once; an unknown one stays as it is written.
fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let filled = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        rest = match filled {
            Some((value, after)) => {
                text.push_str(value);
                after
            }
            None => {
                text.push('{');
                after
            }
        };
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests;
