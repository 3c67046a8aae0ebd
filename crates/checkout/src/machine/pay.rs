//! A press on "pay": from the press to the request that starts the payment.

use contract::{ErrorType, Flow, PaymentMethod, code};

use crate::left_payment::LeftPayment;
use crate::machine::Checkout;
use crate::question::{Question, Topic};
use crate::{
    Effect, Fault, HostEvent, Intent, Notice, Offer, Origin, PageQuestion, QuestionId, Starting,
    State,
};

/// Presses that follow so soon, in milliseconds, are the same press: a page that calls `confirm()`
/// twice, or clicks that were queued.
const DOUBLE_PRESS_MS: u64 = 50;

/// Why a press on "pay" can start nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayRefusal {
    /// The shopper has to pick a wallet first.
    NothingPicked,
    /// The page shows the checkout and starts nothing.
    ReadOnly,
    /// There is nothing to pay on this screen.
    NothingToPay,
}

impl PayRefusal {
    /// The error code for the page's author.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NothingPicked => code::NOTHING_SELECTED,
            Self::ReadOnly => code::READ_ONLY,
            Self::NothingToPay => code::NOTHING_TO_PAY,
        }
    }
}

/// The payment that a press on "pay" can start now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payable {
    /// Nothing: there is nothing to pay on this screen, or the page is read-only.
    Nothing,
    /// The shopper has to pick a wallet first.
    NothingPicked,
    /// A payment with this wallet.
    Method(PaymentMethod),
}

impl Checkout {
    /// True while a press on "pay" waits for the page's answer or for its key.
    #[must_use]
    pub fn is_pay_requested(&self) -> bool {
        self.question.as_ref().is_some_and(|question| question.topic.is_payment())
    }

    /// Returns why a press on "pay" can start nothing now; none if it starts a payment, or repeats
    /// a press that does.
    #[must_use]
    pub fn pay_refusal(&self) -> Option<PayRefusal> {
        let is_under_way = matches!(self.state, State::Starting(_) | State::Closing(_));
        if self.is_pay_requested() || is_under_way {
            return None;
        }
        match self.payable() {
            Payable::Method(_) => None,
            Payable::NothingPicked => Some(PayRefusal::NothingPicked),
            Payable::Nothing if self.config.read_only => Some(PayRefusal::ReadOnly),
            Payable::Nothing => Some(PayRefusal::NothingToPay),
        }
    }

    pub(super) fn on_pay_requested(&mut self) {
        if self.is_pay_requested() {
            // Presses in a row are one press.
            return;
        }
        match self.payable() {
            Payable::Nothing => {}
            Payable::NothingPicked => {
                self.notify(Notice::ChooseFirst);
                self.effects.push(Effect::FocusFirstField);
            }
            Payable::Method(method) => {
                let question = self.ask(Topic::Submit(method));
                let about = PageQuestion::Submit(method);
                self.effects.push(Effect::AskPage { question, about });
            }
        }
    }

    /// The page allowed a press on "pay".
    pub(super) fn on_submit_allowed(&mut self, method: PaymentMethod) {
        if self.payable() != Payable::Method(method) {
            return self.on_press_overtaken();
        }
        if !matches!(self.state, State::Guiding(_))
            && let Offer::Guide(guide) = self.offer(method)
        {
            self.leave_payment_behind();
            return self.enter_guiding(method, guide, self.allows(method, Flow::QrCode));
        }
        if self.is_intent_for(method) {
            // One key per intent: the same wallet again is the same intent, until it ended.
            return self.start(method);
        }
        let question = self.ask(Topic::Key(method));
        self.effects.push(Effect::TakeKey { question, method });
    }

    pub(super) fn on_key_taken(&mut self, id: QuestionId, key: Option<String>) {
        let is_asked = |open: &mut Question| open.id == id && matches!(open.topic, Topic::Key(_));
        let Some(Question { topic: Topic::Key(method), .. }) = self.question.take_if(is_asked)
        else {
            return;
        };
        if self.payable() != Payable::Method(method) {
            return self.on_press_overtaken();
        }
        let Some(key) = key else { return self.on_key_missing(method) };
        let intent = Intent { payment_method: method, key };
        self.intent = Some(intent.clone());
        self.effects.push(Effect::Remember(intent));
        // A start that was left without an answer belonged to the old intent.
        self.left_payment.take_if(|left| *left == LeftPayment::StillStarting);
        self.start(method);
    }

    /// The page has become read-only since the press, as by a listener of its `submit` event. Any
    /// other change has shown another screen, and told the page so.
    fn on_press_overtaken(&mut self) {
        if self.config.read_only {
            self.emit(HostEvent::Error(Fault::new(
                ErrorType::Integration,
                code::READ_ONLY,
                "the checkout became read-only while a press of pay was carried out",
            )));
        }
    }

    /// Without randomness there is no key, and without a key nothing can be paid safely.
    fn on_key_missing(&mut self, method: PaymentMethod) {
        self.emit(HostEvent::Error(Fault::new(
            ErrorType::Integration,
            code::RANDOM_UNAVAILABLE,
            "the browser has no crypto.getRandomValues, so no payment can be started safely",
        )));
        match &self.state {
            State::Awaiting(_) => self.notify(Notice::StartFailed),
            _ => self.enter_selecting(Some(method), Some(Notice::StartFailed), "start_failed"),
        }
    }

    fn start(&mut self, method: PaymentMethod) {
        self.leave_payment_behind();
        let origin = match &self.state {
            State::Guiding(guiding) => Origin::Guide(guiding.clone()),
            State::Awaiting(awaiting) => Origin::StartedElsewhere(awaiting.clone()),
            _ => Origin::Selector,
        };
        self.enter(State::Starting(Starting::new(method, origin)), "confirmed");
        self.send_start();
    }

    /// A payment that was started elsewhere is replaced by the one that starts here.
    fn leave_payment_behind(&mut self) {
        if let State::Awaiting(awaiting) = &self.state {
            self.left_payment = Some(LeftPayment::Payment(awaiting.payment_id.clone()));
        }
    }

    /// True if a press belongs to the one that led to the guide, and not to the guide's button.
    fn is_double_press(&self) -> bool {
        self.guided_at.is_some_and(|at| self.now < at.plus(DOUBLE_PRESS_MS))
    }

    fn payable(&self) -> Payable {
        if self.config.read_only {
            return Payable::Nothing;
        }
        match &self.state {
            State::Selecting(selecting) => {
                selecting.selected.map_or(Payable::NothingPicked, Payable::Method)
            }
            State::Guiding(guiding) if guiding.has_code && !self.is_double_press() => {
                Payable::Method(guiding.method)
            }
            State::Awaiting(awaiting) if self.is_started_elsewhere() => {
                Payable::Method(awaiting.method)
            }
            _ => Payable::Nothing,
        }
    }
}
