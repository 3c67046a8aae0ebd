//! A payment that waits for the shopper.

use contract::Payment;

use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{Action, ConfirmingCause, HostEvent, Message, Notice, State};

impl Checkout {
    pub(super) fn follow_requires_action(&mut self, payment: &Payment, asked: Option<Purpose>) {
        if payment.next_action.is_none() {
            // Its time is up, and the backend is finding out how it ended.
            return self.follow_processing(payment, asked);
        }
        match &self.state {
            State::Loading => self.resume(payment),
            State::Selecting(_) | State::Guiding(_) if self.is_left(payment) => {}
            State::Starting(starting) => {
                // A payment that was started elsewhere is replaced by this start.
                let is_wanted = payment.payment_method == starting.method && !self.is_lost(payment);
                self.follow_start(payment, asked, is_wanted);
            }
            State::Awaiting(awaiting) if awaiting.payment_id == payment.id => {
                self.update_action(payment, asked);
            }
            State::Confirming(confirming) if confirming.payment_id == payment.id => {
                let is_answered = asked == Some(Purpose::Check);
                match confirming.cause {
                    ConfirmingCause::Claimed | ConfirmingCause::Returned if is_answered => {
                        self.enter_awaiting(payment, Some(Notice::NotPaidYet), "not_paid_yet");
                    }
                    // Another tab's payment replaced this page's before it was paid.
                    ConfirmingCause::Processing if !self.is_known(payment) => {
                        self.show_found(payment);
                    }
                    ConfirmingCause::Processing => {
                        self.enter_awaiting(payment, None, "action_required");
                    }
                    _ => {}
                }
            }
            State::Closing(_) => {
                // One request at a time: a read is only asked when the cancel brought no answer.
                if matches!(asked, Some(Purpose::Cancel | Purpose::Read)) {
                    self.enter_awaiting(payment, Some(Notice::CancelFailed), "cancel_failed");
                }
            }
            // Another tab started it, or it was replaced: show the one that is alive.
            _ => self.show_found(payment),
        }
    }

    fn follow_start(&mut self, payment: &Payment, asked: Option<Purpose>, is_wanted: bool) {
        match asked {
            Some(Purpose::Start | Purpose::Read) if is_wanted => {
                self.drop_pending();
                self.enter_awaiting(payment, None, "payment_started");
                self.perform_action();
            }
            // The other wallet's payment is still there: our start has not arrived.
            Some(Purpose::Read) => self.send_start(),
            // The payment of this key has ended, and another tab's has replaced it.
            Some(Purpose::Start) => {
                self.forget_intent();
                self.show_found(payment);
            }
            _ => {}
        }
    }

    fn is_known(&self, payment: &Payment) -> bool {
        self.known_payment.as_ref() == Some(&payment.id)
    }

    /// Shows a payment that this page did not start, and announces it if another tab did.
    fn show_found(&mut self, payment: &Payment) {
        let is_other_tabs = !self.is_known(payment);
        self.enter_awaiting(payment, None, "payment_found");
        self.show_code(is_other_tabs.then_some(Notice::ContinuedInOtherTab));
    }

    /// Shows the payment's code with a line beside it; for another action only the line.
    fn show_code(&mut self, notice: Option<Notice>) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if awaiting.action.is_shown_here() {
            awaiting.notice = notice;
            self.perform_action();
        } else if let Some(notice) = notice {
            self.notify(notice);
        }
    }

    /// A page that was loaded again finds a payment waiting: the same code again, and for a
    /// redirect the shopper is probably back from it. Back from signing in to the wallet, there
    /// is a bridge to call at last: by itself once, and by the button from then on.
    fn resume(&mut self, payment: &Payment) {
        self.enter_awaiting(payment, None, "payment_resumed");
        let State::Awaiting(awaiting) = &self.state else { return };
        let is_bridge = matches!(awaiting.action, Action::Bridge { .. });
        let is_shown_here = awaiting.action.is_shown_here();
        if self.is_lost(payment) {
            // Shown at once; perhaps it was paid there, so the backend is asked.
            self.send_check();
        } else if is_shown_here {
            self.show_code(Some(Notice::StillOpen));
        } else if is_bridge && self.config.has_left {
            self.perform_action();
        } else {
            self.enter_confirming(ConfirmingCause::Returned, "page_returned");
            self.send_check();
        }
    }

    fn update_action(&mut self, payment: &Payment, asked: Option<Purpose>) {
        match Action::check(payment, &self.config) {
            Ok(fresh) => {
                let State::Awaiting(awaiting) = &mut self.state else { return };
                if awaiting.action != fresh {
                    awaiting.action = fresh;
                    awaiting.stale = false;
                }
                if asked == Some(Purpose::Refresh) {
                    awaiting.refreshing = false;
                    awaiting.stale = false;
                    awaiting.notice = None;
                    self.emit(HostEvent::Refreshed);
                    self.announce(Message::CodeRefreshed);
                }
            }
            Err(fault) => self.enter_unavailable(fault, "next_action_refused"),
        }
    }
}
