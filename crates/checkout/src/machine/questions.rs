//! Questions to the page and the browser: one at a time, each with its own number.

use crate::machine::Checkout;
use crate::question::{Destination, Question, Topic};
use crate::timers::Timer;
use crate::{Effect, QuestionId};

/// The time, in milliseconds, in which a wallet's app covers the page, or else did not open
/// (docs/gateways.md, C2).
const APP_OPENS_TIMEOUT_MS: u64 = 2_200;

impl Checkout {
    /// Makes `topic` the only open question.
    pub(super) fn ask(&mut self, topic: Topic) -> QuestionId {
        self.last_question = self.last_question.wrapping_add(1);
        let id = QuestionId(self.last_question);
        self.question = Some(Question { id, topic });
        id
    }

    pub(super) fn on_page_answered(&mut self, id: QuestionId, is_allowed: bool) {
        let is_asked = |open: &mut Question| open.id == id && !matches!(open.topic, Topic::Key(_));
        let Some(question) = self.question.take_if(is_asked) else { return };
        if matches!(&question.topic, Topic::Leave(Destination::App(_))) {
            // Refused too: then the page opens the app by itself, which may fail as well.
            self.timers.set(Timer::AppOpens, self.now.plus(APP_OPENS_TIMEOUT_MS));
        }
        match question.topic {
            Topic::Submit(method) if is_allowed => self.on_submit_allowed(method),
            Topic::Leave(destination) if is_allowed => self.on_leave_allowed(destination),
            Topic::Submit(_) | Topic::Leave(_) | Topic::Key(_) => {}
        }
    }

    fn on_leave_allowed(&mut self, destination: Destination) {
        self.effects.push(match destination {
            Destination::Page(url) | Destination::App(url) => Effect::Navigate(url),
            Destination::Form(url, fields) => Effect::SubmitForm(url, fields),
        });
    }

    /// Drops a press on "pay" that has not started anything.
    pub(super) fn drop_pay_request(&mut self) {
        self.question.take_if(|question| question.topic.is_payment());
    }
}
