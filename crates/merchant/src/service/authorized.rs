//! Handles a browser that a wallet sent back with the payer's code (gateways.md A11.1, B11).

use std::time::Duration;

use contract::PaymentMethod;

use super::execute::Execution;
use super::{Backend, Shared, to_the_end};
use crate::db::payments::PaymentRow;
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{Procedure, Request, Step};
use crate::web::auth;

impl Backend {
    /// Identifies the payer, submits the order, and returns the address to redirect the browser to:
    /// always the page that the payment was started from, even after an error, because that page
    /// shows the payment's state.
    ///
    /// `state` is valid for any number of calls, and for one payer: a known payer is neither asked
    /// for again nor changed.
    pub(crate) async fn authorized(
        self: &Shared,
        method: PaymentMethod,
        state: &str,
        code: Option<String>,
    ) -> Result<String, Error> {
        let id = self.keys.oauth_payment(state).ok_or(Error::PaymentNotFound)?;
        let payment = self.payment(&id).await?.ok_or(Error::PaymentNotFound)?;
        if payment.payment_method != method || !payment.product.needs_payer() {
            return Err(Error::PaymentNotFound);
        }
        let session = self.session(&payment.session_id).await?;
        if auth::has_ended(self, &session) {
            return Err(Error::PaymentNotFound);
        }
        let onward = self.onward(&session, &payment);
        let Some(code) = code else {
            tracing::info!(session.id = %session.id, payment.id = %payment.id, "the wallet returned without a code for the payer");
            return Ok(onward);
        };
        let backend = Shared::clone(self);
        let ordering = to_the_end(async move { backend.order_for_payer(&payment, code).await });
        // After the timeout the page shows the outcome, because it polls.
        if let Ok(Err(error)) = tokio::time::timeout(ORDER_TIMEOUT, ordering).await {
            tracing::warn!(session.id = %session.id, "an order after a return failed: {error}");
        }
        Ok(onward)
    }

    /// Submits the order of `payment` for the payer that `code` identifies.
    async fn order_for_payer(&self, payment: &PaymentRow, code: String) -> Result<(), Error> {
        let session_id = &payment.session_id;
        let _lock = self.locks.lock(session_id).await?;
        let execution = Execution::of(session_id, Some(&payment.id)).with_payer_code(code);
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Authorize, self.situation(&stored));
        if progress.step == Step::Done {
            return Ok(());
        }
        self.limits.take(Limited::Order, session_id, self.clock.uptime())?;
        self.execute(execution, stored, progress).await
    }
}

/// Longer than both calls need, shorter than the time limit of a request.
const ORDER_TIMEOUT: Duration = Duration::from_secs(12);
