//! The settings of a merchant number, and the checks that need no network (gateways.md G4).

use crate::http::Transport;
use crate::keys::{SigningKey, VerifyingKey};
use crate::url_text::base_url;
use crate::{ConfigError, Gateway, Secret};

use super::Client;
use super::certificates::Refresher;
use super::signature::{PlatformKeys, Signer};

/// The settings of a WeChat Pay merchant.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://api.mch.weixin.qq.com`, or a sandbox; plain http to this machine only.
    #[serde(default = "production")]
    pub base_url: String,
    /// The disaster-recovery host, `https://api2.mch.weixin.qq.com` (gateways.md A1). It is called
    /// if the main one cannot be reached, or breaks off a query; an order or a refund that may have
    /// arrived is never repeated there.
    #[serde(default)]
    pub backup_base_url: Option<String>,
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
    /// Id of the WeChat Pay public key, `PUB_KEY_ID_…`. Merchants since October 2024 have one.
    #[serde(default)]
    pub public_key_id: Option<String>,
    /// The WeChat Pay public key: PEM or bare base64.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Certificate mode: fetch the platform's certificates when one is needed, and every 12 h.
    /// With a public key as well, both are trusted, as a merchant's change-over needs.
    #[serde(default)]
    pub platform_certificates: bool,
    /// Further keys that may sign while the platform changes keys, as (serial or id, PEM of
    /// a public key or platform certificate). Usually empty.
    #[serde(default)]
    pub platform_keys: Vec<(String, String)>,
    /// The secret of `appid`, for payers' openids. Without it there is no JSAPI.
    #[serde(default)]
    pub app_secret: Option<Secret>,
    /// The page on which WeChat identifies the payer; a sandbox has its own.
    #[serde(default = "oauth_authorize")]
    pub oauth_authorize_url: String,
    /// The endpoint that exchanges a code for an openid; a sandbox has its own.
    #[serde(default = "oauth_token")]
    pub oauth_token_url: String,
}

fn production() -> String {
    "https://api.mch.weixin.qq.com".to_owned()
}

fn oauth_authorize() -> String {
    "https://open.weixin.qq.com/connect/oauth2/authorize".to_owned()
}

fn oauth_token() -> String {
    "https://api.weixin.qq.com/sns/oauth2/access_token".to_owned()
}

impl Config {
    /// Returns a configuration with the merchant's own settings, and production's defaults for the
    /// rest. Also set a public key or `platform_certificates`: without either the platform cannot
    /// be verified.
    pub fn new(
        mchid: impl Into<String>,
        appid: impl Into<String>,
        merchant_serial: impl Into<String>,
        merchant_private_key: Secret,
        api_v3_key: Secret,
    ) -> Self {
        Self {
            base_url: production(),
            backup_base_url: None,
            mchid: mchid.into(),
            appid: appid.into(),
            merchant_serial: merchant_serial.into(),
            merchant_private_key,
            api_v3_key,
            public_key_id: None,
            public_key: None,
            platform_certificates: false,
            platform_keys: Vec::new(),
            app_secret: None,
            oauth_authorize_url: oauth_authorize(),
            oauth_token_url: oauth_token(),
        }
    }

