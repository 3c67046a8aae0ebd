//! The order, as every screen shows it.

use contract::{Amount, PaymentMethod, Session};
use yew::AttrValue;

/// The texts about the order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) merchant: AttrValue,
    /// The amount with its currency, in the shopper's format.
    pub(crate) amount: AttrValue,
    pub(crate) description: AttrValue,
    /// The backend's own page for this session. None if it is no http or https address.
    pub(crate) hosted_url: Option<AttrValue>,
}

impl Order {
    pub(crate) fn new(session: &Session, amount: AttrValue) -> Self {
        let hosted_url = Some(&session.hosted_url).filter(|url| checkout::is_web_address(url));
        Self {
            merchant: session.merchant_name.clone().into(),
            amount,
            description: session.description.clone().into(),
            hosted_url: hosted_url.map(|url| url.clone().into()),
        }
    }
}

/// Returns the hosted page's address with a selected wallet, so that it asks for none again.
pub(crate) fn with_wallet(hosted_url: &str, method: PaymentMethod) -> AttrValue {
    let separator = if hosted_url.contains('?') { "&wallet=" } else { "?wallet=" };
    [hosted_url, separator, method.as_str()].concat().into()
}

/// Formats amounts by the page's `Intl`, once for each amount and language.
#[derive(Debug, Default)]
pub(crate) struct AmountText {
    formatted: Option<(Amount, String, AttrValue)>,
}

impl AmountText {
    /// Returns the amount's text; calls `format` if the amount or the language is another than
    /// before.
    pub(crate) fn get(
        &mut self,
        amount: Amount,
        lang: &str,
        format: impl FnOnce(Amount) -> String,
    ) -> AttrValue {
        match &self.formatted {
            Some((known, known_lang, text)) if *known == amount && known_lang == lang => {
                text.clone()
            }
            _ => {
                let text = AttrValue::from(format(amount));
                self.formatted = Some((amount, lang.to_owned(), text.clone()));
                text
            }
        }
    }
}
