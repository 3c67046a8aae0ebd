//! A browser that a wallet sent back with word of who its shopper is (gateways.md A11.1, B11).

use std::time::Duration;

use contract::PaymentMethod;

use super::check::note_failure;
use super::{Cashier, Shared, to_the_end};
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{self, Start};

impl Cashier {
    /// Learns who pays, orders, and answers where the browser goes on to: always to where the
    /// payment was started from, whatever went wrong. There the page shows what is true.
    ///
    /// `state` is good for as many calls as it likes, and for one payer: what is known already
    /// is neither asked for again nor changed.
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
        let onward = self.onward(&session, &payment);
        let Some(code) = code else {
            tracing::info!(session.id = %session.id, payment.id = %payment.id, "the wallet did not say who pays");
            return Ok(onward);
        };
        let cashier = Shared::clone(self);
        let going_on = to_the_end(async move { cashier.go_on_as(payment, &code).await });
        // Whoever waits longer sees it on the page, which asks again by itself.
        if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, going_on).await {
            tracing::warn!(session.id = %session.id, cause = error.cause(), "an order after a return failed: {error}");
        }
        Ok(onward)
    }

    /// Orders `payment` for whom `code` stands for.
    async fn go_on_as(&self, payment: PaymentRow, code: &str) -> Result<(), Error> {
        let session_id = payment.session_id;
        let _lock = self.locks.lock(&session_id).await.ok_or(Error::InProgress)?;
        let mut payment = self.payment_of(&session_id, &payment.id).await?;
        let session = self.session(&session_id).await?;
        let is_time_up = self.is_time_up(&session);
        let is_captured = payment.is_captured();
        let step = rules::refresh(session.status, is_time_up, payment.status, is_captured);
        if step != Start::OrderAgain || payment.is_handed_out() {
            return Ok(());
        }
        self.limits.take(Limited::Order, &session_id, self.clock.uptime())?;
        if payment.payer.is_none() {
            let payer = match self.wallets.payer(payment.payment_method, code).await {
                Ok(payer) => payer,
                Err(error) => {
                    note_failure(&payment, "oauth", &error);
                    return Err(Error::GatewayUnavailable);
                }
            };
            let id = payment.id.clone();
            let known = self.db.write(move |tx| payments::set_payer(tx, &id, &payer)).await?;
            payment.payer = known;
        }
        self.place(&session, &payment).await
    }
}

/// Longer than both calls need, shorter than the time limit of a request.
const PATIENCE: Duration = Duration::from_secs(12);
