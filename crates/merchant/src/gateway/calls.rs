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
    /// Queries an order that no gateway has, under each configured identity: a signed call that
    /// moves nothing. Returns the gateway and the merchant number of each, and the call's error.
    pub(crate) async fn probe(&self) -> Vec<(PaymentMethod, &Identity, Option<CallError>)> {
        let mut probed = Vec::new();
        for Gateway { client, identity } in self.wechat_pay.all() {
            let method = PaymentMethod::WechatPay;
            let asked = self.measured(method, "query", client.query(PROBED_NUMBER)).await;
            probed.push((method, identity, asked.err()));
        }
        for Gateway { client, identity } in self.alipay.all() {
            let method = PaymentMethod::Alipay;
            let asked = self.measured(method, "query", client.query(PROBED_NUMBER)).await;
            probed.push((method, identity, asked.err()));
        }
        probed
    }

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
                let client = &self.wechat_pay.of(identity)?.client;
                self.measured(method, "bill", client.trade_bill(date)).await
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(identity)?.client;
                self.measured(method, "bill", client.trade_bill(date)).await
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    /// Queries an order; returns the identity that queried, too.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
    ) -> Result<(&Identity, Trade), CallError> {
        let (ordered_by, number) = (payment.identity.as_ref(), &payment.out_trade_no);
        let method = payment.payment_method;
        match method {
            PaymentMethod::WechatPay => {
                let Gateway { client, identity } = self.wechat_pay.of(ordered_by)?;
                Ok((identity, self.measured(method, "query", client.query(number)).await?))
            }
            PaymentMethod::Alipay => {
                let Gateway { client, identity } = self.alipay.of(ordered_by)?;
                Ok((identity, self.measured(method, "query", client.query(number)).await?))
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }

    pub(crate) async fn close(&self, payment: &PaymentRow) -> Result<Closing, CallError> {
        let (ordered_by, number) = (payment.identity.as_ref(), &payment.out_trade_no);
        let method = payment.payment_method;
        match method {
            PaymentMethod::WechatPay => {
                let client = &self.wechat_pay.of(ordered_by)?.client;
                self.measured(method, "close", client.close(number)).await?;
                Ok(Closing::Closed)
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                match self.measured(method, "close", client.close(number)).await? {
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
        let method = refund.payment_method;
        match method {
            PaymentMethod::WechatPay => {
                let client = &self.wechat_pay.of(ordered_by)?.client;
                self.measured(method, "refund", client.refund(&order)).await
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                self.measured(method, "refund", client.refund(&order)).await
            }
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
                let client = &self.wechat_pay.of(ordered_by)?.client;
                self.measured(method, "query_refund", client.query_refund(out_refund_no)).await
            }
            PaymentMethod::Alipay => {
                let client = &self.alipay.of(ordered_by)?.client;
                let call = client.query_refund(out_trade_no, out_refund_no);
                self.measured(method, "query_refund", call).await
            }
            PaymentMethod::Unknown => Err(CallError::NotConfigured),
        }
    }
}

/// A number of the format of ours that is never drawn, since it has a letter outside our alphabet.
const PROBED_NUMBER: &str = "OCUUUUUUUUUUUUUUUUUUUUUUUU";

fn refund_order(refund: &RefundRow) -> Result<RefundOrder, CallError> {
    let fen = |value| {
        Fen::new(value).ok_or(GatewayError::InvalidOrder {
            field: "amount",
            problem: "is negative or too large",
        })
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
