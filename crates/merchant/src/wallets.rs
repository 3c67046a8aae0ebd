//! One face for both gateways, in the words of the contract.

mod calls;
mod clients;
mod notifications;
mod orders;

use contract::PaymentMethod;
use gateways::{CertificateDates, ConfigError, GatewayError, alipay, wechat_pay};

use crate::config::Config;
use crate::identity::{Identity, MissingIdentity};
use crate::rules::Product;
use clients::{Clients, Wallet};

pub(crate) use calls::Closing;
pub(crate) use notifications::WechatPayNotification;
pub(crate) use orders::OrderContext;

/// The gateways that are configured.
pub(crate) struct Wallets {
    wechat_pay: Clients<wechat_pay::Client>,
    alipay: Clients<alipay::Client>,
    /// What the merchant has contracts for, the preferred first.
    products: Vec<Product>,
    /// The host registered for H5: only there the shopper comes back by itself.
    h5_domain: Option<String>,
    domain_verification: Option<(String, String)>,
}

/// Why a gateway was no help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalletError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    MissingIdentity(#[from] MissingIdentity),
    #[error("this payment method is not configured any more")]
    NotConfigured,
    #[error("what this payment must be ordered with is not known")]
    Incomplete,
}

impl Wallets {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        let mut products = Vec::new();
        let mut h5_domain = None;
        let mut domain_verification = None;
        let wechat_pay = config.wechat_pay.clone().map(|wechat_pay| {
            products.extend(wechat_pay.products);
            h5_domain = wechat_pay.h5_domain;
            domain_verification = wechat_pay.domain_verification;
            wechat_pay_wallet(wechat_pay.gateway)
        });
        let alipay = config.alipay.clone().map(|alipay| {
            products.extend(alipay.products);
            alipay_wallet(alipay.gateway)
        });
        let former = config.wechat_pay_former.iter().cloned().map(wechat_pay_wallet);
        let wechat_pay = Clients::new(
            PaymentMethod::WechatPay,
            wechat_pay.transpose()?,
            former.collect::<Result<_, _>>()?,
        );
        let former = config.alipay_former.iter().cloned().map(alipay_wallet);
        let alipay = Clients::new(
            PaymentMethod::Alipay,
            alipay.transpose()?,
            former.collect::<Result<_, _>>()?,
        );
        Ok(Self { wechat_pay, alipay, products, h5_domain, domain_verification })
    }

    /// What can be offered, in no order of merit.
    pub(crate) fn offered(&self) -> Vec<PaymentMethod> {
        METHODS.into_iter().filter(|method| self.is_configured(*method)).collect()
    }

    /// What orders can be asked about: what is offered, or was under a former identity.
    pub(crate) fn known(&self) -> Vec<PaymentMethod> {
        METHODS.into_iter().filter(|method| self.is_known(*method)).collect()
    }

    pub(crate) fn is_configured(&self, method: PaymentMethod) -> bool {
        self.identity(method).is_some()
    }

    /// True if any identity at this gateway is configured.
    pub(crate) fn is_known(&self, method: PaymentMethod) -> bool {
        match method {
            PaymentMethod::Alipay => self.alipay.all().next().is_some(),
            PaymentMethod::WechatPay => self.wechat_pay.all().next().is_some(),
            PaymentMethod::Unknown => false,
        }
    }

    /// The certificates that new orders need, and when they end.
    pub(crate) fn certificates(&self) -> Vec<CertificateDates> {
        let alipay = self.alipay.present();
        alipay.map(|wallet| wallet.client.certificates().to_vec()).unwrap_or_default()
    }

    /// The configured certificates of every application, and when they end.
    pub(crate) fn all_certificates(&self) -> Vec<(&str, &[CertificateDates])> {
        let alipay = self.alipay.all();
        alipay.map(|one| (one.identity.app_id.as_str(), one.client.certificates())).collect()
    }

    /// The certificates that Alipay signs with for an application and that are not configured.
    pub(crate) fn downloaded_certificates(&self) -> Vec<(&str, Vec<CertificateDates>)> {
        let alipay = self.alipay.all();
        let of = |one: &Wallet<alipay::Client>| one.client.downloaded_certificates();
        alipay.map(|one| (one.identity.app_id.as_str(), of(one))).collect()
    }

    /// The name and the text of the file by which WeChat proves who owns a domain.
    pub(crate) fn domain_verification(&self) -> Option<(&str, &str)> {
        self.domain_verification.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// What the merchant has contracts for, the preferred first.
    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    /// The identity that makes new orders.
    pub(crate) fn identity(&self, method: PaymentMethod) -> Option<&Identity> {
        match method {
            PaymentMethod::Alipay => self.alipay.present().map(|wallet| &wallet.identity),
            PaymentMethod::WechatPay => self.wechat_pay.present().map(|wallet| &wallet.identity),
            PaymentMethod::Unknown => None,
        }
    }

    /// The identity that an order of `identity` is asked about by.
    pub(crate) fn identity_of(
        &self,
        method: PaymentMethod,
        identity: Option<&Identity>,
    ) -> Result<&Identity, MissingIdentity> {
        match method {
            PaymentMethod::Alipay => Ok(&self.alipay.of(identity)?.identity),
            PaymentMethod::WechatPay => Ok(&self.wechat_pay.of(identity)?.identity),
            PaymentMethod::Unknown => Err(MissingIdentity { method, identity: identity.cloned() }),
        }
    }
}

fn wechat_pay_wallet(
    config: wechat_pay::Config,
) -> Result<Wallet<wechat_pay::Client>, ConfigError> {
    let client = wechat_pay::Client::new(config)?;
    let identity =
        Identity { app_id: client.appid().to_owned(), merchant_id: client.mchid().to_owned() };
    Ok(Wallet { client, identity })
}

fn alipay_wallet(config: alipay::Config) -> Result<Wallet<alipay::Client>, ConfigError> {
    let client = alipay::Client::new(config)?;
    let identity =
        Identity { app_id: client.app_id().to_owned(), merchant_id: client.seller_id().to_owned() };
    Ok(Wallet { client, identity })
}

impl WalletError {
    /// Whether the same call may still succeed, or may already have.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self, Self::Gateway(error) if error.is_outcome_unknown() || error.is_retryable())
    }

    /// Whether it is worth trying again at once. Not after a time-out: the shopper has waited.
    pub(crate) fn is_worth_a_second_try(&self) -> bool {
        matches!(self, Self::Gateway(error) if error.is_retryable()
            && !matches!(error, GatewayError::TimedOut { .. } | GatewayError::RateLimited { .. }))
    }

    /// Whether the operator must act.
    pub(crate) fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Gateway(GatewayError::Misconfigured { .. })
                | Self::MissingIdentity(_)
                | Self::NotConfigured
                | Self::Incomplete
        )
    }

    /// The gateway's code, for the log.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Gateway(error) => error.code(),
            Self::MissingIdentity(_) => "missing_identity",
            Self::NotConfigured => "not_configured",
            Self::Incomplete => "incomplete",
        }
    }
}

const METHODS: [PaymentMethod; 2] = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
