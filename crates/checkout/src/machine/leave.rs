//! Carrying out the next action, and leaving the page for it.

use crate::machine::Checkout;
use crate::question::{Destination, Topic};
use crate::{Action, Effect, HandledAction, HostEvent, Message, PageQuestion, State};

impl Checkout {
    /// Performs the next action if the page is visible.
    pub(super) fn perform_action(&mut self) {
        let State::Awaiting(awaiting) = &self.state else { return };
        let (method, notice) = (awaiting.method, awaiting.notice);
        match awaiting.action.clone() {
            Action::QrCode { .. } | Action::Frame { .. } => {
                self.announce(Message::CodeShown(notice));
                self.emit(HostEvent::ActionHandled(HandledAction::QrCodeLoaded));
                self.emit(HostEvent::ActionHandled(HandledAction::StatusWaiting));
            }
            Action::Redirect { url, .. } => self.leave_for(Destination::Page(url)),
            Action::Form { url, fields } => self.leave_for(Destination::Form(url, fields)),
            Action::Bridge { fields } => {
                self.emit(HostEvent::ActionHandled(HandledAction::AppOpened));
                self.effects.push(Effect::InvokeBridge(method, fields));
            }
        }
    }

    pub(super) fn on_continue(&mut self) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if awaiting.stale || awaiting.refreshing {
            return self.on_refresh();
        }
        match &awaiting.action {
            Action::QrCode { url: Some(url), .. } => {
                let url = url.clone();
                awaiting.notice = None;
                self.leave_for(Destination::App(url));
            }
            // The frame may be forbidden here; its page is not.
            Action::Frame { url, .. } => {
                let url = url.clone();
                self.leave_for(Destination::Page(url));
            }
            _ => self.perform_action(),
        }
    }

    /// Asks the page whether the browser may leave for `destination`.
    fn leave_for(&mut self, destination: Destination) {
        let url = destination.url().to_owned();
        let action = match destination {
            Destination::App(_) => HandledAction::AppOpened,
            Destination::Page(_) | Destination::Form(..) => HandledAction::PerformingRedirect,
        };
        let topic = Topic::Leave(destination);
        if self.question.as_ref().is_some_and(|question| question.topic == topic) {
            // Presses in a row are one press.
            return;
        }
        self.announce(Message::Leaving);
        self.emit(HostEvent::ActionHandled(action));
        let question = self.ask(topic);
        self.effects
            .push(Effect::AskPage { question, about: PageQuestion::BeforeRedirect { url } });
    }
}
