//! The settings of an application, and the checks that need no network (gateways.md G4).

use crate::downloads::Downloads;
use crate::http::Transport;
use crate::keys::{SigningKey, VerifyingKey};
use crate::url_text::base_url;
use crate::{ConfigError, Secret};

use super::trust::{Certificates, Trust};
use super::{Client, GATEWAY};

/// The settings of an Alipay application.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://openapi.alipay.com/gateway.do`, or a sandbox; plain http to this machine only.
    #[serde(default = "production")]
    pub gateway_url: String,
    /// The application, 16 digits.
    pub app_id: String,
    /// The merchant's PID: `2088` and 12 digits.
    pub seller_id: String,
    /// The application's private key, PEM or bare base64.
    pub app_private_key: Secret,
    /// Public-key mode: **Alipay's** public key, not the application's, PEM or bare base64.
    #[serde(default)]
    pub alipay_public_key: Option<String>,
    /// Certificate mode, if the application is set to it; one of the two modes.
    #[serde(default)]
    pub certificates: Option<Certificates>,
    /// `FACE_TO_FACE_PAYMENT`, or `QR_CODE_OFFLINE` for the newer order-code contract.
    #[serde(default = "face_to_face")]
    pub precreate_product_code: String,
    /// Product code of `alipay.trade.create`. `JSAPI_PAY` is the contract of mini-programs;
    /// `FACE_TO_FACE_PAYMENT` is the other one, and Alipay's default (gateways.md B5.2). Set what
    /// your contract says.
    #[serde(default = "jsapi_pay")]
    pub jsapi_product_code: String,
    /// `op_app_id` of `alipay.trade.create`: the mini-program that pays. Defaults to `app_id`;
    /// sent with `JSAPI_PAY` only. If it differs from `app_id`, an open id is sent as
    /// `op_buyer_open_id` and must be the buyer's under this mini-program.
    #[serde(default)]
    pub op_app_id: Option<String>,
    /// The page on which Alipay identifies the buyer; a sandbox has its own.
    #[serde(default = "oauth_authorize")]
    pub oauth_authorize_url: String,
}

fn jsapi_pay() -> String {
    "JSAPI_PAY".to_owned()
}

fn oauth_authorize() -> String {
    "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm".to_owned()
}

fn production() -> String {
    "https://openapi.alipay.com/gateway.do".to_owned()
}

fn face_to_face() -> String {
    "FACE_TO_FACE_PAYMENT".to_owned()
}

impl Config {
    /// Returns a configuration with the merchant's own settings, and production's defaults for the
    /// rest. Also set `alipay_public_key` or `certificates`: without either Alipay cannot be
    /// verified.
    pub fn new(
        app_id: impl Into<String>,
        seller_id: impl Into<String>,
        app_private_key: Secret,
    ) -> Self {
        Self {
            gateway_url: production(),
            app_id: app_id.into(),
            seller_id: seller_id.into(),
            app_private_key,
            alipay_public_key: None,
            certificates: None,
            precreate_product_code: face_to_face(),
            jsapi_product_code: jsapi_pay(),
            op_app_id: None,
            oauth_authorize_url: oauth_authorize(),
        }
    }

    /// Returns every setting that cannot work, the formats first. Keys that do not fit each other are
    /// found once everything else is right.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigError> {
        let mut problems = self.format_problems();
        problems.extend(SigningKey::load("alipay.app_private_key", &self.app_private_key).err());
        let public = self.alipay_public_key.iter();
        let public = public.map(|text| VerifyingKey::load("alipay.alipay_public_key", text));
        problems.extend(public.filter_map(Result::err));
        if problems.is_empty() {
            problems.extend(self.clone().into_client().err());
        }
        problems
    }

    /// Returns the settings whose format is wrong.
    fn format_problems(&self) -> Vec<ConfigError> {
        let are_16_digits =
            |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        [
            base_url("alipay.gateway_url", &self.gateway_url).map(|_| ()),
            check(
                !self.gateway_url.contains("//openapi.alipaydev.com"),
                "alipay.gateway_url",
                "is the old sandbox, which is shut down; use https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            ),
            check(
                are_16_digits(&self.app_id),
                "alipay.app_id",
                "must be the application's 16 digits",
            ),
            check(
                are_16_digits(&self.seller_id) && self.seller_id.starts_with("2088"),
                "alipay.seller_id",
                "must be the merchant's PID: 2088 and 12 digits",
            ),
            check_code(
                "alipay.precreate_product_code",
                &self.precreate_product_code,
                "must be FACE_TO_FACE_PAYMENT or QR_CODE_OFFLINE, as your contract says",
            ),
            check_code(
                "alipay.jsapi_product_code",
                &self.jsapi_product_code,
                "must be JSAPI_PAY, or what your contract says",
            ),
            check(
                self.op_app_id.as_deref().is_none_or(are_16_digits),
                "alipay.op_app_id",
                "must be an application's 16 digits",
            ),
            base_url("alipay.oauth_authorize_url", &self.oauth_authorize_url).map(|_| ()),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }

    pub(super) fn into_client(self) -> Result<Client, ConfigError> {
        if let Some(problem) = self.format_problems().into_iter().next() {
            return Err(problem);
        }
        let gateway_url = base_url("alipay.gateway_url", &self.gateway_url)?;
        let oauth_authorize_url =
            base_url("alipay.oauth_authorize_url", &self.oauth_authorize_url)?;
        let key = SigningKey::load("alipay.app_private_key", &self.app_private_key)?;
        let trust = match (&self.alipay_public_key, &self.certificates) {
            (Some(text), None) => Trust::in_key(text, &key)?,
            (None, Some(texts)) => Trust::in_certificates(texts, &key)?,
            (None, None) => {
                return Err(ConfigError::new(
                    "alipay.alipay_public_key",
                    "is missing; copy the Alipay public key that the console shows after upload, or set the three certificates",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(ConfigError::new(
                    "alipay.alipay_public_key",
                    "and certificates exclude each other; keep what the application is set to",
                ));
            }
        };
        let is_jsapi = self.jsapi_product_code == jsapi_pay();
        let op_app_id = is_jsapi.then(|| self.op_app_id.unwrap_or_else(|| self.app_id.clone()));
        Ok(Client {
            gateway_url,
            app_id: self.app_id,
            seller_id: self.seller_id,
            key,
            trust,
            downloads: Downloads::default(),
            precreate_product_code: self.precreate_product_code,
            jsapi_product_code: self.jsapi_product_code,
            op_app_id,
            oauth_authorize_url,
            transport: Transport::new(GATEWAY, "alipay.gateway_url")?,
        })
    }
}

fn check_code(field: &'static str, code: &str, problem: &str) -> Result<(), ConfigError> {
    let is_code =
        !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    check(is_code, field, problem)
}

fn check(holds: bool, field: &'static str, problem: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::new(field, problem)) }
}
