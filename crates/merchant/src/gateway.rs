//! One interface to both gateways, with the types of the contract.

mod calls;
mod clients;
mod misconfiguration;
mod notifications;
mod orders;

use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::PaymentMethod;
use gateways::{
    AnswerKind, CertificateDates, ConfigError, ConfigWarning, GatewayError, alipay, wechat_pay,
};

use tracing::Instrument as _;

use crate::address;
use crate::config::Config;
use crate::identity::{Identity, MissingIdentity};
use crate::metrics::Metrics;
use crate::rules::Product;
use clients::{Clients, Gateway};

pub(crate) use calls::Closing;
pub(crate) use notifications::WechatPayNotification;
pub(crate) use orders::OrderContext;

/// The configured gateways.
pub(crate) struct Gateways {
    wechat_pay: Clients<wechat_pay::Client>,
    alipay: Clients<alipay::Client>,
    /// The products that the merchant has contracts for, the preferred first.
    products: Vec<Product>,
    /// The host registered for H5: only to it the shopper is redirected back.
    h5_domain: Option<String>,
    domain_verification: Option<(String, String)>,
    /// The sources of the wallets' pages, each after a space.
    form_targets: String,
    metrics: Metrics,
}

/// The reason for which a gateway call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    MissingIdentity(#[from] MissingIdentity),
    #[error("this payment method is not configured any more")]
    NotConfigured,
    #[error("what this payment must be ordered with is not known")]
    Incomplete,
}

impl Gateways {
    pub(crate) fn new(config: &Config, metrics: Metrics) -> Result<Self, ConfigError> {
        let mut products = Vec::new();
        let mut h5_domain = None;
        let mut domain_verification = None;
        let wechat_pay = config.wechat_pay.clone().map(|wechat_pay| {
            products.extend(wechat_pay.products);
            h5_domain = wechat_pay.h5_domain;
            domain_verification = wechat_pay.domain_verification;
            wechat_pay_gateway(wechat_pay.gateway)
        });
        let alipay = config.alipay.clone().map(|alipay| {
            products.extend(alipay.products);
            alipay_gateway(alipay.gateway)
        });
        let former = config.wechat_pay_former.iter().cloned().map(wechat_pay_gateway);
        let wechat_pay = Clients::new(
            PaymentMethod::WechatPay,
            wechat_pay.transpose()?,
            former.collect::<Result<_, _>>()?,
        );
        let former = config.alipay_former.iter().cloned().map(alipay_gateway);
        let alipay = Clients::new(
            PaymentMethod::Alipay,
            alipay.transpose()?,
            former.collect::<Result<_, _>>()?,
        );
        Ok(Self {
            wechat_pay,
            alipay,
            products,
            h5_domain,
            domain_verification,
            form_targets: form_targets(config),
            metrics,
        })
    }

    /// Makes a call, and counts it by its outcome.
    async fn measured<T>(
        &self,
        method: PaymentMethod,
        name: &'static str,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, CallError> {
        let started = Instant::now();
        // Of the level `debug`: for traces, and not in each line of the usual log.
        let span = tracing::debug_span!("gateway_call", gateway = %method, gateway.call = name);
        let answer = call.instrument(span).await;
        let outcome = answer.as_ref().map_or_else(outcome, |_| "success");
        self.metrics.gateway_call(method, name, outcome, started.elapsed());
        Ok(answer?)
    }

    /// Returns the methods that are offered, in no particular order.
    pub(crate) fn offered(&self) -> Vec<PaymentMethod> {
        METHODS.into_iter().filter(|method| self.is_configured(*method)).collect()
    }

    /// Returns the methods whose orders can be queried: those offered, now or under a former
    /// identity.
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

    /// Returns the settings of every application that the operator should look at.
    pub(crate) fn config_warnings(&self) -> Vec<(&str, &[ConfigWarning])> {
        let alipay = self.alipay.all();
        alipay.map(|one| (one.identity.app_id.as_str(), one.client.warnings())).collect()
    }

    /// Returns the dates of the certificates that new orders need.
    pub(crate) fn certificates(&self) -> Vec<CertificateDates> {
        let alipay = self.alipay.present();
        alipay.map(|gateway| gateway.client.certificates().to_vec()).unwrap_or_default()
    }

    /// Returns the dates of the configured certificates of every application.
    pub(crate) fn all_certificates(&self) -> Vec<(&str, &[CertificateDates])> {
        let alipay = self.alipay.all();
        alipay.map(|one| (one.identity.app_id.as_str(), one.client.certificates())).collect()
    }

    /// The certificates that Alipay signs with for an application and that are not configured.
    pub(crate) fn downloaded_certificates(&self) -> Vec<(&str, Vec<CertificateDates>)> {
        let alipay = self.alipay.all();
        let of = |one: &Gateway<alipay::Client>| one.client.downloaded_certificates();
        alipay.map(|one| (one.identity.app_id.as_str(), of(one))).collect()
    }

