//! Cancels a payment. The session stays open for another.

use super::Backend;
use super::execute::Execution;
use crate::error::Error;
use crate::rules::{Procedure, Request};

impl Backend {
    /// Closes the payment at its gateway and writes the outcome. Canceling an ended payment changes
    /// nothing.
    pub(crate) async fn cancel(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await?;
        self.payment_of(session_id, payment_id).await?;
        let execution = Execution::of(session_id, Some(payment_id));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Cancel, self.situation(&stored));
        self.execute(execution, stored, progress).await
    }
}
