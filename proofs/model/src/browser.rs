//! The environment of a page, and its browser away from the page.

use contract::Environment;
use payments::Product;

/// The browser or app in which a page is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Browser {
    /// A desktop browser: codes.
    Desktop,
    /// A phone's browser: WeChat Pay's H5 and Alipay's page for phones.
    Phone,
    /// WeChat's browser: its bridge; Alipay has a guide, and a code for another phone.
    Wechat,
}

/// The location of a tab's browser, if it is not on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Away {
    /// On the wallet's page that identifies the payer of this payment.
    AtOauth(u8),
    /// On a gateway's page, or on the way back.
    Elsewhere,
    /// On the page, which has removed the widget: it was destroyed while an event was handled.
    Destroyed,
}

impl Browser {
    /// Returns the contract's environment.
    #[must_use]
    pub const fn environment(self) -> Environment {
        match self {
            Self::Desktop => Environment::Desktop,
            Self::Phone => Environment::MobileBrowser,
            Self::Wechat => Environment::Wechat,
        }
    }
}

/// The products that the merchant has contracts for.
pub(crate) const PRODUCTS: &[Product] =
    &[Product::H5, Product::Native, Product::WechatJsapi, Product::Precreate, Product::Wap];
