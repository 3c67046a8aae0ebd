//! Canceling a payment. The session stays open for another.

use super::Cashier;
use crate::error::Error;
use crate::rules::{self, Ended, Ending};

impl Cashier {
    /// Closes the payment at its gateway and writes what is true. Canceling what has ended
    /// changes nothing.
    pub(crate) async fn cancel(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await.ok_or(Error::InProgress)?;
        let payment = self.payment_of(session_id, payment_id).await?;
        if !rules::is_cancelable(payment.status) {
            return Ok(());
        }
        match self.end(&payment, Ending::Canceled).await? {
            Ended::Unpaid | Ended::Paid => Ok(()),
            Ended::StillOpen => Err(Error::StillOpen),
        }
    }
}
