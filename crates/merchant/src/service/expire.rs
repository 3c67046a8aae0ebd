//! The end of a session's time: close, query, then say what is true (gateways.md A9).

use super::Cashier;
use crate::db::apply::Update;
use crate::db::{payments, sessions};
use crate::error::Error;
use crate::rules::{self, Ended, Ending, ExpiryGrace, Signal};

impl Cashier {
    /// Ends an open session now, for the merchant's own servers.
    pub(crate) async fn expire_now(&self, session_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await.ok_or(Error::InProgress)?;
        let (id, now) = (session_id.to_owned(), self.clock.now());
        self.db.write(move |transaction| sessions::end_now(transaction, &id, now)).await?;
        if self.expire(session_id).await? { Ok(()) } else { Err(Error::StillOpen) }
    }

    /// Expires a session whose time is up; `false` if a gateway must be asked again first.
    /// The caller holds the session's lock.
    pub(crate) async fn expire(&self, session_id: &str) -> Result<bool, Error> {
        let id = session_id.to_owned();
        let active = self.db.read(move |connection| payments::active(connection, &id)).await?;
        if let Some(payment) = active
            && self.end(&payment, Ending::Expired).await? == Ended::StillOpen
        {
            let session = self.session(session_id).await?;
            let late_ms = self.clock.now().since_ms(session.expires_at);
            match rules::expiry_grace(late_ms) {
                ExpiryGrace::Wait => {
                    self.apply(&payment.id, Update::Plain(Signal::Unclear)).await?;
                    return Ok(false);
                }
                ExpiryGrace::GiveUp => {
                    self.apply(&payment.id, Update::Plain(Signal::GivenUp(Ending::Expired)))
                        .await?;
                }
            }
        }
        let (id, context) = (session_id.to_owned(), self.write_context());
        let revision = self
            .db
            .write(move |transaction| sessions::expire_idle(transaction, &id, context))
            .await?;
        if let Some(revision) = revision {
            self.hub.publish(session_id, revision);
        }
        Ok(true)
    }
}
