//! Calls about an order that was made, each by the identity that made it.

use contract::{PaymentMethod, RefundReason};
use gateways::alipay::CloseOutcome;
use gateways::{Bill, Fen, GatewayError, Refund, RefundOrder, Trade};
use time::Date;

use super::clients::Wallet;
use super::{WalletError, Wallets};
use crate::db::payments::PaymentRow;
use crate::db::refunds::RefundRow;
use crate::identity::Identity;

/// What closing an order came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// It cannot be paid any more.
    Closed,
    /// The gateway does not have it yet, so there is nothing to close; its code may still be paid.
    NotCreated,
}

impl Wallets {
    /// The gateway's statement of what a day came to, for the merchant of `identity`.
    pub(crate) async fn bill(
        &self,
        method: PaymentMethod,
        identity: &Identity,
        date: Date,
    ) -> Result<Bill, WalletError> {
        let identity = Some(identity);
        match method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(identity)?.client.trade_bill(date).await?)
            }
            PaymentMethod::Alipay => Ok(self.alipay.of(identity)?.client.trade_bill(date).await?),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Asks what became of an order; answers by which identity it was asked, too.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
    ) -> Result<(&Identity, Trade), WalletError> {
        let (ordered_by, number) = (payment.identity.as_ref(), &payment.out_trade_no);
        match payment.payment_method {
            PaymentMethod::WechatPay => {
                let Wallet { client, identity } = self.wechat_pay.of(ordered_by)?;
                Ok((identity, client.query(number).await?))
            }
            PaymentMethod::Alipay => {
                let Wallet { client, identity } = self.alipay.of(ordered_by)?;
                Ok((identity, client.query(number).await?))
            }
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    pub(crate) async fn close(&self, payment: &PaymentRow) -> Result<Closing, WalletError> {
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
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Asks for a refund, identically at every try.
    pub(crate) async fn refund(&self, refund: &RefundRow) -> Result<Refund, WalletError> {
        let (ordered_by, order) = (refund.identity.as_ref(), refund_order(refund)?);
        match refund.payment_method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(ordered_by)?.client.refund(&order).await?)
            }
            PaymentMethod::Alipay => Ok(self.alipay.of(ordered_by)?.client.refund(&order).await?),
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Asks how a refund stands.
    pub(crate) async fn query_refund(&self, refund: &RefundRow) -> Result<Refund, WalletError> {
        let (ordered_by, number) = (refund.identity.as_ref(), &refund.out_refund_no);
        match refund.payment_method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(ordered_by)?.client.query_refund(number).await?)
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                Ok(client.query_refund(&refund.out_trade_no, number).await?)
            }
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
    }

    /// Queries a refund that others made, by the number that they gave it.
    pub(crate) async fn query_refund_elsewhere(
        &self,
        payment: &PaymentRow,
        out_refund_no: &str,
    ) -> Result<Refund, WalletError> {
        let ordered_by = payment.identity.as_ref();
        match payment.payment_method {
            PaymentMethod::WechatPay => {
                Ok(self.wechat_pay.of(ordered_by)?.client.query_refund(out_refund_no).await?)
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                Ok(client.query_refund(&payment.out_trade_no, out_refund_no).await?)
            }
            PaymentMethod::Unknown => Err(WalletError::NotConfigured),
        }
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
