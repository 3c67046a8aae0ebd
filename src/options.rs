//! The strict form of the element's options. `www/options.js` is the tolerant side.

use checkout::{Config, Intent};
use contract::{ClientSecret, Environment, Flow, PaymentMethod};
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::host::member;
use crate::text::Texts;

/// What an earlier life of this page left in storage.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) remembered: Option<Intent>,
    /// It went to a wallet's page.
    pub(crate) has_left: bool,
}

/// What the element asks for, checked.
pub(crate) struct Options {
    pub(crate) secret: ClientSecret,
    /// Absolute, without a slash at its end.
    pub(crate) api_base: String,
    pub(crate) api_origin: String,
    pub(crate) environment: Environment,
    return_url: Option<String>,
    flow: Option<Flow>,
    payment_methods: Vec<PaymentMethod>,
    payment_method_order: Vec<PaymentMethod>,
    pub(crate) read_only: bool,
    /// `accordion`, `tabs` or `list`; a class of the selector and nothing more.
    pub(crate) layout: String,
    pub(crate) show_pay_button: bool,
    /// The BCP 47 tag of the texts.
    pub(crate) lang: String,
    pub(crate) texts: Texts,
}

impl Options {
    /// Reads what the element hands over.
    ///
    /// # Errors
    /// The name of the option that cannot be used; the element has checked them all, so
    /// this is a version of the element that does not belong to this Wasm.
    pub(crate) fn read(value: &JsValue, texts: Option<Object>) -> Result<Self, &'static str> {
        let text = |name: &str| member(value, name).and_then(|value| value.as_string());
        let flag = |name: &str| member(value, name).and_then(|value| value.as_bool());
        let secret = text("clientSecret").unwrap_or_default();
        let api_base = text("apiBase").filter(|base| checkout::is_web_address(base));
        let texts =
            texts.or_else(|| member(value, "texts")?.dyn_into::<Object>().ok()).ok_or("texts")?;
        Ok(Self {
            secret: ClientSecret::parse(&secret).map_err(|_| "clientSecret")?,
            api_base: api_base.ok_or("apiBase")?,
            api_origin: text("apiOrigin").ok_or("apiOrigin")?,
            environment: Environment::parse(&text("environment").unwrap_or_default()),
            return_url: text("returnUrl"),
            flow: text("flow").map(|flow| Flow::parse(&flow)),
            payment_methods: methods(member(value, "paymentMethods")),
            payment_method_order: methods(member(value, "paymentMethodOrder")),
            read_only: flag("readOnly").unwrap_or(false),
            layout: text("layout").unwrap_or_default(),
            show_pay_button: flag("showPayButton").unwrap_or(true),
            lang: text("lang").unwrap_or_default(),
            texts: Texts::new(texts),
        })
    }

    /// What the machine needs of it.
    pub(crate) fn config(&self, kept: Kept, visible: bool, seed: u32) -> Config {
        Config {
            session_id: self.secret.session_id().to_owned(),
            environment: self.environment,
            return_url: self.return_url.clone(),
            flow: self.flow,
            payment_methods: self.payment_methods.clone(),
            payment_method_order: self.payment_method_order.clone(),
            read_only: self.read_only,
            api_origin: self.api_origin.clone(),
            remembered: kept.remembered,
            has_left: kept.has_left,
            visible,
            jitter_seed: seed,
        }
    }
}

impl Options {
    /// Whether the page is in the shopper's hand, so that its code needs another phone.
    pub(crate) const fn is_phone(&self) -> bool {
        !matches!(self.environment, Environment::Desktop | Environment::WechatDesktop)
    }
}

fn methods(list: Option<JsValue>) -> Vec<PaymentMethod> {
    let Some(list) = list else { return Vec::new() };
    Array::from(&list)
        .iter()
        .filter_map(|item| item.as_string())
        .map(|text| PaymentMethod::parse(&text))
        .collect()
}
