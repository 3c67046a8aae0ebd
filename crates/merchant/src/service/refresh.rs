//! A fresh code or address for the same payment.

use super::Cashier;
use crate::error::Error;
use crate::limits::Limited;

impl Cashier {
    /// Orders the same again, identically.
    pub(crate) async fn refresh(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await.ok_or(Error::InProgress)?;
        let payment = self.payment_of(session_id, payment_id).await?;
        let session = self.session(session_id).await?;
        if payment.is_captured() {
            return Ok(());
        }
        self.check_payable(&session)?;
        if payment.status.is_final() {
            return Err(Error::PaymentClosed);
        }
        self.limits.take(Limited::Order, session_id, self.clock.now())?;
        self.place(&session, &payment).await
    }
}
