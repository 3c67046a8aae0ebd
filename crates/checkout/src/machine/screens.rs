//! Moving from one screen to another, and informing the page and the shopper.

use contract::{ErrorType, Payment, PaymentMethod, code};

use crate::machine::Checkout;
use crate::timers::Timer;
use crate::{
    Action, Awaiting, Confirming, ConfirmingCause, Effect, Fault, Guide, Guiding, HostEvent,
    Message, Notice, Selecting, State,
};

/// The time, in milliseconds, after which asking for the outcome is slow and other ways are shown.
const SLOW_CONFIRM_MS: u64 = 5_000;

impl Checkout {
    /// Moves to another state and informs the page and the shopper.
    pub(super) fn enter(&mut self, state: State, reason: &'static str) {
        let from = self.state.name();
        let to = state.name();
        self.state = state;
        let is_other = from != to;
        if is_other {
            // The open question was about the other screen.
            self.question = None;
            self.emit(HostEvent::StateChange(from, to, reason));
            let is_usable = !matches!(self.state, State::Loading | State::Unavailable { .. });
            if is_usable && !self.is_ready {
                self.is_ready = true;
                self.emit(HostEvent::Ready);
            }
            // The first load begins without the shopper. A start is shown on the screen with the
            // pressed button, which keeps the focus.
            let is_first = core::mem::take(&mut self.is_first_screen);
            if !is_first && to != "starting" {
                self.effects.push(Effect::FocusScreen);
            }
        }
        let screen = message(&self.state).filter(|_| is_other);
        if let Some(message) = self.state.notice().map(Message::Notice).or(screen) {
            self.announce(message);
        }
    }

    /// Shows a line on the screen and announces it.
    pub(super) fn notify(&mut self, notice: Notice) {
        if let Some(line) = self.state.notice_mut() {
            *line = Some(notice);
            self.announce(Message::Notice(notice));
        }
    }

    /// Shows the selector, with the only wallet picked where there is one.
    pub(super) fn enter_selecting(
        &mut self,
        selected: Option<PaymentMethod>,
        notice: Option<Notice>,
        reason: &'static str,
    ) {
        let methods = self.methods();
        if methods.is_empty() {
            let fault = Fault::new(
                ErrorType::Integration,
                code::NO_PAYMENT_METHOD,
                "no wallet is left to offer; compare payment-methods with the session's payment_methods",
            );
            return self.enter_unavailable(fault, reason);
        }
        let only = match methods.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let is_offered = |method: &PaymentMethod| methods.contains(method);
        let picked = self.config.selected.take().filter(|_| !self.config.read_only);
        let picked = picked.filter(is_offered);
        let selected = picked.or(selected.filter(is_offered)).or(only);
        self.enter(State::Selecting(Selecting { selected, notice }), reason);
        if let Some(method) = picked {
            self.emit(HostEvent::Change(method));
        }
    }

    /// Shows the guide for an environment in which `method` does not open.
    pub(super) fn enter_guiding(&mut self, method: PaymentMethod, guide: Guide, has_code: bool) {
        self.guided_at = Some(self.now);
        self.enter(State::Guiding(Guiding { method, guide, has_code }), "guided");
    }

    /// Shows the next action of `payment`, or that it cannot be performed.
    pub(super) fn enter_awaiting(
        &mut self,
        payment: &Payment,
        notice: Option<Notice>,
        reason: &'static str,
    ) {
        if payment.next_action.is_none() {
            // Not ordered yet, or its time is up: there is nothing to act on.
            return self.enter_confirming(ConfirmingCause::Processing, reason);
        }
        match Action::check(payment, &self.config) {
            Ok(action) => {
                self.left_payment = None;
                self.known_payment = Some(payment.id.clone());
                self.question = None;
                self.network.forget_failed_polls();
                if self.is_lost(payment) {
                    // Its key would bring it back; the next intent is another.
                    self.forget_intent();
                }
                let awaiting = Awaiting {
                    payment_id: payment.id.clone(),
                    method: payment.payment_method,
                    action,
                    refreshing: false,
                    stale: false,
                    notice,
                };
                self.enter(State::Awaiting(awaiting), reason);
                self.set_deadlines();
            }
            Err(fault) => self.enter_unavailable(fault, reason),
        }
    }

    /// Shows that the backend is asked for the payment's status.
    pub(super) fn enter_confirming(&mut self, cause: ConfirmingCause, reason: &'static str) {
        let Some(payment) = self.live_payment() else { return };
        let was_slow = match &self.state {
            State::Confirming(confirming) => Some(confirming.is_slow),
            _ => None,
        };
        let confirming = Confirming {
            payment_id: payment.id.clone(),
            method: payment.payment_method,
            cause,
            notice: None,
            is_slow: was_slow == Some(true),
        };
        self.left_payment = None;
        self.network.forget_failed_polls();
        let was_confirming = was_slow.is_some();
        if !was_confirming {
            self.timers.set(Timer::Reminder, self.now.plus(SLOW_CONFIRM_MS));
        }
        self.enter(State::Confirming(confirming), reason);
        if !was_confirming && cause == ConfirmingCause::Processing {
            self.emit(HostEvent::PaymentPending);
        }
    }

    /// Shows that nothing can be done here.
    pub(super) fn enter_unavailable(&mut self, fault: Fault, reason: &'static str) {
        self.timers.stop_all();
        self.drop_pending();
        let event = if self.session.is_none() {
            HostEvent::LoadError(fault.clone())
        } else {
            HostEvent::Error(fault.clone())
        };
        self.emit(event);
        self.enter(State::Unavailable { fault }, reason);
    }

    pub(super) fn forget_intent(&mut self) {
        if self.intent.take().is_some() {
            self.effects.push(Effect::Forget);
        }
    }
}

/// The announcement of a screen.
const fn message(state: &State) -> Option<Message> {
    match state {
        State::Loading | State::Awaiting(_) => None,
        State::Selecting(_) => Some(Message::ChooseMethod),
        State::Guiding(_) => Some(Message::Guided),
        State::Starting(_) => Some(Message::Starting),
        State::Confirming(_) => Some(Message::Confirming),
        State::Closing(_) => Some(Message::Closing),
        State::Succeeded => Some(Message::Succeeded),
        State::Failed { .. } => Some(Message::Failed),
        State::Expired => Some(Message::Expired),
        State::Canceled { .. } => Some(Message::Canceled),
        State::Unavailable { .. } => Some(Message::Unavailable),
    }
}
