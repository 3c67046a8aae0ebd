//! Gets a fresh code or address for the same payment.

use super::Backend;
use super::execute::Execution;
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{Procedure, Request, Step};

impl Backend {
    /// Submits the same order again, identically.
    pub(crate) async fn refresh(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await?;
        self.payment_of(session_id, payment_id).await?;
        let execution = Execution::of(session_id, Some(payment_id));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Refresh, self.situation(&stored));
        if progress.step == Step::Order {
            self.limits.take(Limited::Order, session_id, self.clock.uptime())?;
        }
        self.execute(execution, stored, progress).await
    }
}
