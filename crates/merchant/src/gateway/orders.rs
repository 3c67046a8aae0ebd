//! Submits orders to the gateways, and identifies the payers that some of them need.

use contract::{NextActionType, PaymentMethod};
use gateways::{Order, alipay, wechat_pay};
use time::OffsetDateTime;

use super::{CallError, Gateways};
use crate::action::Action;
use crate::address;
use crate::db::payments::PaymentRow;
use crate::identity::MissingIdentity;
use crate::payer::Payer;
use crate::rules::Product;

/// The data of an order, and the addresses before and after it.
#[derive(Clone, Debug)]
pub(crate) struct OrderContext<'a> {
    pub(crate) payment: &'a PaymentRow,
    pub(crate) order: Order,
    /// The address to which the shopper returns from a gateway's page.
    pub(crate) onward: String,
    /// The address to which the wallet redirects the shopper once it has identified them, and the
    /// OAuth state by which we recognise them.
    pub(crate) authorized_url: String,
    pub(crate) state: String,
}

impl Gateways {
    /// Submits the order; returns the shopper's next action. If the gateway needs a payer that is
    /// not known, nothing is ordered: the action asks the wallet for the payer.
    pub(crate) async fn order(
        &self,
        order_context: &OrderContext<'_>,
        now: OffsetDateTime,
    ) -> Result<Action, CallError> {
        let OrderContext { payment, order, .. } = order_context;
        match payment.product {
            Product::Native => {
                let client = self.wechat_pay_orders(payment)?;
                let ordered = self.measured(WECHAT_PAY, "order", client.native_order(order)).await;
                Ok(Action::code(ordered?.code_url))
            }
            Product::H5 => self.h5_order(order_context).await,
            Product::WechatJsapi => self.wechat_jsapi_order(order_context, now).await,
            Product::Precreate | Product::PrecreateLink => {
                let client = self.alipay_orders(payment)?;
                let ordered = self.measured(ALIPAY, "order", client.precreate(order)).await;
                Ok(Action::code(ordered?.qr_code))
            }
            Product::Page => {
                Ok(Action::redirect(self.alipay_orders(payment)?.page_pay_url(order, now)?))
            }
            Product::PageFrame => {
                let mode = alipay::QrPayMode::Width(FRAMED_CODE_PX);
                let client = self.alipay_orders(payment)?;
                Ok(Action::frame(client.page_frame_url(order, mode, now)?))
            }
            Product::Wap => {
                Ok(Action::redirect(self.alipay_orders(payment)?.wap_pay_url(order, now)?))
            }
            Product::AlipayJsapi => self.alipay_jsapi_order(order_context).await,
        }
    }

    /// Submits an H5 order. gateways.md A11.2: the return address is appended, and only if it is on
    /// the registered host; any other breaks the whole page.
    async fn h5_order(&self, order_context: &OrderContext<'_>) -> Result<Action, CallError> {
        let ip = order_context.payment.payer_client_ip.as_deref().ok_or(CallError::Incomplete)?;
        let client = self.wechat_pay_orders(order_context.payment)?;
        let call = client.h5_order(&order_context.order, ip);
        let ordered = self.measured(WECHAT_PAY, "order", call).await?;
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
    ) -> Result<Action, CallError> {
        let client = self.wechat_pay_orders(order_context.payment)?;
        let Some(payer) = &order_context.payment.payer else {
            let url = client.oauth_url(&order_context.authorized_url, &order_context.state);
            return url.map(Action::redirect).ok_or(CallError::NotConfigured);
        };
        let Payer::WechatOpenid(openid) = payer else { return Err(CallError::Incomplete) };
        let call = client.jsapi_order(&order_context.order, openid);
        let ordered = self.measured(WECHAT_PAY, "order", call).await?;
        let fields = client.jsapi_parameters(&ordered.prepay_id, now)?;
        Ok(Action::bridge(NextActionType::InvokeWechatJsapi, fields))
    }

    async fn alipay_jsapi_order(
        &self,
        order_context: &OrderContext<'_>,
    ) -> Result<Action, CallError> {
        let client = self.alipay_orders(order_context.payment)?;
        let buyer = match &order_context.payment.payer {
            None => {
                let url = client.oauth_url(&order_context.authorized_url, &order_context.state);
                return Ok(Action::redirect(url));
            }
            Some(Payer::AlipayUserId(id)) => alipay::Buyer::UserId(id.clone()),
            Some(Payer::AlipayOpenId(id)) => alipay::Buyer::OpenId(id.clone()),
            Some(Payer::WechatOpenid(_)) => return Err(CallError::Incomplete),
        };
        let call = client.trade_create(&order_context.order, &buyer);
        let created = self.measured(ALIPAY, "order", call).await?;
        let fields = vec![("tradeNO", created.trade_no)];
        Ok(Action::bridge(NextActionType::InvokeAlipayJsapi, fields))
    }

    /// Exchanges the code of a returned shopper for the payer. A wallet accepts each code once.
    pub(crate) async fn payer(&self, payment: &PaymentRow, code: &str) -> Result<Payer, CallError> {
        match payment.payment_method {
            PaymentMethod::WechatPay => {
                let client = self.wechat_pay_orders(payment)?;
                let openid = self.measured(WECHAT_PAY, "payer", client.openid(code)).await;
                Ok(Payer::WechatOpenid(openid?))
            }
            PaymentMethod::Alipay => {
                let client = self.alipay_orders(payment)?;
                Ok(match self.measured(ALIPAY, "payer", client.buyer(code)).await? {
                    alipay::Buyer::UserId(id) => Payer::AlipayUserId(id),
                    alipay::Buyer::OpenId(id) => Payer::AlipayOpenId(id),
                })
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    /// Returns the client that orders a payment, for the first time or again.
    fn wechat_pay_orders(
        &self,
        payment: &PaymentRow,
    ) -> Result<&wechat_pay::Client, MissingIdentity> {
        self.wechat_pay.exactly(payment.identity.as_ref()).map(|gateway| &*gateway.client)
    }

    /// Returns the client that orders a payment, for the first time or again.
    fn alipay_orders(&self, payment: &PaymentRow) -> Result<&alipay::Client, MissingIdentity> {
        self.alipay.exactly(payment.identity.as_ref()).map(|gateway| &*gateway.client)
    }
}

const WECHAT_PAY: PaymentMethod = PaymentMethod::WechatPay;
const ALIPAY: PaymentMethod = PaymentMethod::Alipay;
/// The width of the code in a frame of the page.
const FRAMED_CODE_PX: u16 = 200;
