//! Ending an unpaid payment, as [`rules::end`] says.

use super::Cashier;
use super::check::{Asked, note_failure};
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::error::Error;
use crate::rules::{self, AfterClose, CloseAnswer, EndStep, Ended, Ending, Signal};
use crate::wallets::Closing;

impl Cashier {
    /// Ends `payment`. The caller holds the session's lock.
    pub(crate) async fn end(&self, payment: &PaymentRow, ending: Ending) -> Result<Ended, Error> {
        if let EndStep::Write(signal) = rules::end(payment.is_handed_out(), ending) {
            return self.write_end(payment, signal).await;
        }
        let close = self.close_at_gateway(payment).await;
        let mut query = None;
        let mut session = self.session(&payment.session_id).await?.status;
        if rules::is_query_needed(close)
            && let Asked::Answered { state, outcome } = self.ask(payment, ending).await?
        {
            query = Some(state);
            session = outcome.session;
        }
        match rules::after_close(close, query, session, ending) {
            AfterClose::Paid => Ok(Ended::Paid),
            AfterClose::Write(signal) => self.write_end(payment, signal).await,
            AfterClose::StillOpen => Ok(Ended::StillOpen),
        }
    }

    /// Closes at the gateway.
    pub(crate) async fn close_at_gateway(&self, payment: &PaymentRow) -> CloseAnswer {
        match self.wallets.close(payment.payment_method, &payment.out_trade_no).await {
            Ok(Closing::Closed) => CloseAnswer::Closed,
            Ok(Closing::NotCreated) => CloseAnswer::NotCreated,
            Err(error) => {
                note_failure(payment, "close", &error);
                CloseAnswer::Failed
            }
        }
    }

    async fn write_end(&self, payment: &PaymentRow, signal: Signal) -> Result<Ended, Error> {
        let outcome = self.apply(&payment.id, Update::Plain(signal)).await?;
        Ok(rules::ended(outcome.session))
    }
}
