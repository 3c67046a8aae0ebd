//! Failed requests: retried, or reported.

use contract::{ErrorType, code};

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::timers::Timer;
use crate::{ConfirmingCause, Fault, HostEvent, Message, Notice, State};

/// Tries of the first read before the failure is shown.
const MAX_LOAD_TRIES: u8 = 4;

impl Checkout {
    pub(super) fn on_failed(&mut self, purpose: Purpose, fault: Fault) {
        if fault.is_authentication() {
            return self.enter_unavailable(fault, "authentication_failed");
        }
        if fault.error_type == ErrorType::ApiConnection
            && self.network.on_unreachable()
            && self.session.is_some()
        {
            self.announce(Message::Notice(Notice::ConnectionLost));
        }
        match (purpose, &self.state) {
            (_, State::Loading) => self.on_load_failed(fault),
            (Purpose::Start | Purpose::Read, State::Starting(_)) => {
                self.on_start_failed(purpose, fault);
            }
            (Purpose::Refresh, State::Awaiting(_)) => self.on_refresh_failed(&fault),
            (Purpose::Check, State::Confirming(_)) => self.on_check_failed(&fault),
            (_, State::Closing(_)) => self.on_cancel_failed(purpose, &fault),
            _ => self.on_poll_failed(&fault),
        }
    }

    fn on_load_failed(&mut self, fault: Fault) {
        let tries = self.network.count_failed_poll();
        if fault.retryable && tries < MAX_LOAD_TRIES {
            self.retry_after(&fault);
        } else {
            self.enter_unavailable(fault, "load_failed");
        }
    }

    fn on_refresh_failed(&mut self, fault: &Fault) {
        if let State::Awaiting(awaiting) = &mut self.state {
            awaiting.refreshing = false;
        }
        let is_too_fast = fault.code == code::RATE_LIMITED;
        self.notify(if is_too_fast { Notice::TooFast } else { Notice::RefreshFailed });
        self.emit(HostEvent::Error(fault.clone()));
        if !fault.retryable {
            self.send_read_if_visible();
        }
    }

    fn on_check_failed(&mut self, fault: &Fault) {
        let is_connection = fault.error_type == ErrorType::ApiConnection;
        if let State::Confirming(confirming) = &mut self.state {
            if is_connection {
                confirming.notice = Some(Notice::ConnectionLost);
            }
            if !fault.retryable && confirming.cause != ConfirmingCause::TimeUp {
                confirming.cause = ConfirmingCause::Processing;
            }
        }
        self.network.count_failed_poll();
        if !fault.retryable {
            self.emit(HostEvent::Error(fault.clone()));
        }
        self.retry_after(fault);
    }

    /// Unknown is not failed: the cancel may have taken effect, so the session is read before
    /// a message is shown. Only if that fails as well is the payment shown again.
    fn on_cancel_failed(&mut self, purpose: Purpose, fault: &Fault) {
        self.emit(HostEvent::Error(fault.clone()));
        if purpose == Purpose::Cancel || !self.is_visible {
            return self.send_read_if_visible();
        }
        match self.live_payment().cloned() {
            Some(payment) => {
                self.enter_awaiting(&payment, Some(Notice::CancelFailed), "cancel_failed");
            }
            None => self.enter_selecting(None, None, "cancel_failed"),
        }
        self.retry_after(fault);
    }

    fn on_poll_failed(&mut self, fault: &Fault) {
        self.network.count_failed_poll();
        if let State::Awaiting(awaiting) = &mut self.state {
            awaiting.refreshing = false;
            if fault.error_type == ErrorType::ApiConnection {
                awaiting.notice = Some(Notice::ConnectionLost);
            }
        }
        if !fault.retryable {
            self.emit(HostEvent::Error(fault.clone()));
        }
        self.retry_after(fault);
    }

    /// Sets the deadline of the next try.
    pub(super) fn retry_after(&mut self, fault: &Fault) {
        let failures = match &self.state {
            State::Starting(starting) => Some(starting.failures),
            _ => None,
        };
        let wait_ms = self.network.retry_ms(failures, fault);
        self.timers.set(Timer::Again, self.now.plus(wait_ms));
    }
}
