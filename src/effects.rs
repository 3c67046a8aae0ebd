//! The effects of the machine, performed in the browser.

use checkout::{Checkout, Effect, Event, QuestionId, RequestId};
use contract::PaymentMethod;
use web_sys::{Element, HtmlElement};
use yew::Callback;

use crate::browser::{Browser, focus, random, storage};
use crate::host::Host;
use crate::host_events;
use crate::lifetime::Lifetime;
use crate::texts::Texts;
use crate::view::announcement;

/// Performs effects, and keeps what they change in the view.
pub(crate) struct EffectRunner {
    pub(crate) browser: Browser,
    pub(crate) live_text: LiveText,
    pub(crate) focus: FocusChange,
    /// The stream is opened after the next paint.
    is_stream_due: bool,
    /// The control that had the focus before the render.
    focused: Option<HtmlElement>,
    host: Host,
    container: Element,
    session_id: String,
    lifetime: Lifetime,
    report: Callback<Event>,
}

/// The focus target after the next render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FocusChange {
    None,
    /// To the heading, after the paint.
    Heading,
    /// To the first field.
    FirstField,
}

/// The text of the live region.
#[derive(Debug, Default)]
pub(crate) struct LiveText(pub(crate) String);

impl LiveText {
    pub(crate) fn set(&mut self, mut text: String) {
        // Screen readers read the same words twice only if the text differs.
        if !text.is_empty() && text == self.0 {
            text.push('\u{a0}');
        }
        self.0 = text;
    }
}

impl EffectRunner {
    pub(crate) fn new(
        browser: Browser,
        host: Host,
        container: Element,
        session_id: String,
        lifetime: Lifetime,
        report: Callback<Event>,
    ) -> Self {
        Self {
            browser,
            live_text: LiveText::default(),
            focus: FocusChange::None,
            is_stream_due: false,
            focused: None,
            host,
            container,
            session_id,
            lifetime,
            report,
        }
    }

    /// Performs one effect. Returns the event that answers it, if it is answered at once.
    pub(crate) fn perform(
        &mut self,
        effect: Effect,
        checkout: &Checkout,
        texts: &Texts,
    ) -> Option<Event> {
        match effect {
            Effect::Send(request, call) => self.browser.send(request, call),
            Effect::Abort(request) => self.browser.abort(request),
            Effect::OpenStream => {
                // The old one is closed first, so that it cannot report the end of the new one.
                self.browser.close_stream();
                self.is_stream_due = true;
            }
            Effect::CloseStream => {
                self.browser.close_stream();
                self.is_stream_due = false;
            }
            Effect::AskPage { question, about } => {
                let is_allowed = host_events::ask(&self.host, about);
                return Some(Event::PageAnswered { question, is_allowed });
            }
            Effect::TakeKey { question, method } => self.take_key(question, method),
            Effect::Navigate(url) => {
                return self.browser.navigate(&url).is_none().then_some(Event::NavigationStopped);
            }
            Effect::SubmitForm(url, fields) => {
                let submitted = self.browser.submit_form(&url, &fields);
                return submitted.is_none().then_some(Event::NavigationStopped);
            }
            Effect::InvokeBridge(method, fields) => self.browser.invoke_bridge(method, &fields),
            Effect::Remember(intent) => self.browser.remember(intent),
            Effect::Forget => self.browser.forget(),
            Effect::Emit(event) => host_events::emit(&self.host, &event, checkout),
            Effect::Announce(message) => self.live_text.set(announcement(texts, message)),
            Effect::ClearAnnouncement => self.live_text.set(String::new()),
            Effect::FocusScreen => {
                // Never taken from the page: only moved if it was inside the widget.
                if let Some(focused) = focus::focused_within(&self.container) {
                    self.focus = FocusChange::Heading;
                    // Removing a focused element would make the browser lay out the page before
                    // the next screen is complete.
                    focused.blur().ok();
                }
            }
            Effect::FocusFirstField => self.focus = FocusChange::FirstField,
        }
        None
    }

    /// Drops the guard of a request that was answered.
    pub(crate) fn release(&mut self, request: RequestId) {
        self.browser.abort(request);
    }

    /// Notes which control has the focus.
    pub(crate) fn before_render(&mut self) {
        self.focused = focus::focused_within(&self.container);
    }

    /// Moves the focus to the first field, if that is due after this render.
    pub(crate) fn after_render(&mut self) {
        let focused = self.focused.take();
        if self.focus == FocusChange::None && focused.is_some_and(|it| !it.is_connected()) {
            // Its button is not there any more, as the one over an expired code.
            self.focus = FocusChange::Heading;
        }
        if self.focus == FocusChange::FirstField {
            self.focus = FocusChange::None;
            focus::move_to(&self.container, &["input:checked", "input", "[data-heading]"]);
        }
    }

    /// True if [`EffectRunner::after_paint`] has something to do.
    pub(crate) fn awaits_paint(&self) -> bool {
        self.is_stream_due || self.focus == FocusChange::Heading
    }

    /// Performs what the shopper does not wait for.
    pub(crate) fn after_paint(&mut self) {
        if self.focus == FocusChange::Heading {
            self.focus = FocusChange::None;
            focus::move_to(&self.container, &["[data-heading]"]);
            // The focus is above the code, which a large zoom may leave outside the window.
            focus::reveal(&self.container, ".qr");
        }
        if std::mem::take(&mut self.is_stream_due) {
            self.browser.open_stream();
        }
    }

    /// Finds the idempotency key that the shopper's tabs share for this wallet, or mints it.
    fn take_key(&self, question: QuestionId, method: PaymentMethod) {
        let session_id = self.session_id.clone();
        let (lifetime, report) = (self.lifetime.clone(), self.report.clone());
        self.host.with_tab_lock(&format!("opencashier.{}", self.session_id), move || {
            if lifetime.is_over() {
                return;
            }
            let fresh_key = random::fresh_key();
            let key = fresh_key.map(|fresh| storage::share_key(&session_id, method, fresh));
            report.emit(Event::KeyTaken { question, key });
        });
    }
}
