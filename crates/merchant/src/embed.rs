//! The prerendered selector: templates of the widget's build, filled for one session.
//!
//! The rules are those of `docs/prerendered-selector.md`, which other backends follow as well.

mod appearance;
mod selector_file;
mod template;

use std::borrow::Cow;

use contract::{Currency, EmbedRequest, PaymentMethod, Session, SessionStatus};

use crate::amount::AmountPattern;
use crate::config;
use crate::error::Error;
use crate::html::Escaped;
use crate::locale;
use appearance::style_sheet;
pub use selector_file::SelectorFileError;
use selector_file::{ENGLISH, Layout, Locale, SelectorFile};
use template::fill;

/// The templates, and the address of the build's files.
#[derive(Debug)]
pub(crate) struct Embed {
    file: SelectorFile,
    assets: String,
}

/// A checked request, from which the HTML is made once the session exists.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    embed: &'a Embed,
    request: &'a EmbedRequest,
    /// The locale of the templates, which may differ from the requested one.
    locale: &'a str,
    layout: &'a Layout,
    amounts: &'a AmountPattern,
    style: String,
}

impl Embed {
    /// Reads and checks the templates.
    ///
    /// # Errors
    /// [`SelectorFileError`] names the file and what is wrong in it.
    pub(crate) fn open(config: config::Embed) -> Result<Self, SelectorFileError> {
        Ok(Self { file: SelectorFile::open(&config.selector)?, assets: config.assets })
    }

    /// Checks a request for a session in `currency`.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the member.
    pub(crate) fn check<'a>(
        &'a self,
        request: &'a EmbedRequest,
        currency: Currency,
    ) -> Result<Draft<'a>, Error> {
        let (locale, templates) = self.negotiate(&request.locale)?;
        let amounts = templates
            .amounts
            .get(currency.as_str())
            .filter(|_| currency.exponent().is_some())
            .ok_or_else(|| Error::parameter("embed", "cannot show an amount in this currency"))?;
        let order = request.payment_method_order.as_deref().unwrap_or_default();
        if order.contains(&PaymentMethod::Unknown) {
            return Err(Error::parameter(
                "embed.payment_method_order",
                "must name alipay and wechat_pay only",
            ));
        }
        Ok(Draft {
            embed: self,
            request,
            locale,
            layout: templates.layout(request.layout.unwrap_or_default()),
            amounts,
            style: style_sheet(&self.file.styles, &self.assets, request)?,
        })
    }

    /// Returns the templates of the language, else English: a language without a template must not
    /// prevent a payment. The widget does the same.
    fn negotiate(&self, wanted: &str) -> Result<(&str, &Locale), Error> {
        let is_plain = (1..=MAX_LOCALE_LENGTH).contains(&wanted.len())
            && wanted
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_plain {
            return Err(Error::parameter("embed.locale", "must be a language tag, such as zh-CN"));
        }
        let known = self.file.locales.keys().map(String::as_str);
        let found = locale::lookup(wanted, known).unwrap_or(ENGLISH);
        let (name, locale) = self
            .file
            .locales
            .get_key_value(found)
            .ok_or_else(|| Error::parameter("embed.locale", "is not available"))?;
        Ok((name, locale))
    }
}

