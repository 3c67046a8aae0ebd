//! A payment whose outcome is not known yet.

use contract::Payment;

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{Confirming, ConfirmingCause, Origin, Starting, State};

impl Checkout {
    pub(super) fn follow_processing(&mut self, payment: &Payment, asked: Option<Purpose>) {
        match &self.state {
            State::Selecting(_) | State::Guiding(_) if self.is_left(payment) => {}
            // Our own start, of which no answer came: nothing was handed out that could be paid,
            // and perhaps nothing was ordered. The same key continues it when the shopper wants.
            State::Selecting(_) if self.is_intent_for(payment.payment_method) => {}
            // Loaded again before the gateway had answered: our intent continues under its key.
            State::Loading if self.is_intent_for(payment.payment_method) => {
                let method = payment.payment_method;
                self.enter(
                    State::Starting(Starting::new(method, Origin::Selector)),
                    "payment_resumed",
                );
                self.send_start();
            }
            State::Starting(_) => match asked {
                // Also where the other wallet's payment may have been paid: no second one was
                // started then.
                Some(Purpose::Start) => {
                    self.enter_confirming(ConfirmingCause::Processing, "payment_processing");
                }
                // Perhaps its order never reached the gateway: the same key continues it.
                Some(Purpose::Read) => self.send_start(),
                _ => {}
            },
            State::Closing(_) if !matches!(asked, Some(Purpose::Cancel | Purpose::Read)) => {}
            State::Confirming(Confirming { cause: ConfirmingCause::TimeUp, .. }) => {}
            _ => self.enter_confirming(ConfirmingCause::Processing, "payment_processing"),
        }
    }
}
