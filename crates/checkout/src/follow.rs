//! What the screen must show for what the backend says.

use contract::{Payment, PaymentStatus, SessionStatus, code};

use crate::network::Purpose;
use crate::{
    Action, Checkout, Confirming, ConfirmingCause, Fault, HostEvent, Message, Notice, Starting,
    State,
};

impl Checkout {
    /// Follows the session as it now stands. `asked` is the request that brought it, none
    /// for what the stream pushed.
    pub(crate) fn follow(&mut self, asked: Option<Purpose>) {
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
        // What was put behind is seen again only as the answer to a start under its old key.
        let is_answer = asked == Some(Purpose::Start);
        let payment =
            payment.filter(|payment| is_answer || self.dismissed.as_ref() != Some(&payment.id));
        let Some(payment) = payment else { return self.follow_no_payment(asked) };
        if matches!(self.state, State::Unavailable { .. }) {
            return;
        }
        let is_unnamed = self.parked.as_deref() == Some("");
        if is_unnamed && !payment.status.is_final() && self.is_intended(&payment) {
            self.parked = Some(payment.id.clone());
        }
        match payment.status {
            PaymentStatus::RequiresAction => self.follow_requires_action(&payment, asked),
            // A session is not complete before its backend says so, whatever its payment says.
            PaymentStatus::Processing | PaymentStatus::Unknown | PaymentStatus::Succeeded => {
                self.follow_processing(&payment, asked);
            }
            PaymentStatus::Failed | PaymentStatus::Canceled | PaymentStatus::Expired => {
                self.follow_ended(&payment, asked);
            }
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
                    self.on_failed(Purpose::Start, Fault::unreadable("missing: payment"))
                }
                _ => {}
            },
            State::Awaiting(_) | State::Confirming(_) | State::Closing(_) => {
                self.enter_selecting(None, None, "payment_gone");
            }
            _ => {}
        }
    }

    fn follow_requires_action(&mut self, payment: &Payment, asked: Option<Purpose>) {
        if payment.next_action.is_none() {
            // Its time is up, and the backend is finding out how it ended.
            return self.follow_processing(payment, asked);
        }
        let is_parked = self.parked.as_ref() == Some(&payment.id);
        match &self.state {
            State::Loading => self.resume(payment),
            State::Selecting(_) | State::Guiding(_) if is_parked => {}
            State::Starting(starting) => {
                // One that was begun elsewhere is what our start replaces.
                let is_wanted = payment.payment_method == starting.method && !self.is_lost(payment);
                match asked {
                    Some(Purpose::Start | Purpose::Read) if is_wanted => {
                        self.drop_pending();
                        self.enter_awaiting(payment, None, "payment_started");
                        self.perform_action();
                    }
                    // The other wallet's payment is still there: our start has not arrived.
                    Some(Purpose::Read) => self.send_start(),
                    // The payment of this key has ended, and another tab's has taken its place.
                    Some(Purpose::Start) => {
                        self.forget_intent();
                        self.show_found(payment);
                    }
                    _ => {}
                }
            }
            State::Awaiting(awaiting) if awaiting.payment_id == payment.id => {
                self.update_action(payment, asked);
            }
            State::Confirming(confirming) if confirming.payment_id == payment.id => {
                let answered = asked == Some(Purpose::Check);
                match confirming.cause {
                    ConfirmingCause::Claimed | ConfirmingCause::Returned if answered => {
                        self.enter_awaiting(payment, Some(Notice::NotPaidYet), "not_paid_yet");
                        self.announce(Message::NotPaidYet);
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

    /// Shows a payment that this page did not start.
    fn show_found(&mut self, payment: &Payment) {
        self.enter_awaiting(payment, None, "payment_found");
        if let State::Awaiting(awaiting) = &self.state
            && awaiting.action.is_shown_here()
        {
            self.perform_action();
        }
    }

    /// A page that was loaded anew finds a payment waiting: the same code again, and for a
    /// redirect the shopper is probably back from it. Back from signing in to the wallet, there
    /// is a bridge to call at last: by itself once, and by the button from then on.
    fn resume(&mut self, payment: &Payment) {
        self.enter_awaiting(payment, None, "payment_resumed");
        let State::Awaiting(awaiting) = &self.state else { return };
        if self.is_lost(payment) {
            // Said at once; perhaps it was paid there, so the backend is asked.
            return self.send_check();
        }
        let is_signed_in = self.config.has_left && matches!(awaiting.action, Action::Bridge { .. });
        if is_signed_in || awaiting.action.is_shown_here() {
            self.perform_action();
        } else {
            self.enter_confirming(ConfirmingCause::Returned, "page_returned");
            self.send_check();
        }
    }

    fn update_action(&mut self, payment: &Payment, asked: Option<Purpose>) {
        match Action::check(payment, &self.config.api_origin) {
            Ok(fresh) => {
                let State::Awaiting(awaiting) = &mut self.state else { return };
                let is_refresh = asked == Some(Purpose::Refresh);
                let changed = awaiting.action != fresh;
                if changed {
                    awaiting.action = fresh;
                    awaiting.stale = false;
                }
                if is_refresh {
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

    fn follow_processing(&mut self, payment: &Payment, asked: Option<Purpose>) {
        let is_parked = self.parked.as_ref() == Some(&payment.id);
        match &self.state {
            State::Selecting(_) | State::Guiding(_) if is_parked => {}
            // Our own start, of which no answer came: nothing was handed out that could be paid, and
            // perhaps nothing was ordered. The same key goes on with it when the shopper wants it.
            State::Selecting(_) if self.is_intended(payment) => {}
            // Loaded anew before the gateway had answered: our intent goes on under its key.
            State::Loading if self.is_intended(payment) => {
                let method = payment.payment_method;
                self.enter(State::Starting(Starting::new(method)), "payment_resumed");
                self.send_start();
            }
            State::Starting(_) => match asked {
                // Also where the other wallet's payment may have been paid: no second one was
                // started then.
                Some(Purpose::Start) => {
                    self.enter_confirming(ConfirmingCause::Processing, "payment_processing");
                }
                // Perhaps its order never reached the gateway: the same key goes on with it.
                Some(Purpose::Read) => self.send_start(),
                _ => {}
            },
            State::Closing(_) if !matches!(asked, Some(Purpose::Cancel | Purpose::Read)) => {}
            State::Confirming(Confirming { cause: ConfirmingCause::TimeUp, .. }) => {}
            _ => self.enter_confirming(ConfirmingCause::Processing, "payment_processing"),
        }
    }

    fn follow_ended(&mut self, payment: &Payment, asked: Option<Purpose>) {
        match &self.state {
            State::Starting(starting) => {
                let method = starting.method;
                match asked {
                    // This key's payment has ended: the next try is a new intent.
                    Some(Purpose::Start) => {
                        self.forget_intent();
                        self.dismissed = Some(payment.id.clone());
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
                self.dismissed = Some(payment.id.clone());
                self.enter_selecting(None, None, "session_loaded");
            }
            // Also where it is another tab's that has replaced the one shown: how it ended is
            // the word about it.
            State::Awaiting(_) | State::Confirming(_) | State::Closing(_) => {
                self.forget_intent();
                match payment.status {
                    PaymentStatus::Failed => self.show_failed(payment),
                    PaymentStatus::Expired => {
                        self.dismissed = Some(payment.id.clone());
                        self.enter_selecting(None, Some(Notice::CodeExpired), "payment_expired");
                    }
                    _ => {
                        self.enter(State::Canceled { session_over: false }, "payment_canceled");
                        self.emit(HostEvent::Cancel);
                    }
                }
            }
            State::Selecting(_) | State::Guiding(_) => {
                // The payment that was left behind is closed; a new one needs a new key.
                let is_ours = self.is_intended(payment);
                if is_ours && self.parked.take_if(|parked| *parked == payment.id).is_some() {
                    self.forget_intent();
                }
            }
            _ => {}
        }
    }

    /// Whether the shopper's own intent is to pay with this payment's wallet.
    fn is_intended(&self, payment: &Payment) -> bool {
        let intent = self.intent.as_ref();
        intent.is_some_and(|intent| intent.payment_method == payment.payment_method)
    }

    fn show_failed(&mut self, payment: &Payment) {
        let code = payment.failure_code.as_deref().unwrap_or(code::GATEWAY_REJECTED).to_owned();
        self.enter(State::Failed { code: code.clone() }, "payment_failed");
        self.emit(HostEvent::PaymentFailed(code));
    }
}
