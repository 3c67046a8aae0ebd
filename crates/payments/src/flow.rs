//! Which product of a gateway makes a payment: by the wallet, by where the page runs, by what the
//! merchant has a contract for, and by what the page asks for (gateways.md C1).

use contract::{Environment as E, Flow, PaymentMethod};

/// A gateway's product. Each has a contract of its own.
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

/// Where a product can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    /// Here, by itself.
    Here,
    /// Only where the page asks for it: a code, for the wallet on another phone.
    Asked,
    /// Not at all.
    No,
}

impl Product {
    /// All of them.
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

    /// The name under which it is stored.
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

    /// Whose it is.
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

    /// How it looks to the shopper.
    #[must_use]
    pub const fn flow(self) -> Flow {
        match self {
            Self::Native | Self::PageFrame | Self::Precreate | Self::PrecreateLink => Flow::QrCode,
            Self::H5 | Self::Page | Self::Wap => Flow::Redirect,
            Self::WechatJsapi | Self::AlipayJsapi => Flow::Jsapi,
        }
    }

    /// Whether the gateway must know who pays before it takes the order.
    #[must_use]
    pub const fn needs_payer(self) -> bool {
        matches!(self, Self::WechatJsapi | Self::AlipayJsapi)
    }

    /// The matrix of gateways.md C1.
    const fn reach(self, environment: E) -> Reach {
        match (self, environment) {
            // A desktop can show every code and every page that is made for it. So can what we do
            // not know: a code works wherever there is another phone.
            (
                Self::Native | Self::Page | Self::PageFrame | Self::Precreate,
                E::Desktop | E::Unknown,
            ) => Reach::Here,
            // WeChat for desktops opens no page of Alipay's; its bridge is young, the code is safe.
            (Self::Native | Self::WechatJsapi | Self::Precreate, E::WechatDesktop) => Reach::Here,
            // A phone's browser opens both apps. Without that contract its code is for another phone.
            (Self::H5 | Self::Native | Self::Wap | Self::PrecreateLink, E::MobileBrowser) => {
                Reach::Here
            }
            // The wallets' own browsers: their bridge, and Alipay's phone page in Alipay.
            (Self::WechatJsapi, E::Wechat)
            | (Self::AlipayJsapi | Self::Wap | Self::PrecreateLink, E::Alipay) => Reach::Here,
            // Other apps: Alipay's phone page loads, and asks for a password where the app is
            // blocked. WeChat Pay's would miss its referrer and its way back.
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
            // Anywhere else a code is what another phone can scan; shown only if that is wanted,
            // because this phone can do nothing with it (gateways.md D24).
            (Self::Native | Self::Precreate, _) => Reach::Asked,
            _ => Reach::No,
        }
    }
}

/// Chooses the product; `None` where nothing of what is configured can work.
///
/// `configured` is what the merchant has contracts for: where several can work, its first wins.
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

/// Whether a payment that is made with `product` can be paid where the page is: a code always, by
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
