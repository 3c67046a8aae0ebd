//! Queries of a gateway, each compared with the order and its effect written.

use contract::PaymentMethod;

use super::Cashier;
use super::judge::{judge, state};
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::rules::{Ending, TradeState};
use crate::wallets::{Identity, WalletError};

impl Cashier {
    /// Queries the gateway about a payment, compares the answer with the order and writes its
    /// effect; `None` if there was no answer that can be used. `if_closed` says what has become
    /// of the payment if it is found closed.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
    ) -> Result<Option<TradeState>, Error> {
        let answer = self.wallets.query(payment.payment_method, &payment.out_trade_no).await;
        let (id, now) = (payment.id.clone(), self.clock.now());
        self.db.write(move |transaction| payments::note_check(transaction, &id, now)).await?;
        let trade = match answer {
            Ok(trade) => trade,
            Err(error) => {
                note_failure(payment, "query", &error);
                return Ok(None);
            }
        };
        let us = self.identity(payment.payment_method)?;
        match judge(payment, us, &trade, if_closed) {
            Ok(update) => {
                self.apply(&payment.id, update).await?;
                Ok(Some(state(trade.state)))
            }
            Err(mismatch) => {
                tracing::error!(
                    alarm = true,
                    session.id = %payment.session_id,
                    payment.id = %payment.id,
                    "the gateway's answer to a query contradicts the order: {mismatch}"
                );
                Ok(None)
            }
        }
    }

    /// Our names at this gateway.
    pub(crate) fn identity(&self, method: PaymentMethod) -> Result<&Identity, Error> {
        self.wallets.identity(method).ok_or_else(|| {
            Error::Internal(format!("{method} has payments but is not configured any more"))
        })
    }
}

/// Logs a gateway call that failed; its caller decides what it means.
pub(crate) fn note_failure(payment: &PaymentRow, call: &str, error: &WalletError) {
    tracing::warn!(
        session.id = %payment.session_id,
        payment.id = %payment.id,
        payment.method = %payment.payment_method,
        gateway.call = call,
        gateway.code = error.code(),
        "a gateway call failed: {error}"
    );
}
