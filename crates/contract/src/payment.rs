//! One attempt to pay a session, and its next action in the shopper's browser.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::list::list_or_null;
use crate::open_enum::open_enum;

open_enum! {
    /// A wallet that the shopper may pay with.
    PaymentMethod {
        /// Alipay.
        Alipay = "alipay",
        /// WeChat Pay.
        WechatPay = "wechat_pay",
    }
}

open_enum! {
    /// The way a payment is made.
    Flow {
        /// A code that the wallet scans.
        QrCode = "qr_code",
        /// The browser goes to the gateway's page and returns.
        Redirect = "redirect",
        /// The in-app browser's bridge asks the wallet.
        Jsapi = "jsapi",
    }
}

open_enum! {
    /// The environment of the page. It only chooses what is shown; the backend decides what it
    /// starts.
    Environment {
        /// A desktop browser.
        Desktop = "desktop",
        /// A phone's or tablet's own browser.
        MobileBrowser = "mobile_browser",
        /// Inside WeChat.
        Wechat = "wechat",
        /// Inside Alipay.
        Alipay = "alipay",
        /// Inside Taobao.
        Taobao = "taobao",
        /// Inside Tmall.
        Tmall = "tmall",
        /// Inside JD.
        Jd = "jd",
        /// Inside QQ.
        Qq = "qq",
        /// Inside Weibo.
        Weibo = "weibo",
        /// Inside Douyin.
        Douyin = "douyin",
        /// Inside Xiaohongshu.
        Xiaohongshu = "xiaohongshu",
        /// Inside WeChat for a desktop computer.
        WechatDesktop = "wechat_desktop",
        /// Inside WeCom, WeChat for companies.
        Wecom = "wecom",
        /// Inside `DingTalk`.
        Dingtalk = "dingtalk",
        /// In a web view of a WeChat mini program.
        WechatMiniProgram = "wechat_mini_program",
        /// In a web view of an Alipay mini program.
        AlipayMiniProgram = "alipay_mini_program",
        /// In a web view of an app that we cannot name.
        InApp = "in_app",
    }
}

impl Environment {
    /// True inside an app other than a browser; false if the environment is unknown.
    #[must_use]
    pub const fn is_inside_an_app(self) -> bool {
        !matches!(self, Self::Desktop | Self::MobileBrowser | Self::Unknown)
    }
}

open_enum! {
    /// The status of a payment.
    PaymentStatus {
        /// The shopper must act: scan, confirm, sign in.
        RequiresAction = "requires_action",
        /// The gateway does not know the outcome yet.
        Processing = "processing",
        /// Captured, proved by a verified notification or query.
        Succeeded = "succeeded",
        /// Refused or impossible.
        Failed = "failed",
        /// Closed at the gateway before it was paid.
        Canceled = "canceled",
        /// Not paid in time and closed.
        Expired = "expired",
    }
}

impl PaymentStatus {
    /// True if the status can never change again. An unknown one is not final.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Canceled | Self::Expired => true,
            Self::RequiresAction | Self::Processing | Self::Unknown => false,
        }
    }
}

open_enum! {
    /// The type of the browser's next action.
    NextActionType {
        /// Draw `data` as a QR code.
        DisplayQrCode = "display_qr_code",
        /// Show `url` in a frame of the page: a gateway's own page that shows a code.
        DisplayFrame = "display_frame",
        /// Go to `url`.
        RedirectToUrl = "redirect_to_url",
        /// Post `fields` to `url`.
        SubmitForm = "submit_form",
        /// Call WeChat's bridge with `fields`.
        InvokeWechatJsapi = "invoke_wechat_jsapi",
        /// Call Alipay's bridge with `fields`.
        InvokeAlipayJsapi = "invoke_alipay_jsapi",
    }
}

/// The browser's next action, flat: `type` decides which members are set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NextAction {
    /// The type.
    #[serde(rename = "type")]
    pub kind: NextActionType,
    /// `display_qr_code`: the text that the code holds. Never a link to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// `redirect_to_url`, `submit_form`: where to. `display_frame`: what the frame shows.
    /// `display_qr_code`: an address that opens the same code in the wallet on this phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `submit_form`: the hidden fields. Bridges: the call's parameters.
    #[serde(default, deserialize_with = "list_or_null", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<NameValue>,
    /// The end of this code's or address's life; a refresh brings a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A form field or a bridge parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NameValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The flows of one payment method, by the merchant's contracts with the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PaymentMethodOption {
    /// The wallet.
    pub payment_method: PaymentMethod,
    /// The flows that may be asked for.
    pub flows: Vec<Flow>,
}

/// One attempt to pay a session with one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Payment {
    /// `pay_…`.
    pub id: String,
    /// The wallet.
    pub payment_method: PaymentMethod,
    /// Its flow.
    pub flow: Flow,
    /// Its status.
    pub status: PaymentStatus,
    /// The browser's next action; only while `requires_action`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<NextAction>,
    /// The reason of its failure, as a code of [`crate::code`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// The moment of its start.
    pub created_at: Timestamp,
}

/// The body of `POST /v1/checkout/sessions/{id}/payments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct StartPayment {
    /// The wallet that the shopper chose.
    pub payment_method: PaymentMethod,
    /// The environment of the page.
    pub environment: Environment,
    /// The flow that the page asks for; the backend chooses where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    /// The address that a redirect returns to: the page that embeds the widget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
}
