//! Queries the gateway now: "I have paid".

use super::Backend;
use super::execute::Execution;
use crate::error::Error;
use crate::limits::Limited;
use crate::rules::{Procedure, Request, Step};

impl Backend {
    /// Queries the gateway now and writes the outcome.
    pub(crate) async fn check(&self, session_id: &str, payment_id: &str) -> Result<(), Error> {
        self.payment_of(session_id, payment_id).await?;
        let session = self.session(session_id).await?;
        let active = if self.is_time_up(&session) { self.active(session_id).await? } else { None };
        // The last query is for the active payment, and expires the session.
        let at_hand = active.map_or_else(|| payment_id.to_owned(), |payment| payment.id);
        let execution = Execution::of(session_id, Some(&at_hand));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Check, self.situation(&stored));
        if progress.step == Step::Done {
            return Ok(());
        }
        self.limits.take(Limited::Check, payment_id, self.clock.uptime())?;
        if !progress.procedure.needs_lock() {
            return self.execute(execution, stored, progress).await;
        }
        let _lock = self.locks.lock(session_id).await?;
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Check, self.situation(&stored));
        self.execute(execution, stored, progress).await
    }
}
