//! Queries a gateway, compares the answer with the order and writes the effect.

use super::Backend;
use super::compare::{compare, state};
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::gateway::CallError;
use crate::rules::{Ending, TradeState};

impl Backend {
    /// Queries the gateway about a payment, compares the answer with the order and writes its
    /// effect; `None` without a usable answer. `if_closed` is the reason to record if the trade is
    /// found closed.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
    ) -> Result<Option<TradeState>, Error> {
        let answer = self.gateways.query(payment).await;
        // No call was made, so no check is counted.
        if let Err(error @ CallError::MissingIdentity(_)) = &answer {
            self.note_failure(payment, "query", error)?;
        }
        let (id, now) = (payment.id.clone(), self.clock.now());
        self.db.write(move |transaction| payments::note_check(transaction, &id, now)).await?;
        let (recipient, trade) = match answer {
            Ok(recipient) => recipient,
            Err(error) => {
                self.note_failure(payment, "query", &error)?;
                return Ok(None);
            }
        };
        match compare(payment, recipient, &trade, if_closed) {
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