impl Draft<'_> {
    /// Returns the element with the selector in a declarative shadow root, or the element alone if
    /// the session does not show a selector: the widget then draws its own skeleton.
    pub(crate) fn html(&self, session: &Session, client_secret: &str, api_base: &str) -> String {
        let mut html = String::from("<open-cashier");
        self.attributes(&mut html, session, client_secret, api_base);
        html.push('>');
        let methods = self.methods(session);
        let is_selector = session.status == SessionStatus::Open
            && session.payment.is_none()
            && session.server_time < session.expires_at
            && !methods.is_empty();
        if is_selector {
            html.push_str("<template shadowrootmode=\"open\" shadowrootdelegatesfocus>");
            html.push_str(&self.style);
            html.push_str(&self.selector(session, &methods));
            html.push_str("</template>");
        }
        html.push_str("</open-cashier>");
        html
    }

    fn attributes(&self, html: &mut String, session: &Session, secret: &str, api_base: &str) {
        let Self { request, .. } = self;
        let mut attribute = |name: &str, value: &str| {
            html.push_str(&format!(" {name}=\"{}\"", Escaped(value)));
        };
        attribute("client-secret", secret);
        attribute("api-base", api_base);
        attribute("locale", self.locale);
        attribute("layout", request.layout.unwrap_or_default().as_str());
        // These types hold nothing that JSON lacks: serialisation cannot fail.
        if let Some(appearance) = &request.appearance {
            attribute("appearance", &serde_json::to_string(appearance).unwrap_or_default());
        }
        if let Some(order) = &request.payment_method_order {
            let names: Vec<&str> = order.iter().map(|method| method.as_str()).collect();
            attribute("payment-method-order", &names.join(" "));
        }
        if let Some(url) = &request.return_url {
            attribute("return-url", url);
        }
        if request.show_pay_button == Some(false) {
            attribute("show-pay-button", "false");
        }
        // The global attribute, which browsers hide from style sheets and scripts of the page.
        if let Some(nonce) = &request.csp_nonce {
            attribute("nonce", nonce);
        }
        attribute("session", &serde_json::to_string(session).unwrap_or_default());
    }

    /// The payment methods to show, in the order of the widget.
    fn methods(&self, session: &Session) -> Vec<PaymentMethod> {
        let order = self.request.payment_method_order.iter().flatten();
        let mut methods = Vec::with_capacity(2);
        for method in order.chain(&session.payment_methods) {
            let is_offered = session.payment_methods.contains(method);
            let is_known = self.layout.rows.get(*method).is_some();
            if is_offered && is_known && !methods.contains(method) {
                methods.push(*method);
            }
        }
        methods
    }

    fn selector(&self, session: &Session, methods: &[PaymentMethod]) -> String {
        let Self { layout, request, .. } = self;
        let amount = self.amounts.format(session.amount);
        let theme = request.appearance.as_ref().and_then(|appearance| appearance.theme);
        let text = |name: &str| {
            let text = match name {
                "merchant" => session.merchant_name.as_str(),
                "amount" => amount.as_str(),
                "description" => session.description.as_str(),
                "hosted_url" => session.hosted_url.as_str(),
                "theme" => theme.unwrap_or_default().as_str(),
                "version" => self.embed.file.version.as_str(),
                // Unreachable: the file was checked for other names.
                _ => "",
            };
            Cow::Owned(Escaped(text).to_string())
        };
        let piece = |template: &str| fill(template, text);
        // The only wallet is preselected.
        let is_picked = methods.len() == 1;
        let rows = if is_picked { &layout.picked_rows } else { &layout.rows };
        let details = if is_picked { &layout.picked_details } else { &layout.details };
        let pieces = |wallets: &selector_file::Wallets| {
            methods.iter().filter_map(|method| wallets.get(*method)).map(piece).collect::<String>()
        };
        fill(&layout.html, |name| match name {
            "rows" => Cow::Owned(pieces(rows)),
            "details" => Cow::Owned(details.as_ref().map(pieces).unwrap_or_default()),
            "description_line" if session.description.is_empty() => Cow::Borrowed(""),
            "description_line" => Cow::Owned(piece(&layout.description_line)),
            "pay_button" if request.show_pay_button == Some(false) => Cow::Borrowed(""),
            "pay_button" => Cow::Owned(piece(&layout.pay_button)),
            name => text(name),
        })
    }
}

/// Limit of a language tag in bytes, with room for every registered one (RFC 5646, section 4.4.1).
const MAX_LOCALE_LENGTH: usize = 35;

#[cfg(test)]
mod tests;
