//! Sending requests, one at a time, and taking their answers.

use contract::{ErrorType, Session, StartPayment};

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::timers::Timer;
use crate::{Call, ConfirmingCause, Effect, Fault, RequestId, State};

/// The timeout of an answer, in milliseconds. A start that took longer is looked up and
/// continued under its key: asking early loses nothing, and waiting loses shoppers.
const ANSWER_TIMEOUT_MS: u64 = 10_000;
/// The timeout of other calls that ask a gateway: the backend itself waits up to ten seconds.
const GATEWAY_ANSWER_TIMEOUT_MS: u64 = 20_000;
/// The time, in milliseconds, after which a start is slow and other ways are shown.
const SLOW_START_MS: u64 = 4_000;

impl Checkout {
    pub(super) fn send_read(&mut self) {
        self.send(Purpose::Read, Call::Read);
    }

    /// Reads the session, unless the page is hidden; being shown reads it then.
    pub(super) fn send_read_if_visible(&mut self) {
        if self.is_visible {
            self.send_read();
        }
    }

    pub(super) fn send_start(&mut self) {
        let Some(intent) = self.intent.clone() else { return };
        let body = StartPayment {
            payment_method: intent.payment_method,
            environment: self.config.environment,
            flow: self.wanted_flow(intent.payment_method),
            return_url: self.config.return_url.clone(),
        };
        self.timers.set(Timer::Reminder, self.now.plus(SLOW_START_MS));
        self.send(Purpose::Start, Call::Start(body, intent.key));
    }

    pub(super) fn send_refresh(&mut self) {
        self.send_about_payment(Purpose::Refresh, Call::Refresh);
    }

    pub(super) fn send_check(&mut self) {
        self.send_about_payment(Purpose::Check, Call::Check);
    }

    pub(super) fn send_cancel(&mut self) {
        self.send_about_payment(Purpose::Cancel, Call::Cancel);
    }

    fn send_about_payment(&mut self, purpose: Purpose, call: fn(String) -> Call) {
        match self.live_payment() {
            Some(payment) => {
                let call = call(payment.id.clone());
                self.send(purpose, call);
            }
            None => self.send_read(),
        }
    }

    fn send(&mut self, purpose: Purpose, call: Call) {
        self.drop_pending();
        self.timers.stop(Timer::Again);
        let id = self.network.begin(purpose);
        let timeout_ms = match purpose {
            Purpose::Read | Purpose::Start => ANSWER_TIMEOUT_MS,
            Purpose::Refresh | Purpose::Check | Purpose::Cancel => GATEWAY_ANSWER_TIMEOUT_MS,
        };
        self.timers.set(Timer::Request, self.now.plus(timeout_ms));
        self.effects.push(Effect::Send(id, call));
    }

    pub(super) fn drop_pending(&mut self) {
        if let Some((id, _)) = self.network.give_up() {
            self.effects.push(Effect::Abort(id));
        }
        self.timers.stop(Timer::Request);
    }

    pub(super) fn on_answered(&mut self, request: RequestId, answer: Result<Box<Session>, Fault>) {
        // An answer that is not awaited any more was overtaken by something else.
        let Some(purpose) = self.network.take(request) else { return };
        self.timers.stop(Timer::Request);
        match answer {
            Ok(session) if session.id == self.config.session_id => {
                self.on_reached();
                self.adopt(*session);
                self.follow(Some(purpose));
            }
            Ok(_) => self.on_failed(purpose, Fault::unreadable("id: it is another session's")),
            Err(fault) => {
                if fault.error_type != ErrorType::ApiConnection {
                    self.on_reached();
                }
                self.on_failed(purpose, fault);
            }
        }
    }

    /// The deadline of the request in flight has passed.
    pub(super) fn on_request_timed_out(&mut self) {
        if let Some((id, purpose)) = self.network.give_up() {
            self.effects.push(Effect::Abort(id));
            self.on_failed(purpose, Fault::timed_out());
        }
    }

    /// The deadline [`Timer::Again`] has passed: asks what this state needs to know.
    pub(super) fn ask_again(&mut self) {
        match &self.state {
            State::Confirming(confirming) if confirming.cause != ConfirmingCause::Processing => {
                self.send_check();
            }
            State::Succeeded | State::Expired | State::Unavailable { .. } => {}
            State::Canceled { session_over: true } => {}
            _ => self.send_read(),
        }
    }
}
