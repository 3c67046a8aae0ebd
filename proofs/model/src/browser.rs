//! The environment of a page, and its browser away from the page.

use contract::Environment;
use payments::Product;

/// The browser or app in which a page runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Browser {
    /// A computer: codes.
    Desktop,
    /// A phone's browser: WeChat Pay's H5 and Alipay's page for phones.
    Phone,
    /// Inside WeChat: its bridge; Alipay is explained, and a code for another phone.
    Wechat,
}

/// The whereabouts of a tab's browser, if not on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Away {
    /// At the wallet's question who pays the payment of this number.
    AtOauth(u8),
    /// At a gateway's page, or on the way back.
    Elsewhere,
    /// On the page, which has taken the widget off: destroyed in the middle of an event.
    Destroyed,
}

impl Browser {
    /// As the contract says it.
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
