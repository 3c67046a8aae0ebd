//! The session that is believed: the newest of the backend's, and until then the page's own.

use contract::{Session, SessionStatus};

use crate::machine::Checkout;
use crate::{Notice, State};

impl Checkout {
    /// Shows the selector of a session that came with the page, while it is being read.
    ///
    /// Only an open session without a payment, on this page either: it cannot show a wrong
    /// outcome. Any answer of the backend replaces it, and its `server_time` is not used.
    pub(super) fn on_preloaded(&mut self, session: Session) {
        let is_untouched = session.id == self.config.session_id
            && session.status == SessionStatus::Open
            && session.payment.is_none()
            && self.intent.is_none()
            && !self.config.has_left;
        if is_untouched && self.session.is_none() && matches!(self.state, State::Loading) {
            self.session = Some(Session { revision: 0, ..session });
            self.follow(None);
        }
    }

    /// Takes a session of the backend's, unless something newer is known already.
    pub(super) fn adopt(&mut self, session: Session) {
        self.clock.on_server_time(self.now, session.server_time);
        if let Some(known) = &self.session {
            let is_overtaken = session.revision < known.revision;
            // A complete session never reopens, even if a stale cache answers later.
            let is_undone = known.status == SessionStatus::Complete
                && session.status != SessionStatus::Complete;
            if is_overtaken || is_undone {
                return;
            }
            if session.revision > known.revision {
                self.network.forget_failed_polls();
            }
        }
        self.session = Some(session);
    }

    /// The backend was reached: removes notices that say otherwise.
    pub(super) fn on_reached(&mut self) {
        self.network.on_reached();
        if let State::Awaiting(awaiting) = &mut self.state {
            awaiting.notice.take_if(|notice| *notice == Notice::ConnectionLost);
        }
        if let State::Confirming(confirming) = &mut self.state {
            confirming.notice = None;
        }
    }
}
