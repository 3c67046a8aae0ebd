//! A fresh code or address for the same payment.

use super::Cashier;
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{self, Start};

impl Cashier {
    /// Orders the same again, identically.
    pub(crate) async fn refresh(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await.ok_or(Error::InProgress)?;
        let payment = self.payment_of(session_id, payment_id).await?;
        let session = self.session(session_id).await?;
        let is_time_up = self.is_time_up(&session);
        let is_captured = payment.is_captured();
        match rules::refresh(session.status, is_time_up, payment.status, is_captured) {
            Start::Refuse(refusal) => return Err(refusal.into()),
            Start::AsItIs => return Ok(()),
            Start::OrderAgain | Start::CloseFirst | Start::Make => {}
        }
        self.limits.take(Limited::Order, session_id, self.clock.uptime())?;
        self.place(&session, &payment).await
    }
}
