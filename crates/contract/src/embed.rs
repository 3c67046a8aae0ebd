//! The prerendered selector in the answer to "open a session".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::PaymentMethod;

/// Asks for the selector as HTML for the order page. Unknown members are refused, because an
/// option that is silently ignored would be noticed by shoppers first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmbedRequest {
    /// The shopper's language as a BCP 47 tag, such as `zh-CN`.
    pub locale: String,
    /// The arrangement of the wallets; `accordion` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<EmbedLayout>,
    /// Colors, fonts and theme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appearance: Option<EmbedAppearance>,
    /// The nonce of the page's Content Security Policy, for the inline style sheet. If absent,
    /// the style sheet is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csp_nonce: Option<String>,
    /// The wallets to show first, in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method_order: Option<Vec<PaymentMethod>>,
    /// The page that a redirect returns to; the order page itself if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// `false` if the page has its own pay button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_pay_button: Option<bool>,
}

/// The arrangement of the wallets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmbedLayout {
    /// Rows that open when picked.
    #[default]
    Accordion,
    /// Tabs with one panel below them.
    Tabs,
    /// Rows without details.
    List,
}

/// Colors, fonts and theme of the embed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmbedAppearance {
    /// The color theme; `auto` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<EmbedTheme>,
    /// CSS values by variable name, such as `colorPrimary`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// The color theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmbedTheme {
    /// Light or dark, as the page and the system are.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Night,
    /// Light without a frame.
    Flat,
}

impl EmbedLayout {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accordion => "accordion",
            Self::Tabs => "tabs",
            Self::List => "list",
        }
    }
}

impl EmbedTheme {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Night => "night",
            Self::Flat => "flat",
        }
    }
}
