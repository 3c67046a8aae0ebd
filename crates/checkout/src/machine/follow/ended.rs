//! A payment that ended unpaid in a session that is still open.

use contract::{Payment, PaymentStatus};

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{HostEvent, Notice, State};

impl Checkout {
    pub(super) fn follow_ended(&mut self, payment: &Payment, asked: Option<Purpose>) {
        match &self.state {
            State::Starting(starting) => {
                let method = starting.method;
                match asked {
                    // This key's payment has ended: the next try is a new intent.
                    Some(Purpose::Start) => {
                        self.forget_intent();
                        self.acknowledged = Some(payment.id.clone());
                        if payment.status == PaymentStatus::Failed {
                            self.show_failed(payment);
                        } else {
                            let notice = Some(Notice::StartFailed);
                            self.enter_selecting(Some(method), notice, "payment_ended");
                        }
                    }
                    Some(Purpose::Read) => self.send_start(),
                    _ => {}
                }
            }
            State::Loading => {
                self.forget_intent();
                self.acknowledged = Some(payment.id.clone());
                self.enter_selecting(None, None, "session_loaded");
            }
            // Also where it is another tab's that has replaced the shown one.
            State::Awaiting(_) | State::Confirming(_) | State::Closing(_) => {
                self.show_ended(payment);
            }
            // The payment that was left is closed; a new one needs a new key.
            State::Selecting(_) | State::Guiding(_)
                if self.is_intent_for(payment.payment_method) && self.is_left(payment) =>
            {
                self.left_payment = None;
                self.forget_intent();
            }
            _ => {}
        }
    }

    fn show_ended(&mut self, payment: &Payment) {
        self.forget_intent();
        match payment.status {
            PaymentStatus::Failed => self.show_failed(payment),
            PaymentStatus::Expired => {
                self.acknowledged = Some(payment.id.clone());
                self.enter_selecting(None, Some(Notice::CodeExpired), "payment_expired");
            }
            _ => {
                self.enter(State::Canceled { session_over: false }, "payment_canceled");
                self.emit(HostEvent::Cancel);
            }
        }
    }
}
