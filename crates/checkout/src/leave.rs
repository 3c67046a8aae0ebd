//! Leaving the page for a gateway's page or a wallet's app.

use crate::question::{Destination, Topic};
use crate::{Checkout, Effect, HandledAction, HostEvent, Message, PageQuestion, QuestionId};

impl Checkout {
    /// Asks the page whether the browser may leave for `destination`.
    pub(crate) fn leave_for(&mut self, destination: Destination, action: HandledAction) {
        let topic = Topic::Leave(destination);
        if self.question.as_ref().is_some_and(|question| question.topic == topic) {
            return;
        }
        let Topic::Leave(Destination::Address(url) | Destination::Form(url, _)) = &topic else {
            return;
        };
        let about = PageQuestion::BeforeRedirect { url: url.clone() };
        self.announce(Message::Leaving);
        self.emit(HostEvent::ActionHandled(action));
        let question = self.ask(topic);
        self.effects.push(Effect::AskPage { question, about });
    }

    pub(crate) fn on_page_answered(&mut self, id: QuestionId, is_allowed: bool) {
        let is_about_page = |topic: &Topic| !matches!(topic, Topic::Key(_));
        let question = self.question.take_if(|open| open.id == id && is_about_page(&open.topic));
        let Some(question) = question.filter(|_| is_allowed) else { return };
        match question.topic {
            Topic::Submit(method) => self.on_submit_allowed(method),
            Topic::Leave(Destination::Address(url)) => self.effects.push(Effect::Navigate(url)),
            Topic::Leave(Destination::Form(url, fields)) => {
                self.effects.push(Effect::SubmitForm(url, fields));
            }
            Topic::Key(_) => {}
        }
    }
}
