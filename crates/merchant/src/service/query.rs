//! Queries a gateway, compares the answer with the order and writes the effect.

use super::Backend;
use super::compare::{compare, state, with_refund};
use crate::db::apply::{self, Update};
use crate::db::payments::{self, PaymentRow};
use crate::db::sql::{Isolation, Transaction};
use crate::error::Error;
use crate::gateway::CallError;
use crate::rules::{Ending, Signal, TradeState};

/// A statement of the gateway that is known before the query.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    /// A refund of it succeeded.
    Refunded,
}

impl Backend {
    /// Queries the gateway about a payment, compares the answer with the order and writes its
    /// effect; `None` without a usable answer. `if_closed` is the reason to record if the trade is
    /// found closed.
    pub(crate) async fn query(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
    ) -> Result<Option<TradeState>, Error> {
        self.query_knowing(payment, if_closed, Known::Nothing).await
    }

    /// Queries a payment of which the gateway has stated that a refund of it succeeded.
    pub(crate) async fn query_refunded(
        &self,
        payment: &PaymentRow,
    ) -> Result<Option<TradeState>, Error> {
        self.query_knowing(payment, Ending::Expired, Known::Refunded).await
    }

    async fn query_knowing(
        &self,
        payment: &PaymentRow,
        if_closed: Ending,
        known: Known,
    ) -> Result<Option<TradeState>, Error> {
        let answer = self.gateways.query(payment).await;
        // No call was made, so no check is counted.
        if let Err(error @ CallError::MissingIdentity(_)) = &answer {
            self.note_failure(payment, "query", error)?;
        }
        let (recipient, mut trade) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.note_check(payment).await?;
                self.note_failure(payment, "query", &error)?;
                return Ok(None);
            }
        };
        if known == Known::Refunded {
            trade = with_refund(trade);
        }
        match compare(payment, recipient, &trade, if_closed) {
            Ok(update) => {
                self.write_answer(payment, update).await?;
                Ok(Some(state(&trade)))
            }
            Err(mismatch) => {
                self.note_check(payment).await?;
                tracing::error!(
                    alarm = true, alarm.kind = "payment_contradiction",
                    session.id = %payment.session_id,
                    payment.id = %payment.id,
                    "the gateway's answer to a query contradicts the order: {mismatch}"
                );
                Ok(None)
            }
        }
    }

    /// Counts a query whose answer changes nothing, and schedules the next. These are the most, and
    /// as serializable transactions they would abort the notifications' of other payments.
    async fn note_check(&self, payment: &PaymentRow) -> Result<(), Error> {
        let (id, now) = (payment.id.clone(), self.clock.now());
        let note = move |transaction: &Transaction<'_>| payments::note_check(transaction, &id, now);
        Ok(self.db.write_with(Isolation::ReadCommitted, note).await?)
    }

    /// Counts a query and writes the effect of its answer, in one transaction: notifications wait
    /// for each.
    async fn write_answer(&self, payment: &PaymentRow, update: Update) -> Result<(), Error> {
        if update == Update::Plain(Signal::Pending) {
            return self.note_check(payment).await;
        }
        let (id, context) = (payment.id.clone(), self.write_context());
        let outcome = self
            .db
            .write(move |transaction| apply::apply_answer(transaction, &id, &update, context))
            .await?;
        self.announce(&payment.id, &outcome);
        Ok(())
    }
}
