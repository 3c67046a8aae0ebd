//! The settings of an application, and the checks that need no network (gateways.md G4).

use crate::http::Transport;
use crate::keys::SigningKey;
use crate::url_text::base_url;
use crate::{ConfigError, Secret};

use super::downloads::Downloads;
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

    pub(super) fn into_client(self) -> Result<Client, ConfigError> {
        let gateway_url = base_url("alipay.gateway_url", &self.gateway_url)?;
        if gateway_url.contains("//openapi.alipaydev.com") {
            return Err(ConfigError::new(
                "alipay.gateway_url",
                "is the old sandbox, which is shut down; use https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            ));
        }
        let are_16_digits =
            |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_16_digits(&self.app_id) {
            return Err(ConfigError::new("alipay.app_id", "must be the application's 16 digits"));
        }
        if !are_16_digits(&self.seller_id) || !self.seller_id.starts_with("2088") {
            return Err(ConfigError::new(
                "alipay.seller_id",
                "must be the merchant's PID: 2088 and 12 digits",
            ));
        }
        check_code(
            "alipay.precreate_product_code",
            &self.precreate_product_code,
            "must be FACE_TO_FACE_PAYMENT or QR_CODE_OFFLINE, as your contract says",
        )?;
        check_code(
            "alipay.jsapi_product_code",
            &self.jsapi_product_code,
            "must be JSAPI_PAY, or what your contract says",
        )?;
        if self.op_app_id.as_deref().is_some_and(|id| !are_16_digits(id)) {
            return Err(ConfigError::new("alipay.op_app_id", "must be an application's 16 digits"));
        }
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
    if is_code { Ok(()) } else { Err(ConfigError::new(field, problem)) }
}
