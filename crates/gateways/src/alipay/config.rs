//! The settings of an application, and the checks that need no network (gateways.md G4).

use crate::http::Transport;
use crate::keys::{SigningKey, VerifyingKey};
use crate::url_text::base_url;
use crate::{ConfigError, Secret};

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
    /// **Alipay's** public key, not the application's: PEM or bare base64.
    pub alipay_public_key: String,
    /// `FACE_TO_FACE_PAYMENT`, or `QR_CODE_OFFLINE` for the newer order-code contract.
    #[serde(default = "face_to_face")]
    pub precreate_product_code: String,
}

fn production() -> String {
    "https://openapi.alipay.com/gateway.do".to_owned()
}

fn face_to_face() -> String {
    "FACE_TO_FACE_PAYMENT".to_owned()
}

impl Config {
    pub(super) fn into_client(self) -> Result<Client, ConfigError> {
        let gateway_url = base_url("alipay.gateway_url", &self.gateway_url)?;
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
        let code = &self.precreate_product_code;
        if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(ConfigError::new(
                "alipay.precreate_product_code",
                "must be FACE_TO_FACE_PAYMENT or QR_CODE_OFFLINE, as your contract says",
            ));
        }
        let key = SigningKey::load("alipay.app_private_key", &self.app_private_key)?;
        let alipay_key = VerifyingKey::load("alipay.alipay_public_key", &self.alipay_public_key)?;
        if alipay_key.is_counterpart_of(&key) {
            return Err(ConfigError::new(
                "alipay.alipay_public_key",
                "is the application's own public key; copy the Alipay public key that the console shows after upload",
            ));
        }
        Ok(Client {
            gateway_url,
            app_id: self.app_id,
            seller_id: self.seller_id,
            key,
            alipay_key,
            precreate_product_code: self.precreate_product_code,
            transport: Transport::new(GATEWAY),
        })
    }
}
