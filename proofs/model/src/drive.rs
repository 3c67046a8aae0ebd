//! Drives the widgets of the tabs: their events, their effects, their answers.

use std::sync::Arc;

use checkout::{Action, Call, Checkout, Effect, Effects, Event, Intent, Millis, QuestionId, State};
use contract::PaymentMethod;

use crate::browser::{Away, Browser};
use crate::tab::{Asked, Line, Tab};
use crate::task::{Ask, At, From, Reply, Task};
use crate::wire::{away, fault, number, session};
use crate::world::{Phase, World};
use crate::{Bounds, Rules};

impl World {
    /// Reloads a page.
    pub fn load(&mut self, bounds: &Bounds, no: u8) {
        if let Some((session, browser)) = self.tab(no).map(|tab| (tab.session, tab.browser)) {
            self.open(bounds, no, session, browser);
        }
    }

    /// Opens a page, or reloads it.
    pub fn open(&mut self, bounds: &Bounds, no: u8, session: u8, browser: Browser) {
        let has_left = self.tab(no).is_some_and(|tab| tab.has_left);
        let stored = self
            .tab(no)
            .and_then(|tab| tab.stored.clone())
            .or_else(|| self.shared.get(&session).cloned());
        self.give_up(no, bounds.strays);
        let (tab, effects) = Tab::load(session, browser, has_left, stored);
        match self.tabs.get_mut(usize::from(no)) {
            Some(old) => *old = Arc::new(tab),
            None => {
                self.tabs.push(Arc::new(tab));
                self.lines.push(Line::Closed);
            }
        }
        self.set_line(no, Line::Closed);
        self.perform(bounds, no, effects);
    }

    /// Returns the page with a number.
    #[must_use]
    pub fn tab(&self, no: u8) -> Option<&Tab> {
        self.tabs.get(usize::from(no)).map(Arc::as_ref)
    }

    /// Returns the stream of a page.
    #[must_use]
    pub fn line(&self, no: u8) -> Line {
        self.lines.get(usize::from(no)).copied().unwrap_or(Line::Closed)
    }

    /// Sets the stream of a page.
    pub fn set_line(&mut self, no: u8, line: Line) {
        if let Some(known) = self.lines.get_mut(usize::from(no)) {
            *known = line;
        }
    }

    /// Changes a page.
    pub fn change_tab(&mut self, no: u8, change: impl FnOnce(&mut Tab)) {
        if let Some(tab) = self.tabs.get_mut(usize::from(no)) {
            let tab = Arc::make_mut(tab);
            change(tab);
            tab.seal();
        }
    }

    /// Passes an event to a page's widget.
    pub fn handle(&mut self, bounds: &Bounds, no: u8, event: Event) {
        self.drive(bounds, no, |checkout, now| checkout.handle(now, event));
    }

    /// Calls the widget with the time of its clock, and performs the effects.
    pub fn drive(
        &mut self,
        bounds: &Bounds,
        no: u8,
        act: impl FnOnce(&mut Checkout, Millis) -> Effects,
    ) {
        let is_time_up = self.phase > Phase::Open;
        let Some(tab) = self.tabs.get_mut(usize::from(no)) else { return };
        let checkout = &mut Arc::make_mut(tab).checkout;
        let left_ms = checkout.time_left_ms(Millis(0)).filter(|_| is_time_up);
        let effects = act(checkout, Millis(left_ms.unwrap_or(0)));
        self.perform(bounds, no, effects);
    }

    fn perform(&mut self, bounds: &Bounds, no: u8, effects: Effects) {
        let session = self.tab(no).map_or(0, |tab| tab.session);
        let mut stored = self.tab(no).and_then(|tab| tab.stored.clone());
        let (mut leaves, mut calls, mut forgets) = (None, false, false);
        let is_destroyed = self.tab(no).is_some_and(|tab| tab.away == Some(Away::Destroyed));
        let disobeys = is_destroyed && !effects.0.is_empty();
        let mut asked = self.tab(no).and_then(|tab| tab.asked);
        for effect in effects.0 {
            match effect {
                Effect::Send(_, call) => self.send(bounds, no, &call),
                Effect::Abort(_) => self.give_up(no, bounds.strays),
                Effect::OpenStream => self.set_line(no, Line::Asked),
                Effect::CloseStream => self.set_line(no, Line::Closed),
                Effect::Remember(intent) => {
                    self.shared.insert(session, intent.clone());
                    stored = Some(intent);
                }
                Effect::Navigate(url) => leaves = Some(away(&url)),
                Effect::InvokeBridge(..) => calls = true,
                Effect::Forget => {
                    forgets = true;
                    // Another tab may have stored a newer intent.
                    if self.shared.get(&session) == stored.as_ref() {
                        self.shared.remove(&session);
                    }
                    stored = None;
                }
                Effect::AskPage { .. } => asked = Some(Asked::Page),
                Effect::TakeKey { method, .. } => asked = Some(Asked::Key(method)),
                Effect::SubmitForm(..)
                | Effect::Emit(_)
                | Effect::Announce(_)
                | Effect::ClearAnnouncement
                | Effect::FocusFirstField
                | Effect::FocusScreen => {}
            }
        }
        self.change_tab(no, |tab| {
            tab.stored = stored;
            tab.has_left = (tab.has_left && !calls && !forgets) || leaves.is_some();
            tab.has_sheet |= calls;
            tab.away = leaves.or(tab.away);
            // The machine drops an answer whose question is no longer open, by its number.
            tab.asked = asked.filter(|_| tab.checkout.is_asking());
            tab.has_disobeyed |= disobeys;
        });
        self.note_code(no);
        if matches!(leaves, Some(Away::Elsewhere)) || calls {
            self.note_order(no);
        }
        if leaves.is_some() {
            self.handle(bounds, no, Event::PageHidden);
        }
        // If nothing can be refused, the page answers while it handles the event.
        if asked == Some(Asked::Page) && self.left.refusals == 0 {
            self.page_answers(bounds, no, true);
        }
    }

