//! Queries of a gateway, each compared with the order and its effect written.

use super::Cashier;
use super::judge::{judge, state};
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::rules::{Ending, TradeState};
use crate::wallets::WalletError;

impl Cashier {
    /// Queries the gateway about a payment, compares the answer with the order and writes its
    /// effect; `None` if there was no answer that can be used. `if_closed` says what has become
    /// of the payment if it is found closed.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
    ) -> Result<Option<TradeState>, Error> {
        let answer = self.wallets.query(payment).await;
        // Nobody was asked, so no check is counted.
        if let Err(error @ WalletError::MissingIdentity(_)) = &answer {
            self.note_failure(payment, "query", error)?;
        }
        let (id, now) = (payment.id.clone(), self.clock.now());
        self.db.write(move |transaction| payments::note_check(transaction, &id, now)).await?;
        let (told, trade) = match answer {
            Ok(told) => told,
            Err(error) => {
                self.note_failure(payment, "query", &error)?;
                return Ok(None);
            }
        };
        match judge(payment, told, &trade, if_closed) {
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
}
