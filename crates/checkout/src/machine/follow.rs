//! The screen that a session calls for.

mod ended;
mod processing;
mod requires_action;

use contract::{Payment, PaymentStatus, SessionStatus, code};

use crate::left_payment::LeftPayment;
use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{Fault, HostEvent, State};

impl Checkout {
    /// Shows what the newest session calls for. `asked` is the purpose of the request that
    /// brought it, none for what the stream or the page brought.
    pub(super) fn follow(&mut self, asked: Option<Purpose>) {
        let Some(session) = &self.session else { return };
        match session.status {
            SessionStatus::Complete => self.finish(State::Succeeded, HostEvent::PaymentCompleted),
            SessionStatus::Expired => self.finish(State::Expired, HostEvent::Expired),
            SessionStatus::Canceled => {
                self.finish(State::Canceled { session_over: true }, HostEvent::Cancel);
            }
            // An unknown status of a newer backend is not final; its payment says the rest.
            SessionStatus::Open | SessionStatus::Unknown => {
                let payment = session.payment.clone();
                self.follow_payment(payment, asked);
                self.set_deadlines();
            }
        }
    }

    fn finish(&mut self, state: State, event: HostEvent) {
        self.timers.stop_all();
        self.drop_pending();
        self.forget_intent();
        if self.state != state {
            self.enter(state, "session_ended");
            self.emit(event);
        }
    }

    fn follow_payment(&mut self, payment: Option<Payment>, asked: Option<Purpose>) {
        // An acknowledged payment is seen again only as the answer to a start under its old key.
        let is_answer = asked == Some(Purpose::Start);
        let payment =
            payment.filter(|payment| is_answer || self.acknowledged.as_ref() != Some(&payment.id));
        let Some(payment) = payment else { return self.follow_no_payment(asked) };
        if matches!(self.state, State::Unavailable { .. }) {
            return;
        }
        self.recognize(&payment, asked);
        match payment.status {
            PaymentStatus::RequiresAction => self.follow_requires_action(&payment, asked),
            // Only the session's status completes a checkout, not its payment's.
            PaymentStatus::Processing | PaymentStatus::Unknown | PaymentStatus::Succeeded => {
                self.follow_processing(&payment, asked);
            }
            PaymentStatus::Failed | PaymentStatus::Canceled | PaymentStatus::Expired => {
                self.follow_ended(&payment, asked);
            }
        }
    }

    /// Records the id of the payment that was still starting when the shopper left it, and of the
    /// one that this page has started or found.
    fn recognize(&mut self, payment: &Payment, asked: Option<Purpose>) {
        let is_intended = self.is_intent_for(payment.payment_method);
        if is_intended
            && !payment.status.is_final()
            && self.left_payment == Some(LeftPayment::StillStarting)
        {
            self.left_payment = Some(LeftPayment::Payment(payment.id.clone()));
        }
        let is_own = match &self.state {
            State::Loading => true,
            State::Starting(_) => is_intended && asked.is_some(),
            State::Selecting(_) => is_intended,
            _ => false,
        };
        if is_own {
            self.known_payment = Some(payment.id.clone());
        }
    }

    fn follow_no_payment(&mut self, asked: Option<Purpose>) {
        match &self.state {
            State::Loading => {
                let selected = self.intent.as_ref().map(|intent| intent.payment_method);
                self.enter_selecting(selected, None, "session_loaded");
            }
            State::Starting(_) => match asked {
                // Asked after an unknown outcome: nothing was started, so the same key again.
                Some(Purpose::Read) => self.send_start(),
                Some(Purpose::Start) => {
                    self.on_failed(Purpose::Start, Fault::unreadable("missing: payment"));
                }
                _ => {}
            },
            State::Awaiting(_) | State::Confirming(_) | State::Closing(_) => {
                self.enter_selecting(None, None, "payment_gone");
            }
            _ => {}
        }
    }

    /// True if the shopper turned away from this payment.
    fn is_left(&self, payment: &Payment) -> bool {
        self.left_payment.as_ref().is_some_and(|left| left.is(&payment.id))
    }

    fn show_failed(&mut self, payment: &Payment) {
        let code = payment.failure_code.as_deref().unwrap_or(code::GATEWAY_REJECTED).to_owned();
        self.enter(State::Failed { code: code.clone() }, "payment_failed");
        self.emit(HostEvent::PaymentFailed(code));
    }
}
