//! Chooses the gateway product of a payment: by the wallet, by the environment of the page, by the
//! merchant's contracts, and by the flow that the page requests (gateways.md C1).

use contract::{Environment as E, Flow, PaymentMethod};

/// A gateway's product. Each needs a contract of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Product {
    /// WeChat Pay: a code that WeChat scans.
    Native,
    /// WeChat Pay: from a phone's browser into the app.
    H5,
    /// WeChat Pay: by the bridge of WeChat's own browser.
    WechatJsapi,
    /// Alipay: the cashier's page on a desktop.
    Page,
    /// Alipay: the cashier's code in a frame of the page.
    PageFrame,
    /// Alipay: a code that the app scans.
    Precreate,
    /// Alipay: the same code, with an address that opens it in the app on this phone.
    PrecreateLink,
    /// Alipay: the cashier's page on a phone, which opens the app.
    Wap,
    /// Alipay: by the bridge of the app's own browser.
    AlipayJsapi,
}

/// The reach of a product in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    /// Payable on this device.
    Here,
    /// Payable with the wallet on another phone: a code, shown only if the page requests it.
    Asked,
    /// Not payable.
    No,
}

impl Product {
    /// All products.
    pub const ALL: &'static [Self] = &[
        Self::Native,
        Self::H5,
        Self::WechatJsapi,
        Self::Page,
        Self::PageFrame,
        Self::Precreate,
        Self::PrecreateLink,
        Self::Wap,
        Self::AlipayJsapi,
    ];

    /// The name under which the product is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::H5 => "h5",
            Self::WechatJsapi => "wechat_jsapi",
            Self::Page => "page",
            Self::PageFrame => "page_frame",
            Self::Precreate => "precreate",
            Self::PrecreateLink => "precreate_link",
            Self::Wap => "wap",
            Self::AlipayJsapi => "alipay_jsapi",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|product| product.as_str() == text)
    }

    /// The payment method that the product belongs to.
    #[must_use]
    pub const fn method(self) -> PaymentMethod {
        match self {
            Self::Native | Self::H5 | Self::WechatJsapi => PaymentMethod::WechatPay,
            Self::Page
            | Self::PageFrame
            | Self::Precreate
            | Self::PrecreateLink
            | Self::Wap
            | Self::AlipayJsapi => PaymentMethod::Alipay,
        }
    }

    /// The flow of a payment made with the product.
    #[must_use]
    pub const fn flow(self) -> Flow {
        match self {
            Self::Native | Self::PageFrame | Self::Precreate | Self::PrecreateLink => Flow::QrCode,
            Self::H5 | Self::Page | Self::Wap => Flow::Redirect,
            Self::WechatJsapi | Self::AlipayJsapi => Flow::Jsapi,
        }
    }

    /// True if the gateway must know the payer before it takes the order.
    #[must_use]
    pub const fn needs_payer(self) -> bool {
        matches!(self, Self::WechatJsapi | Self::AlipayJsapi)
    }

    /// Returns the reach of the product in `environment`, by the matrix of gateways.md C1.
    const fn reach(self, environment: E) -> Reach {
        match (self, environment) {
            // A desktop can show every code and every page made for it. So can an unknown
            // environment: a code works wherever there is another phone.
            (
                Self::Native | Self::Page | Self::PageFrame | Self::Precreate,
                E::Desktop | E::Unknown,
            ) => Reach::Here,
            // WeChat for desktops opens no Alipay page; its bridge is young, the code is safe.
            (Self::Native | Self::WechatJsapi | Self::Precreate, E::WechatDesktop) => Reach::Here,
            // A phone's browser opens both apps. Without that contract its code is for another
            // phone.
            (Self::H5 | Self::Native | Self::Wap | Self::PrecreateLink, E::MobileBrowser) => {
                Reach::Here
            }
            // The wallets' own browsers: their bridge, and Alipay's phone page in Alipay.
            (Self::WechatJsapi, E::Wechat)
            | (Self::AlipayJsapi | Self::Wap | Self::PrecreateLink, E::Alipay) => Reach::Here,
            // Other apps: Alipay's phone page loads, and asks for a password where the app is
            // blocked. WeChat Pay's page would lack its referrer and its way back.
            (
                Self::Wap,
                E::Taobao
                | E::Tmall
                | E::Jd
                | E::Qq
                | E::Weibo
                | E::Douyin
                | E::Xiaohongshu
                | E::Dingtalk
                | E::InApp,
            ) => Reach::Here,
            // Elsewhere another phone must scan the code; shown only on request, because this phone
            // can do nothing with it (gateways.md D24).
            (Self::Native | Self::Precreate, _) => Reach::Asked,
            _ => Reach::No,
        }
    }
}

/// Chooses the product; `None` if no configured product can work.
///
/// `configured` lists the products that the merchant has contracts for; of several that can work,
/// the first is chosen.
#[must_use]
pub fn product(
    method: PaymentMethod,
    environment: E,
    asked: Option<Flow>,
    configured: &[Product],
) -> Option<Product> {
    let reaching = |reach: Reach| {
        configured.iter().copied().find(|product| {
            product.method() == method
                && asked.is_none_or(|flow| flow == product.flow())
                && product.reach(environment) == reach
        })
    };
    let here = reaching(Reach::Here);
    if asked.is_some() { here.or_else(|| reaching(Reach::Asked)) } else { here }
}

/// True if a payment made with `product` can be paid in `environment`; a code always can, by
/// another phone.
#[must_use]
pub fn is_payable(product: Product, environment: E) -> bool {
    product.flow() == Flow::QrCode || product.reach(environment) == Reach::Here
}

/// The flows that `configured` makes possible for a method anywhere, in the contract's order.
#[must_use]
pub fn flows(method: PaymentMethod, configured: &[Product]) -> Vec<Flow> {
    let has = |flow: &Flow| {
        configured.iter().any(|product| product.method() == method && product.flow() == *flow)
    };
    Flow::ALL.iter().copied().filter(has).collect()
}

#[cfg(test)]
mod tests;
