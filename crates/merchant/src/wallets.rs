//! One face for both gateways, in the words of the contract.

use contract::{NextActionType, PaymentMethod, RefundReason};
use gateways::alipay::{self, CloseOutcome};
use gateways::{
    Bill, CertificateDates, ConfigError, Fen, GatewayError, Order, Refund, RefundOrder, Trade,
    wechat_pay,
};
use time::{Date, OffsetDateTime};

use crate::action::Action;
use crate::address;
use crate::config::Config;
use crate::db::payments::PaymentRow;
use crate::db::refunds::RefundRow;
use crate::payer::Payer;
use crate::rules::Product;

/// The gateways that are configured.
pub(crate) struct Wallets {
    pub(crate) wechat_pay: Option<Wallet<wechat_pay::Client>>,
    pub(crate) alipay: Option<Wallet<alipay::Client>>,
    /// What the merchant has contracts for, the preferred first.
    products: Vec<Product>,
    /// The host registered for H5: only there the shopper comes back by itself.
    h5_domain: Option<String>,
    domain_verification: Option<(String, String)>,
}

/// A gateway's client, and how it may be used.
pub(crate) struct Wallet<Client> {
    pub(crate) client: Client,
    identity: Identity,
}

/// Who we are at a gateway: what its statements must name.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) app_id: String,
    pub(crate) merchant_id: String,
}

/// An order, and where its shopper comes from and goes to.
#[derive(Clone, Debug)]
pub(crate) struct OrderContext<'a> {
    pub(crate) payment: &'a PaymentRow,
    pub(crate) order: Order,
    /// Where the shopper goes on to from a gateway's page.
    pub(crate) onward: String,
    /// Where the wallet sends the shopper back to once it knows who they are, and the token by
    /// which we know them again.
    pub(crate) authorized_url: String,
    pub(crate) state: String,
}

/// What closing an order came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// It cannot be paid any more.
    Closed,
    /// The gateway does not have it yet, so there is nothing to close; its code may still be paid.
    NotCreated,
}

