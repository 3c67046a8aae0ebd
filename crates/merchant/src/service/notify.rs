//! Handles a verified notification.

use contract::PaymentMethod;
use gateways::Trade;

use super::Backend;
use super::compare::compare;
use crate::db::{apply, notifications, payments};
use crate::error::Error;
use crate::identity::Identity;
use crate::rules::{self, Alarm};

impl Backend {
    /// Writes the effect of a notification, which was opened with the keys of `recipient`. It may
    /// be acknowledged only after this returns `Ok`.
    ///
    /// Takes no lock: a gateway waits five seconds at most (gateways.md A8), and the rules decide
    /// in the one transaction, whatever else is running. Replays change nothing.
    pub(crate) async fn notified(
        &self,
        method: PaymentMethod,
        recipient: &Identity,
        notification_id: &str,
        trade: &Trade,
    ) -> Result<(), Error> {
        let number = trade.out_trade_no.clone();
        let payment = self
            .db
            .read(move |connection| payments::find_by_out_trade_no(connection, &number))
            .await?
            .filter(|payment| payment.payment_method == method);
        let Some(payment) = payment else {
            return Err(self.refuse_unknown_order(method));
        };
        let session = self.session(&payment.session_id).await?;
        let if_closed = rules::found_closed(self.is_time_up(&session));
        let update = compare(&payment, recipient, trade, if_closed)
            .map_err(|mismatch| self.refuse_contradiction(&payment, &mismatch))?;
        let (id, context) = (payment.id.clone(), self.write_context());
        let notification_id = notification_id.to_owned();
        let outcome = self
            .db
            .write(move |transaction| {
                let number = &payment.out_trade_no;
                notifications::note(transaction, method, &notification_id, number, context.now)?;
                apply::apply(transaction, &payment.id, &update, context)
            })
            .await?;
        self.announce(&id, &outcome);
        match outcome.alarm {
            Some(Alarm::TransactionDiffers | Alarm::TransactionReused) => {
                Err(Error::NotificationRefused)
            }
            _ => Ok(()),
        }
    }
}
