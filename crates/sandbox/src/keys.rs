//! The keys of both sides: those of the merchant, and those of the gateways.

mod certificates;
mod flows;
mod store;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{RsaPrivateKey, RsaPublicKey};

use crate::crypto::{Signer, Verifier};
use crate::{Error, random};
pub use certificates::AlipayChain;
pub(crate) use certificates::Serials;
use certificates::{AuthorityKeys, Certificates};
pub use flows::{DesktopFlow, Flows, MobileFlow};
use store::Stored;

/// Everything a merchant configures to talk to the sandbox. Cloning is cheap: share one in tests,
/// because making four RSA keys takes seconds in a debug build.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The WeChat Pay side.
    pub wechat_pay: WechatPayKeys,
    /// The Alipay side.
    pub alipay: AlipayKeys,
    pub(crate) server: Arc<ServerKeys>,
}

/// A merchant's settings for WeChat Pay (gateways.md G4).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WechatPayKeys {
    /// The merchant's number, ten digits.
    pub mchid: String,
    /// The appid bound to it, `wx` and 16 hexadecimal digits.
    pub appid: String,
    /// The appid's secret, for OAuth: 32 hexadecimal digits.
    pub app_secret: Secret,
    /// Serial of the merchant's API certificate: 40 hexadecimal digits, upper case.
    pub merchant_serial: String,
    /// The merchant's private key, PKCS#8 PEM: signs requests.
    pub merchant_private_key: Secret,
    /// The APIv3 key, 32 ASCII characters: opens notifications.
    pub api_v3_key: Secret,
    /// Name of the WeChat Pay public key, `PUB_KEY_ID_…`.
    pub public_key_id: String,
    /// The WeChat Pay public key, PEM: checks answers and notifications.
    pub public_key: String,
}

/// A merchant's settings for Alipay (gateways.md B8): the keys, or the certificates in place of the
/// Alipay public key while the switch `alipay_certificates` is on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AlipayKeys {
    /// The application, 16 digits.
    pub app_id: String,
    /// The merchant's own account number (PID), `2088` and 12 digits.
    pub seller_id: String,
    /// The application's private key, PKCS#8 PEM: signs requests.
    pub app_private_key: Secret,
    /// The Alipay public key, PEM: checks answers, notifications and returns.
    pub alipay_public_key: String,
    /// Certificate mode: the application's certificate, PEM.
    pub app_cert: String,
    /// Certificate mode: Alipay's certificate, PEM, with the issuers that come with it.
    pub alipay_cert: String,
    /// Certificate mode: the root certificate, PEM.
    pub alipay_root_cert: String,
}