/// Why a gateway was no help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalletError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
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
            let client = wechat_pay::Client::new(wechat_pay.gateway)?;
            let identity = Identity {
                app_id: client.appid().to_owned(),
                merchant_id: client.mchid().to_owned(),
            };
            Ok::<_, ConfigError>(Wallet { client, identity })
        });
        let wechat_pay = wechat_pay.transpose()?;
        let alipay = config.alipay.clone().map(|alipay| {
            products.extend(alipay.products);
            let identity = Identity {
                app_id: alipay.gateway.app_id.clone(),
                merchant_id: alipay.gateway.seller_id.clone(),
            };
            let client = alipay::Client::new(alipay.gateway)?;
            Ok::<_, ConfigError>(Wallet { client, identity })
        });
        let alipay = alipay.transpose()?;
        Ok(Self { wechat_pay, alipay, products, h5_domain, domain_verification })
    }

    /// What can be offered, in no order of merit.
    pub(crate) fn offered(&self) -> Vec<PaymentMethod> {
        let all = [PaymentMethod::Alipay, PaymentMethod::WechatPay];
        all.into_iter().filter(|method| self.is_configured(*method)).collect()
    }

    pub(crate) fn is_configured(&self, method: PaymentMethod) -> bool {
        self.identity(method).is_some()
    }

    /// When the configured certificates end.
    pub(crate) fn certificates(&self) -> Vec<CertificateDates> {
        let alipay = self.alipay.iter().flat_map(|wallet| wallet.client.certificates());
        alipay.cloned().collect()
    }

    /// The name and the text of the file by which WeChat proves who owns a domain.
    pub(crate) fn domain_verification(&self) -> Option<(&str, &str)> {
        self.domain_verification.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// What the merchant has contracts for, the preferred first.
    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    pub(crate) fn identity(&self, method: PaymentMethod) -> Option<&Identity> {
        match method {
            PaymentMethod::Alipay => self.alipay.as_ref().map(|wallet| &wallet.identity),
            PaymentMethod::WechatPay => self.wechat_pay.as_ref().map(|wallet| &wallet.identity),
            PaymentMethod::Unknown => None,
        }
    }

    /// Makes the order; answers what the shopper does next. Where the gateway must know who
    /// pays and we do not yet, nothing is ordered: the shopper is sent to be asked.
    pub(crate) async fn order(
        &self,
        order_context: &OrderContext<'_>,
        now: OffsetDateTime,
    ) -> Result<Action, WalletError> {
        let OrderContext { payment, order, .. } = order_context;
        match payment.product {
            Product::Native => {
                Ok(Action::code(self.wechat_pay()?.native_order(order).await?.code_url))
            }
            Product::H5 => self.h5_order(order_context).await,
            Product::WechatJsapi => self.wechat_jsapi_order(order_context, now).await,
            Product::Precreate | Product::PrecreateLink => {
                Ok(Action::code(self.alipay()?.precreate(order).await?.qr_code))
            }
            Product::Page => Ok(Action::redirect(self.alipay()?.page_pay_url(order, now)?)),
            Product::PageFrame => {
                let mode = alipay::QrPayMode::Width(FRAMED_CODE_PX);
                Ok(Action::frame(self.alipay()?.page_frame_url(order, mode, now)?))
            }
            Product::Wap => Ok(Action::redirect(self.alipay()?.wap_pay_url(order, now)?)),
            Product::AlipayJsapi => self.alipay_jsapi_order(order_context).await,
        }
    }

    /// gateways.md A11.2: the way back is appended, and only to the registered host; any other
    /// makes the whole page fail.
    async fn h5_order(&self, order_context: &OrderContext<'_>) -> Result<Action, WalletError> {
        let ip = order_context.payment.payer_client_ip.as_deref().ok_or(WalletError::Incomplete)?;
        let ordered = self.wechat_pay()?.h5_order(&order_context.order, ip).await?;
        let back = address::origin(&order_context.onward).filter(|origin| {
            self.h5_domain.as_deref().map(address::host) == Some(address::host(origin))
        });
        Ok(Action::redirect(match back {
            Some(_) => ordered.with_redirect_url(&order_context.onward),
            None => ordered.h5_url,
        }))
    }

    async fn wechat_jsapi_order(
        &self,
        order_context: &OrderContext<'_>,
        now: OffsetDateTime,
    ) -> Result<Action, WalletError> {
        let client = self.wechat_pay()?;
        let Some(payer) = &order_context.payment.payer else {
            let url = client.oauth_url(&order_context.authorized_url, &order_context.state);
            return url.map(Action::redirect).ok_or(WalletError::NotConfigured);
        };
        let Payer::WechatOpenid(openid) = payer else { return Err(WalletError::Incomplete) };
        let ordered = client.jsapi_order(&order_context.order, openid).await?;
        let fields = client.jsapi_parameters(&ordered.prepay_id, now)?;
        Ok(Action::bridge(NextActionType::InvokeWechatJsapi, fields))
    }

    async fn alipay_jsapi_order(
        &self,
        order_context: &OrderContext<'_>,
    ) -> Result<Action, WalletError> {
        let client = self.alipay()?;
        let buyer = match &order_context.payment.payer {
            None => {
                let url = client.oauth_url(&order_context.authorized_url, &order_context.state);
                return Ok(Action::redirect(url));
            }
            Some(Payer::AlipayUserId(id)) => alipay::Buyer::UserId(id.clone()),
            Some(Payer::AlipayOpenId(id)) => alipay::Buyer::OpenId(id.clone()),
            Some(Payer::WechatOpenid(_)) => return Err(WalletError::Incomplete),
        };
        let created = client.trade_create(&order_context.order, &buyer).await?;
        let fields = vec![("tradeNO", created.trade_no)];
        Ok(Action::bridge(NextActionType::InvokeAlipayJsapi, fields))
    }

    /// Asks the wallet who came back with this code. It answers once for each.
    pub(crate) async fn payer(
        &self,
        method: PaymentMethod,
        code: &str,
    ) -> Result<Payer, WalletError> {
        match method {
            PaymentMethod::WechatPay => {
                Ok(Payer::WechatOpenid(self.wechat_pay()?.openid(code).await?))
            }
            PaymentMethod::Alipay => Ok(match self.alipay()?.buyer(code).await? {
                alipay::Buyer::UserId(id) => Payer::AlipayUserId(id),
                alipay::Buyer::OpenId(id) => Payer::AlipayOpenId(id),
            }),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// What a gateway says that a day came to.
    pub(crate) async fn bill(
        &self,
        method: PaymentMethod,
        date: Date,
    ) -> Result<Bill, WalletError> {
        match method {
            PaymentMethod::WechatPay => Ok(self.wechat_pay()?.trade_bill(date).await?),
            PaymentMethod::Alipay => Ok(self.alipay()?.trade_bill(date).await?),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    pub(crate) async fn query(
        &self,
        method: PaymentMethod,
        out_trade_no: &str,
    ) -> Result<Trade, WalletError> {
        match method {
            PaymentMethod::WechatPay => Ok(self.wechat_pay()?.query(out_trade_no).await?),
            PaymentMethod::Alipay => Ok(self.alipay()?.query(out_trade_no).await?),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    pub(crate) async fn close(
        &self,
        method: PaymentMethod,
        out_trade_no: &str,
    ) -> Result<Closing, WalletError> {
        match method {
            PaymentMethod::WechatPay => {
                self.wechat_pay()?.close(out_trade_no).await?;
                Ok(Closing::Closed)
            }
            PaymentMethod::Alipay => match self.alipay()?.close(out_trade_no).await? {
                CloseOutcome::Closed => Ok(Closing::Closed),
                CloseOutcome::NotCreated => Ok(Closing::NotCreated),
            },
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Asks for a refund, identically at every try.
    pub(crate) async fn refund(&self, refund: &RefundRow) -> Result<Refund, WalletError> {
        let order = refund_order(refund)?;
        match refund.payment_method {
            PaymentMethod::WechatPay => Ok(self.wechat_pay()?.refund(&order).await?),
            PaymentMethod::Alipay => Ok(self.alipay()?.refund(&order).await?),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Asks how a refund stands.
    pub(crate) async fn query_refund(&self, refund: &RefundRow) -> Result<Refund, WalletError> {
        let number = &refund.out_refund_no;
        match refund.payment_method {
            PaymentMethod::WechatPay => Ok(self.wechat_pay()?.query_refund(number).await?),
            PaymentMethod::Alipay => {
                Ok(self.alipay()?.query_refund(&refund.out_trade_no, number).await?)
            }
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Queries a refund that others made, by the number that they gave it.
    pub(crate) async fn query_refund_elsewhere(
        &self,
        method: PaymentMethod,
        out_trade_no: &str,
        out_refund_no: &str,
    ) -> Result<Refund, WalletError> {
        match method {
            PaymentMethod::WechatPay => Ok(self.wechat_pay()?.query_refund(out_refund_no).await?),
            PaymentMethod::Alipay => {
                Ok(self.alipay()?.query_refund(out_trade_no, out_refund_no).await?)
            }
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    fn wechat_pay(&self) -> Result<&wechat_pay::Client, WalletError> {
        self.wechat_pay.as_ref().map(|wallet| &wallet.client).ok_or(WalletError::NotConfigured)
    }

    fn alipay(&self) -> Result<&alipay::Client, WalletError> {
        self.alipay.as_ref().map(|wallet| &wallet.client).ok_or(WalletError::NotConfigured)
    }
}

fn refund_order(refund: &RefundRow) -> Result<RefundOrder, WalletError> {
    let fen = |value| {
        Fen::new(value)
            .ok_or(GatewayError::InvalidOrder { field: "amount", problem: "is negative" })
    };
    // The payer reads it, in the language that both wallets are in.
    let reason = match refund.reason {
        RefundReason::Duplicate => "重复付款，自动退回",
        RefundReason::Late => "订单已过期，自动退回",
        RefundReason::SessionCanceled => "订单已取消，自动退回",
        RefundReason::RequestedByMerchant | RefundReason::MadeElsewhere | RefundReason::Unknown => {
            refund.reason_text.as_deref().unwrap_or_default()
        }
    };
    Ok(RefundOrder {
        out_trade_no: refund.out_trade_no.clone(),
        out_refund_no: refund.out_refund_no.clone(),
        amount: fen(refund.amount.value)?,
        total: fen(refund.total.value)?,
        reason: reason.to_owned(),
        notify_url: Some(refund.notify_url.clone()),
    })
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
                | Self::NotConfigured
                | Self::Incomplete
        )
    }

    /// The gateway's code, for the log.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Gateway(error) => error.code(),
            Self::NotConfigured => "not_configured",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The width of the code in a frame of the page.
const FRAMED_CODE_PX: u16 = 200;
