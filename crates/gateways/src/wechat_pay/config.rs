//! The settings of a merchant number, and the checks that need no network (gateways.md G4).

use crate::http::Transport;
use crate::keys::{SigningKey, VerifyingKey};
use crate::url_text::base_url;
use crate::{ConfigError, Gateway, Secret};

use super::Client;
use super::signature::{PlatformKeys, Signer};

/// The settings of a WeChat Pay merchant.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://api.mch.weixin.qq.com`, or a sandbox; plain http to this machine only.
    #[serde(default = "production")]
    pub base_url: String,
    /// The merchant number.
    pub mchid: String,
    /// The app bound to `mchid`.
    pub appid: String,
    /// Serial number of the merchant API certificate, 40 hex digits.
    pub merchant_serial: String,
    /// The merchant's private key (`apiclient_key.pem`).
    pub merchant_private_key: Secret,
    /// The `APIv3` key, 32 bytes.
    pub api_v3_key: Secret,
    /// Id of the WeChat Pay public key, `PUB_KEY_ID_…`.
    pub public_key_id: String,
    /// The WeChat Pay public key: PEM or bare base64.
    pub public_key: String,
    /// Further keys that may sign while the platform changes keys, as (serial or id, PEM of
    /// a public key or platform certificate). Usually empty.
    #[serde(default)]
    pub platform_keys: Vec<(String, String)>,
}

fn production() -> String {
    "https://api.mch.weixin.qq.com".to_owned()
}

impl Config {
    pub(super) fn into_client(self) -> Result<Client, ConfigError> {
        let base_url = base_url("wechat_pay.base_url", &self.base_url)?;
        check(
            !self.mchid.is_empty()
                && self.mchid.len() <= 32
                && all(&self.mchid, u8::is_ascii_digit),
            "wechat_pay.mchid",
            "must be the merchant number, digits only",
        )?;
        check(
            !self.appid.is_empty()
                && self.appid.len() <= 32
                && all(&self.appid, u8::is_ascii_alphanumeric),
            "wechat_pay.appid",
            "must be the app id, such as wx and 16 hex digits",
        )?;
        check(
            self.merchant_serial.len() == 40 && all(&self.merchant_serial, u8::is_ascii_hexdigit),
            "wechat_pay.merchant_serial",
            "must be the 40 hex digits of the merchant API certificate's serial number",
        )?;
        check(
            self.api_v3_key.expose().len() == 32,
            "wechat_pay.api_v3_key",
            "must be exactly 32 bytes; set it on the merchant platform under API security",
        )?;
        check(
            self.public_key_id.starts_with("PUB_KEY_ID_")
                && all(&self.public_key_id, u8::is_ascii_graphic),
            "wechat_pay.public_key_id",
            "must start with PUB_KEY_ID_; it stands beside the public key on the merchant platform",
        )?;
        let key = SigningKey::load("wechat_pay.merchant_private_key", &self.merchant_private_key)?;
        let mut platform_keys = PlatformKeys::default();
        let first = (self.public_key_id.clone(), self.public_key, "wechat_pay.public_key");
        let further = self
            .platform_keys
            .into_iter()
            .map(|(serial, text)| (serial, text, "wechat_pay.platform_keys"));
        for (serial, text, field) in std::iter::once(first).chain(further) {
            let public = VerifyingKey::load(field, &text)?;
            check(
                !public.is_counterpart_of(&key),
                field,
                "is the merchant's own public key; put WeChat Pay's public key here",
            )?;
            platform_keys.insert(&serial, public);
        }
        Ok(Client {
            base_url,
            appid: self.appid,
            public_key_id: self.public_key_id,
            signer: Signer {
                mchid: self.mchid,
                serial: self.merchant_serial.to_ascii_uppercase(),
                key,
            },
            api_v3_key: self.api_v3_key,
            platform_keys,
            transport: Transport::new(Gateway::WechatPay),
        })
    }
}

fn check(holds: bool, field: &'static str, problem: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::new(field, problem)) }
}

fn all(text: &str, is_allowed: impl Fn(&u8) -> bool) -> bool {
    text.as_bytes().iter().all(is_allowed)
}
