//! Calls about an existing order, each with the identity that made it.

use contract::{PaymentMethod, RefundReason};
use gateways::alipay::CloseOutcome;
use gateways::{Bill, Fen, GatewayError, Refund, RefundOrder, Trade};
use time::Date;

use super::clients::Gateway;
use super::{CallError, Gateways};
use crate::db::payments::PaymentRow;
use crate::db::refunds::RefundRow;
use crate::identity::Identity;

/// The outcome of closing an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Closed: it cannot be paid any more.
    Closed,
    /// The gateway does not have it yet, so there is nothing to close; its code may still be paid.
    NotCreated,
}

impl Gateways {
    /// Fetches the gateway's bill of a day, for the merchant number of `identity`.
    pub(crate) async fn bill(
        &self,
        method: PaymentMethod,
        identity: &Identity,
        date: Date,
    ) -> Result<Bill, CallError> {
        let identity = Some(identity);
        match method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(identity)?.client.trade_bill(date).await?)
            }
            PaymentMethod::Alipay => Ok(self.alipay.of(identity)?.client.trade_bill(date).await?),
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    /// Queries an order; returns the identity that queried, too.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
    ) -> Result<(&Identity, Trade), CallError> {
        let (ordered_by, number) = (payment.identity.as_ref(), &payment.out_trade_no);
        match payment.payment_method {
            PaymentMethod::WechatPay => {
                let Gateway { client, identity } = self.wechat_pay.of(ordered_by)?;
                Ok((identity, client.query(number).await?))
            }
            PaymentMethod::Alipay => {
                let Gateway { client, identity } = self.alipay.of(ordered_by)?;
                Ok((identity, client.query(number).await?))
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    pub(crate) async fn close(&self, payment: &PaymentRow) -> Result<Closing, CallError> {
        let (ordered_by, number) = (payment.identity.as_ref(), &payment.out_trade_no);
        match payment.payment_method {
            PaymentMethod::WechatPay => {
                self.wechat_pay.of(ordered_by)?.client.close(number).await?;
                Ok(Closing::Closed)
            }
            PaymentMethod::Alipay => {
                match self.alipay.of(ordered_by)?.client.close(number).await? {
                    CloseOutcome::Closed => Ok(Closing::Closed),
                    CloseOutcome::NotCreated => Ok(Closing::NotCreated),
                }
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    /// Sends a refund, identically at every try.
    pub(crate) async fn refund(&self, refund: &RefundRow) -> Result<Refund, CallError> {
        let (ordered_by, order) = (refund.identity.as_ref(), refund_order(refund)?);
        match refund.payment_method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(ordered_by)?.client.refund(&order).await?)
            }
            PaymentMethod::Alipay => Ok(self.alipay.of(ordered_by)?.client.refund(&order).await?),
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    /// Queries a refund.
    pub(crate) async fn query_refund(&self, refund: &RefundRow) -> Result<Refund, CallError> {
        let (method, ordered_by) = (refund.payment_method, refund.identity.as_ref());
        self.refund_of(method, ordered_by, &refund.out_trade_no, &refund.out_refund_no).await
    }

    /// Queries a refund that was made elsewhere, by its number.
    pub(crate) async fn query_refund_elsewhere(
        &self,
        payment: &PaymentRow,
        out_refund_no: &str,
    ) -> Result<Refund, CallError> {
        let (method, ordered_by) = (payment.payment_method, payment.identity.as_ref());
        self.refund_of(method, ordered_by, &payment.out_trade_no, out_refund_no).await
    }

    async fn refund_of(
        &self,
        method: PaymentMethod,
        ordered_by: Option<&Identity>,
        out_trade_no: &str,
        out_refund_no: &str,
    ) -> Result<Refund, CallError> {
        match method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(ordered_by)?.client.query_refund(out_refund_no).await?)
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                Ok(client.query_refund(out_trade_no, out_refund_no).await?)
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }
}

fn refund_order(refund: &RefundRow) -> Result<RefundOrder, CallError> {
    let fen = |value| {
        Fen::new(value)
            .ok_or(GatewayError::InvalidOrder { field: "amount", problem: "is negative" })
    };
    // The payer reads it, in the wallets' common language.
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
