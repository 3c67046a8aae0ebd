//! Asking the gateway now.

use contract::PaymentMethod;

use super::Cashier;
use super::judge::{judge, state};
use crate::db::apply::Outcome;
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{self, Checking, Ending, TradeState};
use crate::wallets::{WalletError, Wallets};

/// What a question to the gateway brought.
pub(crate) enum Asked {
    /// Its answer, and what has become of the payment.
    Answered { state: TradeState, outcome: Outcome },
    /// No answer that could be used.
    Nothing,
}

impl Cashier {
    /// "I have paid": asks the gateway now and writes what it says.
    pub(crate) async fn check(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let payment = self.payment_of(session_id, payment_id).await?;
        let session = self.session(session_id).await?;
        let is_time_up = self.is_time_up(&session);
        let checking = rules::check(session.status, is_time_up, payment.is_captured());
        if checking == Checking::AsItIs {
            return Ok(());
        }
        self.limits.take(Limited::Check, payment_id, self.clock.uptime())?;
        if checking == Checking::Expire {
            let _lock = self.locks.lock(session_id).await.ok_or(Error::InProgress)?;
            return if self.expire(session_id).await? {
                Ok(())
            } else {
                Err(Error::GatewayUnavailable)
            };
        }
        match self.ask(&payment, rules::found_closed(is_time_up)).await? {
            Asked::Answered { .. } => Ok(()),
            Asked::Nothing => Err(Error::GatewayUnavailable),
        }
    }

    /// Queries the gateway about a payment, judges the answer and writes its effect.
    /// `if_closed` says what has become of it if it is found closed.
    pub(crate) async fn ask(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
    ) -> Result<Asked, Error> {
        let answer = self.wallets.query(payment.payment_method, &payment.out_trade_no).await;
        let (id, now) = (payment.id.clone(), self.clock.now());
        self.db.write(move |transaction| payments::note_check(transaction, &id, now)).await?;
        let trade = match answer {
            Ok(trade) => trade,
            Err(error) => {
                note_failure(payment, "query", &error);
                return Ok(Asked::Nothing);
            }
        };
        let us = self.identity(payment.payment_method)?;
        match judge(payment, us, &trade, if_closed) {
            Ok(update) => {
                let outcome = self.apply(&payment.id, update).await?;
                Ok(Asked::Answered { state: state(trade.state), outcome })
            }
            Err(mismatch) => {
                tracing::error!(
                    alarm = true,
                    session.id = %payment.session_id,
                    payment.id = %payment.id,
                    "the gateway's answer to a query contradicts the order: {mismatch}"
                );
                Ok(Asked::Nothing)
            }
        }
    }

    /// Who we are at this gateway.
    pub(crate) fn identity(
        &self,
        method: PaymentMethod,
    ) -> Result<&crate::wallets::Identity, Error> {
        Wallets::identity(&self.wallets, method).ok_or_else(|| {
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
