//! A start that failed: retried under its key, or reported.

use contract::{ErrorType, code};

use crate::machine::Checkout;
use crate::{Fault, Guide, HostEvent, Message, Notice, State};

/// Unanswered tries to start before the failure is shown.
const MAX_START_TRIES: u8 = 4;

impl Checkout {
    pub(super) fn on_start_failed(&mut self, fault: Fault) {
        let State::Starting(starting) = &mut self.state else { return };
        let method = starting.method;
        starting.failures = starting.failures.saturating_add(1);
        starting.is_slow = true;
        if fault.retryable && starting.failures < MAX_START_TRIES {
            // The outcome may be unknown: `ask_again` reads the session before it starts again.
            return self.retry_after(&fault);
        }
        let notice = notice(&fault);
        let is_session_over = fault.code == code::SESSION_CLOSED;
        // Not by any flow in this app, as the backend knows its contracts: perhaps in a browser.
        let is_guided = fault.code == code::FLOW_UNAVAILABLE && self.is_inside_an_app();
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
        if notice == Notice::ShopUnreachable && matches!(self.state, State::Selecting(_)) {
            // Until it is reached, so that the screen shows it as soon as it is.
            self.announce(Message::ShopUnreachable);
            self.network.forget_failed_polls();
            self.retry_after(&fault);
        }
    }
}

fn notice(fault: &Fault) -> Notice {
    match fault.code.as_str() {
        code::RATE_LIMITED => Notice::TooFast,
        code::PAYMENT_METHOD_UNAVAILABLE
        | code::FLOW_UNAVAILABLE
        | code::GATEWAY_REJECTED
        | code::GATEWAY_MISCONFIGURED => Notice::MethodUnavailable,
        _ if fault.error_type == ErrorType::ApiConnection => Notice::ShopUnreachable,
        _ => Notice::StartFailed,
    }
}