    /// Returns every setting that cannot work, the formats first. Keys that do not fit each other are
    /// found once everything else is right.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigError> {
        let mut problems = self.format_problems();
        let key = SigningKey::load("wechat_pay.merchant_private_key", &self.merchant_private_key);
        problems.extend(key.err());
        let first = self.public_key.iter().map(|text| ("wechat_pay.public_key", text));
        let further = self.platform_keys.iter().map(|(_, text)| ("wechat_pay.platform_keys", text));
        let keys = first.chain(further).map(|(field, text)| VerifyingKey::load(field, text));
        problems.extend(keys.filter_map(Result::err));
        if problems.is_empty() {
            problems.extend(self.clone().into_client().err());
        }
        problems
    }

    /// Returns the settings whose format is wrong.
    fn format_problems(&self) -> Vec<ConfigError> {
        let backup = self.backup_base_url.iter();
        let addresses = [
            ("wechat_pay.base_url", &self.base_url),
            ("wechat_pay.oauth_authorize_url", &self.oauth_authorize_url),
            ("wechat_pay.oauth_token_url", &self.oauth_token_url),
        ];
        let addresses =
            addresses.into_iter().chain(backup.map(|url| ("wechat_pay.backup_base_url", url)));
        let addresses = addresses.map(|(field, url)| base_url(field, url).map(|_| ()));
        let public_key = public_key(self.public_key_id.clone(), self.public_key.clone());
        let formats = [
            check(
                !self.mchid.is_empty()
                    && self.mchid.len() <= 32
                    && all(&self.mchid, u8::is_ascii_digit),
                "wechat_pay.mchid",
                "must be the merchant number, digits only",
            ),
            check(
                !self.appid.is_empty()
                    && self.appid.len() <= 32
                    && all(&self.appid, u8::is_ascii_alphanumeric),
                "wechat_pay.appid",
                "must be the app id, such as wx and 16 hex digits",
            ),
            check(
                self.merchant_serial.len() == 40
                    && all(&self.merchant_serial, u8::is_ascii_hexdigit),
                "wechat_pay.merchant_serial",
                "must be the 40 hex digits of the merchant API certificate's serial number",
            ),
            check(
                self.api_v3_key.expose().len() == 32,
                "wechat_pay.api_v3_key",
                "must be exactly 32 bytes; set it on the merchant platform under API security",
            ),
            check(
                self.app_secret.as_ref().is_none_or(|secret| {
                    (1..=128).contains(&secret.expose().len())
                        && all(secret.expose(), u8::is_ascii_graphic)
                }),
                "wechat_pay.app_secret",
                "must be the AppSecret of appid; leave it out where JSAPI is not used",
            ),
            public_key.map(|_| ()),
        ];
        addresses.chain(formats).filter_map(Result::err).collect()
    }

    pub(super) fn into_client(self) -> Result<Client, ConfigError> {
        if let Some(problem) = self.format_problems().into_iter().next() {
            return Err(problem);
        }
        let url = base_url("wechat_pay.base_url", &self.base_url)?;
        let backup_base_url = self
            .backup_base_url
            .map(|backup| base_url("wechat_pay.backup_base_url", &backup))
            .transpose()?;
        let oauth_authorize_url =
            base_url("wechat_pay.oauth_authorize_url", &self.oauth_authorize_url)?;
        let oauth_token_url = base_url("wechat_pay.oauth_token_url", &self.oauth_token_url)?;
        let public_key = public_key(self.public_key_id, self.public_key)?;
        check(
            public_key.is_some() || self.platform_certificates || !self.platform_keys.is_empty(),
            "wechat_pay.public_key",
            "is missing: put WeChat Pay's public key and its id here, or set platform_certificates if the merchant platform offers none",
        )?;
        let key = SigningKey::load("wechat_pay.merchant_private_key", &self.merchant_private_key)?;
        let mut platform_keys = PlatformKeys::default();
        let public_key_id = public_key.as_ref().map(|(id, _text)| id.clone());
        let first = public_key.map(|(id, text)| (id, text, "wechat_pay.public_key"));
        let further = self
            .platform_keys
            .into_iter()
            .map(|(serial, text)| (serial, text, "wechat_pay.platform_keys"));
        for (serial, text, field) in first.into_iter().chain(further) {
            let public = VerifyingKey::load(field, &text)?;
            check(
                !public.is_counterpart_of(&key),
                field,
                "is the merchant's own public key; put WeChat Pay's public key here",
            )?;
            platform_keys.insert(&serial, public);
        }
        Ok(Client {
            base_url: url,
            backup_base_url,
            appid: self.appid,
            public_key_id,
            signer: Signer {
                mchid: self.mchid,
                serial: self.merchant_serial.to_ascii_uppercase(),
                key,
            },
            api_v3_key: self.api_v3_key,
            platform_keys,
            refresher: self.platform_certificates.then(Refresher::default),
            app_secret: self.app_secret,
            oauth_authorize_url,
            oauth_token_url,
            transport: Transport::new(Gateway::WechatPay, "wechat_pay.base_url")?,
        })
    }
}

/// The public key and its id, which must be set together.
fn public_key(
    id: Option<String>,
    text: Option<String>,
) -> Result<Option<(String, String)>, ConfigError> {
    let Some(id) = id else {
        check(
            text.is_none(),
            "wechat_pay.public_key_id",
            "is missing; it is shown beside the public key on the merchant platform",
        )?;
        return Ok(None);
    };
    check(
        id.starts_with("PUB_KEY_ID_") && all(&id, u8::is_ascii_graphic),
        "wechat_pay.public_key_id",
        "must start with PUB_KEY_ID_; it is shown beside the public key on the merchant platform",
    )?;
    match text {
        Some(text) => Ok(Some((id, text))),
        None => Err(ConfigError::new(
            "wechat_pay.public_key",
            "is missing; download pub_key.pem from the merchant platform",
        )),
    }
}

fn check(holds: bool, field: &'static str, problem: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::new(field, problem)) }
}

fn all(text: &str, is_allowed: impl Fn(&u8) -> bool) -> bool {
    text.as_bytes().iter().all(is_allowed)
}
