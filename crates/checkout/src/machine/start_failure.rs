//! A start that failed: retried under its key, or reported.

use contract::code;

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{Fault, Guide, HostEvent, Notice, State};

/// Unanswered tries to start before the failure is shown.
const MAX_START_TRIES: u8 = 4;

impl Checkout {
    /// Handles a failed start, or a failed read of its outcome.
    pub(super) fn on_start_failed(&mut self, purpose: Purpose, fault: Fault) {
        let State::Starting(starting) = &mut self.state else { return };
        let method = starting.method;
        starting.failures = starting.failures.saturating_add(1);
        starting.is_slow = true;
        if fault.retryable && starting.failures < MAX_START_TRIES {
            // The outcome may be unknown: `ask_again` reads the session before it starts again.
            return self.retry_after(&fault);
        }
        let notice = notice(purpose, &fault);
        let is_session_over = fault.code == code::SESSION_CLOSED;
        // Not by any flow in this app, as the backend knows its contracts: perhaps in a browser.
        let is_guided =
            fault.code == code::FLOW_UNAVAILABLE && self.config.environment.is_inside_an_app();
        if !fault.retryable {
            // A definite refusal ends the intent; after an unknown outcome it is kept.
            self.forget_intent();
        }
        self.emit(HostEvent::Error(fault.clone()));
        if is_guided {
            return self.enter_guiding(method, Guide::OpenInBrowser, false);
        }
        self.enter_selecting(Some(method), Some(notice), "start_failed");
        if is_session_over {
            self.send_read_if_visible();
        }
        if matches!(self.state, State::Selecting(_)) && self.is_offline() {
            // The session is read until the backend answers, so that the screen shows it then.
            self.network.forget_failed_polls();
            self.retry_after(&fault);
        }
    }
}

fn notice(purpose: Purpose, fault: &Fault) -> Notice {
    match fault.code.as_str() {
        code::RATE_LIMITED => Notice::TooFast,
        code::PAYMENT_METHOD_UNAVAILABLE
        | code::FLOW_UNAVAILABLE
        | code::GATEWAY_REJECTED
        | code::GATEWAY_MISCONFIGURED => Notice::MethodUnavailable,
        code::CONNECTION_FAILED => Notice::ShopUnreachable,
        // A start may take too long at its gateway; a read that does shows that nothing arrives.
        code::ANSWER_TIMED_OUT if purpose == Purpose::Read => Notice::ShopUnreachable,
        _ => Notice::StartFailed,
    }
}
