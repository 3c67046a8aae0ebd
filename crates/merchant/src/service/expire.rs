//! Expires a session on request.

use super::Backend;
use super::execute::Execution;
use crate::db::{payments, sessions};
use crate::error::Error;
use crate::rules::{Procedure, Request};

impl Backend {
    /// Expires an open session now, for the merchant's own servers.
    pub(crate) async fn expire_now(&self, session_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await?;
        let (id, now) = (session_id.to_owned(), self.clock.now());
        let active = self.db.write(move |transaction| {
            sessions::end_now(transaction, &id, now)?;
            payments::active(transaction, &id)
        });
        let active = active.await?.map(|payment| payment.id);
        let execution = Execution::of(session_id, active.as_deref());
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Expire, self.situation(&stored));
        self.execute(execution, stored, progress).await
    }
}
