//! The two wallets: their names, how they read codes and refuse them, and the names of their users.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

/// The two wallets, named as the merchant API names payment methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wallet {
    WechatPay,
    Alipay,
}

/// Ways in which a phone reads a code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reading {
    #[default]
    Camera,
    /// Pressing long on a picture in the page.
    LongPress,
    /// From the photo album.
    Album,
}

/// Reasons for which a wallet refuses a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeError {
    Unknown,
    Superseded,
    Expired,
    WrongWallet,
    OtherUser,
    Closed,
    Paid,
    /// WeChat Pay's codes are for the camera alone (gateways.md A11.3).
    LongPressed,
    FromAlbum,
}

/// The code that a link into the Alipay app carries, or the code as it is (gateways.md C1).
pub(crate) fn plain_code(code: &str) -> Cow<'_, str> {
    let query = code.strip_prefix("alipays://platformapi/startapp?").unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "qrcode").map_or(Cow::Borrowed(code), |(_, code)| code)
}

/// A user's name under an appid: `o` and 27 characters, always the same for the same user.
pub(crate) fn openid(appid: &str, user: &str) -> String {
    let digest = Sha256::digest(format!("{appid}\n{user}"));
    let text: String = URL_SAFE_NO_PAD.encode(digest).chars().take(27).collect();
    format!("o{text}")
}

/// A buyer's Alipay number: `2088` and 12 digits, always the same for the same user.
pub(crate) fn buyer_id(user: &str) -> String {
    let digest = Sha256::digest(user);
    let digits: String = digest.iter().take(12).map(|byte| char::from(b'0' + byte % 10)).collect();
    format!("2088{digits}")
}

/// A buyer's name under an app: the other way Alipay names buyers.
pub(crate) fn open_id(app_id: &str, user: &str) -> String {
    let digest = Sha256::digest(format!("{app_id}\n{user}"));
    let text: String =
        URL_SAFE_NO_PAD.encode(digest).replace(['-', '_'], "0").chars().take(44).collect();
    format!("074{text}")
}

impl CodeError {
    /// Returns the text that the wallet shows and the code that programs read. `wallet` is the one that scanned, if it is known.
    pub(crate) fn problem(self, wallet: Option<Wallet>) -> Problem {
        let alipay = wallet == Some(Wallet::Alipay);
        let (status, code, title, detail) = match self {
            Self::Unknown => (
                StatusCode::NOT_FOUND,
                "code_unknown",
                "This is not a code of the sandbox",
                "系统繁忙，请稍后再试",
            ),
            Self::Superseded => (
                StatusCode::GONE,
                "code_superseded",
                "A newer code has replaced this one",
                "系统繁忙，请稍后再试",
            ),
            Self::Expired => (
                StatusCode::GONE,
                "code_expired",
                "This code has expired",
                "二维码已过期，请刷新后重试",
            ),
            Self::WrongWallet if alipay => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "wrong_wallet",
                "Alipay cannot read this code: it is WeChat Pay's",
                "暂不支持识别该二维码，请使用微信扫码",
            ),
            Self::WrongWallet => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "wrong_wallet",
                "WeChat cannot read this code: it is Alipay's",
                "暂不支持识别该二维码，请使用支付宝扫码",
            ),
            Self::OtherUser if alipay => (
                StatusCode::CONFLICT,
                "bound_to_other_user",
                "Another user has opened this order",
                "交易买家不匹配，请重新下单支付",
            ),
            Self::OtherUser => (
                StatusCode::CONFLICT,
                "bound_to_other_user",
                "Another user has opened this order",
                "商家订单信息有误，请重新下单支付",
            ),
            Self::Closed => (
                StatusCode::CONFLICT,
                "order_closed",
                "This order is closed",
                "订单已关闭，请重新下单",
            ),
            Self::Paid => {
                (StatusCode::CONFLICT, "order_paid", "This order is already paid", "该订单已支付")
            }
            Self::LongPressed => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "camera_only",
                "WeChat Pay's codes are not read by a long press",
                "该商户暂不支持通过长按识别二维码完成支付",
            ),
            Self::FromAlbum => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "camera_only",
                "WeChat Pay's codes are not read from the album",
                "暂不支持通过从相册识别二维码完成支付",
            ),
        };
        Problem::new(status, code, title, detail)
    }
}
