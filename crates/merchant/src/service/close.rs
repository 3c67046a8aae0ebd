//! Ending an unpaid payment: close at the gateway, then query, then say what is true.

use contract::SessionStatus;
use gateways::TradeState;

use super::Cashier;
use super::check::{Asked, note_failure};
use crate::db::apply::News;
use crate::db::payments::PaymentRow;
use crate::error::Error;
use crate::rules::{Ending, Signal};
use crate::wallets::Closing;

/// What has become of a payment that was to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It has ended unpaid.
    Unpaid,
    /// It, or another one, was paid: the session is complete.
    Paid,
    /// The gateway did not say, or still lets the shopper pay.
    StillOpen,
}

impl Cashier {
    /// Ends `payment`. The caller holds the session's lock.
    pub(crate) async fn end(&self, payment: &PaymentRow, ending: Ending) -> Result<Ended, Error> {
        if payment.action.is_none() {
            // No shopper ever saw a code of it, so nobody can pay it. Whether the gateway has
            // the order at all may be unknown: the worker closes it, and the shopper goes on.
            let outcome = self.apply(&payment.id, News::CloseLater(ending)).await?;
            return Ok(after(outcome.session, Ended::Unpaid));
        }
        let closing = self.wallets.close(payment.payment_method, &payment.out_trade_no).await;
        let news = match closing {
            Ok(Closing::Closed) => match self.ask(payment, ending).await? {
                Asked::Answered { outcome, .. } if outcome.session == SessionStatus::Complete => {
                    return Ok(Ended::Paid);
                }
                // The signed "closed" stands, whatever the query did not say.
                Asked::Answered { .. } | Asked::Nothing => Signal::Closed(ending),
            },
            // Its code may still be paid: gateways.md B5.4. The worker keeps asking.
            Ok(Closing::NotCreated) => Signal::Abandoned(ending),
            Err(error) => {
                note_failure(payment, "close", &error);
                // gateways.md A4.2: any error from close means query, then act on the state.
                match self.ask(payment, ending).await? {
                    Asked::Answered { outcome, .. }
                        if outcome.session == SessionStatus::Complete =>
                    {
                        return Ok(Ended::Paid);
                    }
                    Asked::Answered {
                        state: TradeState::Closed | TradeState::Refunded, ..
                    } => Signal::Closed(ending),
                    Asked::Answered { state: TradeState::NotCreated, .. } => {
                        Signal::Abandoned(ending)
                    }
                    Asked::Answered { .. } | Asked::Nothing => return Ok(Ended::StillOpen),
                }
            }
        };
        let outcome = self.apply(&payment.id, News::Plain(news)).await?;
        Ok(after(outcome.session, Ended::Unpaid))
    }
}

fn after(session: SessionStatus, ended: Ended) -> Ended {
    if session == SessionStatus::Complete { Ended::Paid } else { ended }
}
