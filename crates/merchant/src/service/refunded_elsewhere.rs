//! Refunds made elsewhere: in the wallet's console, or by another system of the merchant's. They
//! are recorded, sent as events and counted, so that no more is refunded than is left.

use contract::PaymentMethod;
use gateways::RefundState;
use gateways::alipay::Notification;

use super::Backend;
use super::compare::compare_recipient;
use crate::db::payments::{self, PaymentRow};
use crate::db::record::{self, MadeElsewhere};
use crate::db::refunds;
use crate::error::Error;
use crate::identity::Identity;
use crate::rules::{Ending, TradeState};

impl Backend {
    /// Queries and records a refund that is not ours, if its order is. Nothing is stored that the
    /// amount of its notification could be compared with, so that the query decides. Returns
    /// `false` if it is recorded already, or moved no money.
    pub(crate) async fn refunded_elsewhere(
        &self,
        method: PaymentMethod,
        out_trade_no: &str,
        out_refund_no: &str,
    ) -> Result<bool, Error> {
        let Some(payment) = self.payment_of_order(method, out_trade_no).await? else {
            return Err(self.refuse_unknown_order(method));
        };
        let stated = match self.gateways.query_refund_elsewhere(&payment, out_refund_no).await {
            Ok(stated) => stated,
            Err(error) => {
                self.note_failure(&payment, "refund query", &error)?;
                return Err(Error::GatewayUnavailable);
            }
        };
        match (stated.state, stated.amount) {
            (RefundState::Succeeded, Some(amount)) if stated.out_trade_no == out_trade_no => {
                let made = MadeElsewhere {
                    out_refund_no: out_refund_no.to_owned(),
                    amount_value: amount.value(),
                    gateway_refund_id: stated.refund_id.clone(),
                };
                self.record_elsewhere(&payment, made).await
            }
            (RefundState::Closed | RefundState::Abnormal, _) => {
                tracing::info!(payment.id = %payment.id, "a refund made elsewhere moved no money: {:?}", stated.state);
                Ok(false)
            }
            (RefundState::NotFound, _) => {
                // It may be too early: Alipay's query may lag ten seconds behind (gateways.md
                // B5.4).
                tracing::warn!(payment.id = %payment.id, "a notification names a refund that its gateway does not know");
                Err(Error::NotificationRefused)
            }
            (state, _) => {
                // Acknowledged only with an effect: the gateway sends its notification again.
                tracing::warn!(payment.id = %payment.id, "a refund made elsewhere is not decided at its gateway: {state:?}");
                Err(Error::GatewayUnavailable)
            }
        }
    }

    /// Handles Alipay's notification of a refund, which was opened with the keys of `recipient`. It
    /// repeats the trade, and names the refund.
    pub(crate) async fn alipay_refund_notified(
        &self,
        recipient: &Identity,
        notification: &Notification,
    ) -> Result<(), Error> {
        let (method, trade) = (PaymentMethod::Alipay, &notification.trade);
        let Some(payment) = self.payment_of_order(method, &trade.out_trade_no).await? else {
            return Err(self.refuse_unknown_order(method));
        };
        if let Err(mismatch) = compare_recipient(&payment, recipient, trade) {
            return Err(self.refuse_contradiction(&payment, &mismatch));
        }
        // The event repeats the state of the trade, and must neither fulfil an order nor revoke its
        // payment (gateways.md B9): it only triggers a query.
        let is_captured = self.captured(&payment).await?.is_some();
        let Some(number) = notification.out_refund_no.clone() else {
            tracing::error!(alarm = true, alarm.kind = "refund_unnumbered", payment.id = %payment.id, "Alipay's notification has no refund number; the bill will have it");
            // Of a payment that is not paid at its gateway there is no refund; or not yet: the
            // query may be behind, so that Alipay has to send the notification again.
            return if is_captured { Ok(()) } else { Err(Error::GatewayUnavailable) };
        };
        let (order, refund) = (trade.out_trade_no.clone(), number.clone());
        let known = self
            .db
            .read(move |connection| refunds::find_by_number(connection, &order, &refund))
            .await?;
        if known.is_some() {
            // The worker queries our refunds; the notification does not assign amounts to refunds.
            return Ok(());
        }
        self.refunded_elsewhere(method, &trade.out_trade_no, &number).await.map(|_| ())
    }

    /// Writes a refund that its gateway has stated, made elsewhere; `false` if it is recorded
    /// already. It proves a capture, whose data is queried first if it is not recorded. A refund of
    /// more than its payment is refused: a bill is not signed.
    pub(crate) async fn record_elsewhere(
        &self,
        payment: &PaymentRow,
        made: MadeElsewhere,
    ) -> Result<bool, Error> {
        if made.amount_value > payment.amount.value {
            tracing::error!(
                alarm = true, alarm.kind = "refund_contradiction",
                payment.id = %payment.id,
                amount = made.amount_value,
                "a refund made elsewhere is of more than its payment, and is not recorded"
            );
            return Err(Error::NotificationRefused);
        }
        let captured = if payment.is_captured() {
            Some(payment.clone())
        } else {
            let state = self.query_refunded(payment).await?;
            self.capture(payment, state).await?
        };
        let Some(payment) = captured else {
            tracing::error!(alarm = true, alarm.kind = "refund_contradiction", payment.id = %payment.id, "a refund was notified for a payment that is not paid at its gateway");
            return Err(Error::NotificationRefused);
        };
        let (row, context) = (payment.clone(), self.write_context());
        let recorded = self.db.write(move |tx| {
            let refund = record::made_elsewhere(tx, context, &row, &made)?;
            Ok(refund.zip(Some(refunds::held(tx, &row.id)?)))
        });
        let Some((refund, held)) = recorded.await? else { return Ok(false) };
        tracing::info!(
            refund.id = %refund.id,
            payment.id = %refund.payment_id,
            amount = refund.amount.value,
            "a refund that was made elsewhere is recorded"
        );
        if held > payment.amount.value {
            tracing::error!(
                alarm = true, alarm.kind = "refund_exceeds_capture",
                payment.id = %payment.id,
                held,
                "more is refunded than was captured: refunds were made here and elsewhere"
            );
        }
        Ok(true)
    }

    /// Returns the payment with its capture, which is queried if it is not recorded; `None` if the
    /// gateway reports none.
    async fn captured(&self, payment: &PaymentRow) -> Result<Option<PaymentRow>, Error> {
        if payment.is_captured() {
            return Ok(Some(payment.clone()));
        }
        let state = self.query(payment, Ending::Expired).await?;
        self.capture(payment, state).await
    }

    /// Returns the payment with the capture that a query has found, if it has.
    async fn capture(
        &self,
        payment: &PaymentRow,
        state: Option<TradeState>,
    ) -> Result<Option<PaymentRow>, Error> {
        if state.is_none() {
            // The gateway sends its notification again, and the next bill has the refund, too.
            return Err(Error::GatewayUnavailable);
        }
        let after = self.payment(&payment.id).await?;
        Ok(after.filter(PaymentRow::is_captured))
    }

    /// Returns the payment with an order number.
    pub(crate) async fn payment_of_order(
        &self,
        method: PaymentMethod,
        out_trade_no: &str,
    ) -> Result<Option<PaymentRow>, Error> {
        let number = out_trade_no.to_owned();
        let found = self
            .db
            .read(move |connection| payments::find_by_out_trade_no(connection, &number))
            .await?;
        Ok(found.filter(|payment| payment.payment_method == method))
    }
}