/// A secret text; its `Debug` shows `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl Keys {
    /// Makes four new RSA key pairs and new numbers.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot make or write a key.
    pub fn generate() -> Result<Self, Error> {
        let pems: Vec<Result<String, Error>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(private_pem)).collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|_| Err(Error::Key("the key maker stopped".into())))
            };
            workers.into_iter().map(join).collect()
        });
        let mut pems = pems.into_iter();
        let mut next = || pems.next().unwrap_or_else(|| Err(Error::Key("a key is missing".into())));
        Self::from_stored(Stored {
            mchid: "1900000001".into(),
            appid: format!("wx{}", random::lower_hex(16)),
            app_secret: store::new_app_secret(),
            merchant_serial: random::upper_hex(40),
            merchant_private_key: next()?,
            api_v3_key: random::alphanumerics(32),
            public_key_id: format!("PUB_KEY_ID_01{}", random::digits(30)),
            wechat_pay_private_key: next()?,
            app_id: "2021000000000001".into(),
            seller_id: "2088000000000001".into(),
            app_private_key: next()?,
            alipay_private_key: next()?,
        })
    }

    /// The keys of an earlier start in `dir`, or new ones, which are then written there for the owner only.
    ///
    /// # Errors
    /// [`Error::KeysDir`], [`Error::KeysFile`] or [`Error::Key`].
    pub fn load_or_generate(dir: &Path) -> Result<Self, Error> {
        store::load_or_generate(dir)
    }

    /// The two sections that the merchant backend's configuration needs, as TOML.
    #[must_use]
    pub fn gateways_toml(&self, base_url: &str, flows: impl Into<Flows>) -> String {
        flows::gateways_toml(self, base_url, flows.into())
    }

    /// Writes [`Keys::gateways_toml`] to `gateways.toml` in `dir`, for the owner only.
    ///
    /// # Errors
    /// [`Error::KeysDir`] if the file cannot be written.
    pub fn write_gateways_toml(
        &self,
        dir: &Path,
        base_url: &str,
        flows: impl Into<Flows>,
    ) -> Result<(), Error> {
        store::write_private(&dir.join("gateways.toml"), &self.gateways_toml(base_url, flows))
    }

    /// The same keys with Alipay's certificates in another chain.
    ///
    /// # Errors
    /// [`Error::Key`] if the library cannot write a certificate.
    pub fn with_alipay_chain(&self, chain: AlipayChain) -> Result<Self, Error> {
        Self::certified(self.server.stored.clone(), chain)
    }

    fn from_stored(stored: Stored) -> Result<Self, Error> {
        Self::certified(stored, AlipayChain::default())
    }

    fn certified(stored: Stored, chain: AlipayChain) -> Result<Self, Error> {
        let merchant = private_key(&stored.merchant_private_key)?;
        let platform = private_key(&stored.wechat_pay_private_key)?;
        let app = private_key(&stored.app_private_key)?;
        let alipay = private_key(&stored.alipay_private_key)?;
        let (merchant_key, platform_key) =
            (RsaPublicKey::from(&merchant), RsaPublicKey::from(&platform));
        let (app_key, alipay_key) = (RsaPublicKey::from(&app), RsaPublicKey::from(&alipay));
        let public_key = public_pem(&platform)?;
        let platform = Signer::new(platform);
        // The other gateway's keys act as the authorities; Alipay's messages are not signed with
        // them.
        let class_2 = Signer::new(merchant);
        let authorities =
            AuthorityKeys { root: (&platform, &platform_key), class_2: (&class_2, &merchant_key) };
        let certificates = Certificates::new(chain, &authorities, &app_key, &alipay_key)?;
        Ok(Self {
            wechat_pay: WechatPayKeys {
                mchid: stored.mchid.clone(),
                appid: stored.appid.clone(),
                app_secret: Secret(stored.app_secret.clone()),
                merchant_serial: stored.merchant_serial.clone(),
                merchant_private_key: Secret(stored.merchant_private_key.clone()),
                api_v3_key: Secret(stored.api_v3_key.clone()),
                public_key_id: stored.public_key_id.clone(),
                public_key,
            },
            alipay: AlipayKeys {
                app_id: stored.app_id.clone(),
                seller_id: stored.seller_id.clone(),
                app_private_key: Secret(stored.app_private_key.clone()),
                alipay_public_key: public_pem(&alipay)?,
                app_cert: certificates.app,
                alipay_cert: certificates.alipay,
                alipay_root_cert: certificates.root,
            },
            server: Arc::new(ServerKeys {
                merchant: Verifier::new(merchant_key),
                wechat_pay: platform,
                app: Verifier::new(app_key),
                alipay: Signer::new(alipay),
                serials: certificates.serials,
                alipay_new_cert: certificates.alipay_new,
                stored,
            }),
        })
    }
}

/// The gateways' side of the keys: they sign with their own and check with the merchant's.
pub(crate) struct ServerKeys {
    pub(crate) merchant: Verifier,
    pub(crate) wechat_pay: Signer,
    pub(crate) app: Verifier,
    pub(crate) alipay: Signer,
    /// The certificates' names in Alipay's messages.
    pub(crate) serials: Serials,
    /// Alipay's next certificate, PEM.
    pub(crate) alipay_new_cert: String,
    stored: Stored,
}

impl fmt::Debug for ServerKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerKeys(***)")
    }
}

fn private_pem() -> Result<String, Error> {
    let key =
        RsaPrivateKey::new(&mut OsRng, KEY_BITS).map_err(|error| Error::Key(error.to_string()))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))?;
    Ok(pem.as_str().to_owned())
}

fn private_key(pem: &str) -> Result<RsaPrivateKey, Error> {
    RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| Error::Key(error.to_string()))
}

fn public_pem(key: &RsaPrivateKey) -> Result<String, Error> {
    let key = RsaPublicKey::from(key);
    key.to_public_key_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))
}

const KEY_BITS: usize = 2048;
