//! Events of the page: hidden, shown, reconfigured.

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::timers::Timer;
use crate::{Action, Awaiting, Config, State};

impl Checkout {
    pub(super) fn on_page_hidden(&mut self) {
        self.is_visible = false;
        self.timers.stop(Timer::AppOpens);
    }

    pub(super) fn on_page_shown(&mut self) {
        let was_visible = core::mem::replace(&mut self.is_visible, true);
        if was_visible && !self.is_offline() {
            // A focus that changes nothing must not cost a request each time.
            return;
        }
        // Requests of a hidden page may never be answered: browsers drop those of pages that they
        // freeze. A read is sent again; what changes something is not.
        let is_asking = self.network.purpose().is_some_and(|purpose| {
            was_visible || !matches!(purpose, Purpose::Read | Purpose::Check)
        });
        if !is_asking {
            self.read_after_return();
        }
        // The cause of earlier stream failures may be gone.
        self.network.forget_stream_failures();
        self.timers.stop(Timer::Reopen);
    }

    fn read_after_return(&mut self) {
        match &self.state {
            State::Unavailable { fault } if fault.retryable => self.on_retry(),
            State::Awaiting(Awaiting { action, .. })
                if !matches!(action, Action::QrCode { url: None, .. }) =>
            {
                self.send_check();
            }
            State::Confirming(_) => self.send_check(),
            State::Succeeded | State::Unavailable { .. } => {}
            // Also after the end: a late payment may have turned "expired" into "paid".
            State::Loading
            | State::Selecting(_)
            | State::Guiding(_)
            | State::Starting(_)
            | State::Awaiting(_)
            | State::Closing(_)
            | State::Failed { .. }
            | State::Expired
            | State::Canceled { .. } => self.send_read(),
        }
    }

    pub(super) fn on_reconfigured(&mut self, config: Config) {
        // A preselection or remembered press that was used once is not used again.
        let remembered = self.config.remembered.take();
        let selected = self.config.selected.take();
        self.config = Config { remembered, selected, ..config };
        let selected = match &self.state {
            State::Selecting(selecting) => selecting.selected,
            State::Guiding(guiding) => Some(guiding.method),
            _ => return,
        };
        self.enter_selecting(selected, None, "reconfigured");
    }
}