    /// Passes the page's answer to the widget.
    pub fn page_answers(&mut self, bounds: &Bounds, no: u8, is_allowed: bool) {
        self.change_tab(no, |tab| tab.asked = None);
        let is_heard = is_allowed || !bounds.rules.obeys_page;
        self.handle(bounds, no, Event::PageAnswered { question: QUESTION, is_allowed: is_heard });
        if !is_allowed {
            self.change_tab(no, |tab| {
                tab.has_disobeyed |= tab.asked.is_some() || tab.away.is_some();
            });
        }
    }

    /// Gives the widget its key, under the lock that all tabs share.
    pub fn take_key(&mut self, bounds: &Bounds, no: u8) {
        let Some(Asked::Key(method)) = self.tab(no).and_then(|tab| tab.asked) else { return };
        let session = self.tab(no).map_or(0, |tab| tab.session);
        let key = Some(self.share_key(bounds, session, method));
        self.change_tab(no, |tab| tab.asked = None);
        self.handle(bounds, no, Event::KeyTaken { question: QUESTION, key });
    }

    /// Destroys the widget while a question is open; the answer arrives afterwards.
    pub fn destroy(&mut self, bounds: &Bounds, no: u8) {
        let asked = self.tab(no).and_then(|tab| tab.asked);
        if bounds.rules.obeys_page {
            self.handle(bounds, no, Event::Destroyed);
        }
        self.set_line(no, Line::Closed);
        self.change_tab(no, |tab| {
            tab.away = Some(Away::Destroyed);
            tab.asked = asked;
        });
        match asked {
            Some(Asked::Key(_)) => self.take_key(bounds, no),
            Some(Asked::Page) => self.page_answers(bounds, no, true),
            None => {}
        }
    }

    /// Marks the order as seen: the shopper has it in the wallet or on its gateway's page.
    fn note_order(&mut self, no: u8) {
        let Some(State::Awaiting(awaiting)) = self.tab(no).map(Tab::state) else { return };
        let payment = number(&awaiting.payment_id);
        if let Some(order) = self.orders.get_mut(usize::from(payment)) {
            order.is_seen = true;
        }
    }

    /// Marks the order of a code that is on a screen as seen: it may be scanned from then on.
    fn note_code(&mut self, no: u8) {
        let Some(State::Awaiting(awaiting)) = self.tab(no).map(Tab::state) else { return };
        if matches!(awaiting.action, Action::QrCode { .. }) {
            self.note_order(no);
        }
    }

    fn send(&mut self, bounds: &Bounds, no: u8, call: &Call) {
        self.give_up(no, bounds.strays);
        let ask = match call {
            Call::Read => Ask::Read,
            Call::Start(body, key) => {
                let mut key = number(key);
                if !bounds.rules.keeps_key {
                    key = self.mint();
                }
                let browser = self.tab(no).map_or(bounds.browser, |tab| tab.browser);
                Ask::Start { method: body.payment_method, browser, flow: body.flow, key }
            }
            Call::Refresh(id) => Ask::Refresh(number(id)),
            Call::Check(id) => Ask::Check(number(id)),
            Call::Cancel(id) => Ask::Cancel(number(id)),
        };
        let session = self.tab(no).map_or(0, |tab| tab.session);
        self.tasks.push(Task { from: From::Tab(no), session, at: At::Asked(ask) });
    }

    /// Returns the key for an intent to pay, which the tabs share: `driver/storage.rs`.
    pub fn share_key(
        &mut self,
        bounds: &Bounds,
        session: u8,
        payment_method: PaymentMethod,
    ) -> String {
        let known =
            self.shared.get(&session).filter(|known| known.payment_method == payment_method);
        if let Some(intent) = known.filter(|_| bounds.shares_intent) {
            return intent.key.clone();
        }
        let key = format!("key_{}", self.mint());
        self.shared.insert(session, Intent { payment_method, key: key.clone() });
        key
    }

    /// Returns a key that was never used.
    fn mint(&mut self) -> u8 {
        self.keys += 1;
        self.keys
    }

    /// Passes an answer to a tab's widget.
    pub fn answer(&mut self, bounds: &Bounds, no: u8, reply: Reply) {
        let answer = match reply {
            Reply::Session(document) => Ok(Box::new(session(document))),
            Reply::Failed(problem) => Err(fault(problem)),
            // Only the merchant's server gets this answer.
            Reply::Opened(_) => return,
        };
        let is_error = answer.is_err();
        let Some(request) = self.tab(no).and_then(|tab| tab.checkout.awaited()) else { return };
        self.handle(bounds, no, Event::Answered { request, answer });
        self.stop_asking(&bounds.rules, no, is_error);
    }

    /// Broken variant: the widget sends no more requests after an error.
    pub fn stop_asking(&mut self, rules: &Rules, no: u8, is_error: bool) {
        if is_error && !rules.asks_after_error {
            self.change_tab(no, |tab| tab.has_stopped = true);
        }
    }

    /// Passes the session to a widget by its stream.
    pub fn send_session(&mut self, bounds: &Bounds, no: u8) {
        let document = self.document(self.tab(no).map_or(0, |tab| tab.session));
        self.set_line(no, Line::Open { is_current: true });
        self.handle(bounds, no, Event::StreamSession(Box::new(session(document))));
    }
}

/// The number of every question: see [`Asked`].
const QUESTION: QuestionId = QuestionId(1);
