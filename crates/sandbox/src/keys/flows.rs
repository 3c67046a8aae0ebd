//! `gateways.toml`: the merchant's side of the keys, and the flows that its contracts allow.

use clap::ValueEnum;

use super::Keys;

/// The merchant's flow for desktop shoppers at Alipay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum DesktopFlow {
    /// A QR code on the merchant's page (`alipay.trade.precreate`).
    #[default]
    Precreate,
    /// A redirect to Alipay's cashier (`alipay.trade.page.pay`).
    Page,
    /// Alipay's cashier in a frame of the merchant's page (`page.pay` with `qr_pay_mode`).
    PageFrame,
}

/// The merchant's flow for shoppers in a phone's browser at Alipay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MobileFlow {
    /// A redirect to Alipay's cashier for phones (`alipay.trade.wap.pay`).
    #[default]
    Wap,
    /// A link that opens a payment code in the app (`alipay.trade.precreate`).
    PrecreateLink,
}

/// The flows that go into `gateways.toml`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flows {
    /// On desktops.
    pub desktop: DesktopFlow,
    /// In phones' browsers.
    pub mobile: MobileFlow,
}

impl From<DesktopFlow> for Flows {
    fn from(desktop: DesktopFlow) -> Self {
        Self { desktop, ..Self::default() }
    }
}

impl DesktopFlow {
    fn name(self) -> &'static str {
        match self {
            Self::Precreate => "precreate",
            Self::Page => "page",
            Self::PageFrame => "page_frame",
        }
    }
}

impl MobileFlow {
    fn name(self) -> &'static str {
        match self {
            Self::Wap => "wap",
            Self::PrecreateLink => "precreate_link",
        }
    }
}

pub(super) fn gateways_toml(keys: &Keys, base_url: &str, flows: Flows) -> String {
    let (wechat, alipay) = (&keys.wechat_pay, &keys.alipay);
    // All values are of alphabets that need no TOML escapes: digits, hexadecimal, base64 and PEM.
    format!(
        r#"# Written by the sandbox at each start. Keys for loopback only: no money behind them.
[wechat_pay]
base_url = "{base_url}"
mchid = "{mchid}"
appid = "{appid}"
merchant_serial = "{merchant_serial}"
merchant_private_key = """{merchant_private_key}"""
api_v3_key = "{api_v3_key}"
public_key_id = "{public_key_id}"
public_key = """{public_key}"""
products = ["native", "h5", "jsapi"]
h5_domain = "127.0.0.1"
app_secret = "{app_secret}"
oauth_authorize_url = "{base_url}/connect/oauth2/authorize"
oauth_token_url = "{base_url}/sns/oauth2/access_token"

[alipay]
gateway_url = "{base_url}/gateway.do"
app_id = "{app_id}"
seller_id = "{seller_id}"
app_private_key = """{app_private_key}"""
alipay_public_key = """{alipay_public_key}"""
desktop_flow = "{desktop_flow}"
mobile_flow = "{mobile_flow}"
jsapi = true
oauth_authorize_url = "{base_url}/oauth2/publicAppAuthorize.htm"
"#,
        mchid = wechat.mchid,
        appid = wechat.appid,
        merchant_serial = wechat.merchant_serial,
        merchant_private_key = wechat.merchant_private_key.expose(),
        api_v3_key = wechat.api_v3_key.expose(),
        public_key_id = wechat.public_key_id,
        public_key = wechat.public_key,
        app_secret = wechat.app_secret.expose(),
        app_id = alipay.app_id,
        seller_id = alipay.seller_id,
        app_private_key = alipay.app_private_key.expose(),
        alipay_public_key = alipay.alipay_public_key,
        desktop_flow = flows.desktop.name(),
        mobile_flow = flows.mobile.name(),
    )
}