    /// Returns the name and the text of the file by which WeChat verifies the owner of a domain.
    pub(crate) fn domain_verification(&self) -> Option<(&str, &str)> {
        self.domain_verification.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Returns the sources of the wallets' pages for a Content Security Policy, each after a space.
    pub(crate) fn form_targets(&self) -> &str {
        &self.form_targets
    }

    /// Returns the products that the merchant has contracts for, the preferred first.
    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    /// Returns the identity that makes new orders.
    pub(crate) fn identity(&self, method: PaymentMethod) -> Option<&Identity> {
        match method {
            PaymentMethod::Alipay => self.alipay.present().map(|gateway| &gateway.identity),
            PaymentMethod::WechatPay => self.wechat_pay.present().map(|gateway| &gateway.identity),
            PaymentMethod::Unknown => None,
        }
    }

    /// Returns the identities that make new orders, as text.
    pub(crate) fn ordering_identities(&self) -> Vec<String> {
        let text = |method| self.identity(method).map(|identity| identity.to_text(method));
        METHODS.into_iter().filter_map(text).collect()
    }

    /// Returns every identity that is configured, as text.
    pub(crate) fn known_identities(&self) -> Vec<String> {
        let alipay = self.alipay.all().map(|one| (PaymentMethod::Alipay, &one.identity));
        let wechat_pay = self.wechat_pay.all().map(|one| (PaymentMethod::WechatPay, &one.identity));
        alipay.chain(wechat_pay).map(|(method, one)| one.to_text(method)).collect()
    }

    /// Returns the identity that queries an order of `identity`.
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

/// Returns the sources to which a form that starts a payment may lead: the wallets' pages, and those
/// of a sandbox.
fn form_targets(config: &Config) -> String {
    let mut targets = String::new();
    let alipay = config.alipay.iter().map(|alipay| &alipay.gateway);
    let wechat_pay = config.wechat_pay.iter().map(|wechat_pay| &wechat_pay.gateway);
    let addresses = alipay
        .flat_map(|gateway| [&gateway.gateway_url, &gateway.oauth_authorize_url])
        .chain(wechat_pay.flat_map(|gateway| [&gateway.base_url, &gateway.oauth_authorize_url]));
    let origins = addresses.filter_map(|address| address::origin(address));
    let known = WALLET_PAGES.iter().map(|source| (*source).to_owned());
    for source in known.chain(origins) {
        if !targets.split(' ').any(|target| target == source) {
            targets.push(' ');
            targets.push_str(&source);
        }
    }
    targets
}

/// The wallets' pages: Alipay's gateway redirects to its cashiers (gateways.md B5.2), and WeChat
/// Pay's page for phones and its sign-in have a host each (A11).
const WALLET_PAGES: [&str; 4] = [
    "https://*.alipay.com",
    "https://*.alipaydev.com",
    "https://wx.tenpay.com",
    "https://open.weixin.qq.com",
];

fn wechat_pay_gateway(
    config: wechat_pay::Config,
) -> Result<Gateway<wechat_pay::Client>, ConfigError> {
    let client = wechat_pay::Client::new(config)?.with_timeout(REQUEST_TIMEOUT);
    let identity =
        Identity { app_id: client.appid().to_owned(), merchant_id: client.mchid().to_owned() };
    Ok(Gateway { client: Arc::new(client), identity })
}

fn alipay_gateway(config: alipay::Config) -> Result<Gateway<alipay::Client>, ConfigError> {
    let client = alipay::Client::new(config)?.with_timeout(REQUEST_TIMEOUT);
    let identity =
        Identity { app_id: client.app_id().to_owned(), merchant_id: client.seller_id().to_owned() };
    Ok(Gateway { client: Arc::new(client), identity })
}

impl CallError {
    /// True if the same call may still succeed, or may already have succeeded.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self, Self::Gateway(error) if error.is_outcome_unknown() || error.is_retryable())
    }

    /// True if an immediate retry makes sense. Not after a timeout: the shopper has waited.
    pub(crate) fn is_worth_a_second_try(&self) -> bool {
        matches!(self, Self::Gateway(error) if error.is_retryable()
            && error.kind() != Some(AnswerKind::RateLimited)
            && !matches!(error, GatewayError::TimedOut { .. }))
    }

    /// True if the operator must act.
    pub(crate) fn is_configuration(&self) -> bool {
        match self {
            Self::Gateway(error) => error.is_misconfiguration(),
            Self::MissingIdentity(_) | Self::NotConfigured | Self::Incomplete => true,
        }
    }

    /// Returns the settings that the operator should check, for the log; empty if the error itself
    /// names what is missing.
    pub(crate) fn settings_to_check(&self) -> &'static str {
        match self {
            Self::Gateway(error) => misconfiguration::settings_to_check(error),
            Self::MissingIdentity(_) | Self::NotConfigured | Self::Incomplete => "",
        }
    }

    /// Returns the gateway's code, for the log.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Gateway(error) => error.code(),
            Self::MissingIdentity(_) => "missing_identity",
            Self::NotConfigured => "not_configured",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Returns the outcome of a failed call, for metrics: one of a few words, never the gateway's.
const fn outcome(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::InvalidOrder { .. } => "invalid_order",
        GatewayError::NotSent { .. } => "not_sent",
        GatewayError::Unreachable { .. } => "unreachable",
        GatewayError::TimedOut { .. } => "timed_out",
        GatewayError::Interrupted { .. } => "interrupted",
        GatewayError::Unverified { .. } => "unverified",
        GatewayError::Malformed { .. } => "malformed",
        GatewayError::Answered { kind, .. } => match kind {
            AnswerKind::Unavailable => "unavailable",
            AnswerKind::RateLimited => "rate_limited",
            AnswerKind::AlreadyPaid => "already_paid",
            AnswerKind::OrderClosed => "order_closed",
            AnswerKind::OrderMismatch => "order_mismatch",
            AnswerKind::InsufficientBalance => "insufficient_balance",
            AnswerKind::Misconfigured => "misconfigured",
            AnswerKind::Rejected => "rejected",
        },
    }
}

/// Limit of one request to a gateway.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit of one call, which can be two requests: to WeChat Pay's host and to its backup, or of
/// Alipay's refund and of its query.
pub(crate) const CALL_TIMEOUT: Duration = REQUEST_TIMEOUT.saturating_mul(2);
const METHODS: [PaymentMethod; 2] = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
