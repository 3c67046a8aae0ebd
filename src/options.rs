//! The element's options in their strict form. `www/options.js` is the tolerant side.

use checkout::{Config, Intent};
use contract::{ClientSecret, Environment, Flow, PaymentMethod};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use wasm_bindgen::JsValue;

use crate::browser::json;
use crate::texts::Texts;

/// The options of one checkout, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    #[serde(deserialize_with = "client_secret")]
    pub(crate) client_secret: ClientSecret,
    /// Absolute, without a slash at its end.
    #[serde(deserialize_with = "web_address")]
    pub(crate) api_base: String,
    api_origin: String,
    #[serde(default)]
    redirect_hosts: Vec<String>,
    environment: Environment,
    return_url: Option<String>,
    flow: Option<Flow>,
    #[serde(default)]
    payment_methods: Vec<PaymentMethod>,
    #[serde(default)]
    payment_method_order: Vec<PaymentMethod>,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(default)]
    pub(crate) layout: Layout,
    #[serde(default = "yes")]
    pub(crate) show_pay_button: bool,
    /// The BCP 47 tag of the texts.
    pub(crate) lang: String,
    /// The direction of the texts, `ltr` or `rtl`.
    pub(crate) dir: String,
    pub(crate) texts: Texts,
    /// The address of the shop's page after the payment; none if it is this page.
    #[serde(default)]
    pub(crate) shop_url: Option<String>,
    /// The session that came with the page, as JSON.
    pub(crate) session: Option<String>,
    /// The wallet that was picked in the prerendered selector.
    selected: Option<PaymentMethod>,
}

/// The selector's layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Layout {
    /// One wallet below the other; the picked one shows its detail.
    #[default]
    Accordion,
    /// The wallets side by side, with the detail of the picked one below.
    Tabs,
    /// One wallet below the other, without details.
    List,
}

impl Layout {
    /// The option's value.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accordion => "accordion",
            Self::Tabs => "tabs",
            Self::List => "list",
        }
    }
}

/// The browser's state when a checkout starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageState {
    /// The intent to pay in storage.
    pub(crate) intent: Option<Intent>,
    /// This tab left for a wallet's page before.
    pub(crate) has_left: bool,
    pub(crate) is_visible: bool,
    pub(crate) seed: u32,
}

impl Options {
    /// Reads the element's options.
    ///
    /// # Errors
    /// Names the option that cannot be used. The element has checked them all, so that element
    /// and Wasm are of different versions.
    pub(crate) fn read(value: &JsValue) -> Result<Self, String> {
        json::from_object(value)
    }

    /// The id of the session that the client secret opens.
    pub(crate) fn session_id(&self) -> &str {
        self.client_secret.session_id()
    }

    /// The machine's configuration.
    pub(crate) fn config(&self, page: PageState) -> Config {
        Config {
            session_id: self.session_id().to_owned(),
            environment: self.environment,
            return_url: self.return_url.clone(),
            flow: self.flow,
            payment_methods: self.payment_methods.clone(),
            payment_method_order: self.payment_method_order.clone(),
            read_only: self.read_only,
            api_origin: self.api_origin.clone(),
            redirect_hosts: self.redirect_hosts.clone(),
            remembered: page.intent,
            has_left: page.has_left,
            selected: self.selected,
            visible: page.is_visible,
            jitter_seed: page.seed,
        }
    }

    /// True if the page is on a phone, so that scanning its code needs another one.
    pub(crate) const fn is_phone(&self) -> bool {
        !matches!(self.environment, Environment::Desktop | Environment::WechatDesktop)
    }
}

fn client_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ClientSecret, D::Error> {
    let text = String::deserialize(deserializer)?;
    ClientSecret::parse(&text).map_err(|_| D::Error::custom("clientSecret is no client secret"))
}

fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let address = String::deserialize(deserializer)?;
    if checkout::is_web_address(&address) {
        Ok(address)
    } else {
        Err(D::Error::custom("apiBase is no http or https address"))
    }
}

const fn yes() -> bool {
    true
}
