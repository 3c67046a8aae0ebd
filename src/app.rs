//! The root component: owns the machine and its driver, and renders the machine's state.
//!
//! The only struct component, because only these have messages, which the [`crate::Handle`]
//! can send from outside, and because the driver's guards die with it.

use std::cell::Cell;
use std::rc::Rc;

use checkout::{Action, Awaiting, Checkout, Effect, Effects, Event, HostEvent, Message, State};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ShadowRoot};
use yew::html::Scope;
use yew::prelude::*;

use crate::driver::{self, Driver, Timeout, clock};
use crate::host::{Handler, object, window};
use crate::options::{Kept, Options};
use crate::rehearsal;
use crate::report;
use crate::setup::{AppProps, Begun, Setup};
use crate::view::{self, Drawing, Screen};

/// How long the selector stands before the rest is got ready, each part of it.
const IDLE_MS: u32 = 200;

/// What the app hears of.
pub(crate) enum Msg {
    /// It is to be seen, and begins.
    Show,
    /// Something for the machine.
    Happened(Event),
    /// "Pay" was pressed, or the page called `confirm()`.
    Confirm,
    /// The page called `focus()`.
    Focus,
    /// The shopper wants the link to this session.
    Copy,
    /// The link is in the clipboard.
    Copied,
    /// A second of the countdown has passed.
    Second,
    /// The screen has been painted.
    Painted,
    /// The shopper is choosing.
    Idle,
    /// The page's author changed options.
    Update(Rc<Options>),
}

/// A checkout on a page.
pub(crate) struct App {
    setup: Rc<Setup>,
    options: Rc<Options>,
    checkout: Checkout,
    driver: Driver,
    /// Whether it has been shown; nothing is drawn, asked or told before.
    is_shown: bool,
    is_visible: bool,
    /// "Pay" was pressed, and the tabs agree on the key.
    is_confirming: bool,
    /// "Pay" was pressed with no wallet picked.
    is_hinted: bool,
    /// What the live region says.
    announcement: String,
    focus: Focus,
    /// A stream is to be opened, once the screen is painted.
    is_stream_due: bool,
    /// What is to be seen first, made in a task before.
    drawn: Cell<Option<Html>>,
    /// What the machine wanted first, until it is done.
    first: Option<Effects>,
    /// The text of the code that is shown, and its drawing if it has one.
    code: Option<(String, Option<Drawing>)>,
    /// Wakes the countdown; the machine has its own alarm.
    second: Option<Timeout>,
}

/// Where the focus goes after the next render.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Focus {
    Stays,
    Heading,
    FirstField,
}

impl Component for App {
    type Message = Msg;
    type Properties = AppProps;

    fn create(ctx: &Context<Self>) -> Self {
        let setup = Rc::clone(&ctx.props().setup);
        let options = Rc::clone(&setup.options);
        let begun = setup.begun.take().unwrap_or_else(|| Begun::new(&options, None));
        let Begun { checkout, effects, remembered, is_visible } = begun;
        let report = ctx.link().callback(Msg::Happened);
        let driver = Driver::new(&options, remembered, setup.prefetched.clone(), report);
        Self {
            setup,
            options,
            checkout,
            driver,
            is_shown: false,
            is_visible,
            is_confirming: false,
            is_hinted: false,
            announcement: String::new(),
            focus: Focus::Stays,
            is_stream_due: false,
            drawn: Cell::default(),
            first: Some(effects),
            code: None,
            second: None,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Msg) -> bool {
        if !self.is_shown {
            if !matches!(message, Msg::Show) {
                return false;
            }
            self.is_shown = true;
            // Whether it is seen may have changed since the machine was made, in another task.
            if driver::is_visible() != self.is_visible {
                ctx.link().send_message(Msg::Happened(driver::visibility()));
            }
            // With a session that came with the page the shopper sees it before all else is done.
            if matches!(self.checkout.state(), State::Selecting(_)) {
                return true;
            }
        }
        if let Some(effects) = self.first.take() {
            self.perform(effects);
            if matches!(message, Msg::Painted) {
                return true; // More after the next paint.
            }
        }
        match message {
            Msg::Happened(event) => self.hear(event),
            Msg::Confirm => self.confirm(ctx.link()),
            Msg::Focus => self.focus = Focus::FirstField,
            Msg::Copy => {
                let link = ctx.link().clone();
                if let Some(session) = self.checkout.session() {
                    let done = move || link.send_message(Msg::Copied);
                    self.setup.host.copy(&session.hosted_url, done);
                }
            }
            Msg::Copied => self.say(self.options.texts.get("copied")),
            Msg::Show | Msg::Second => {}
            Msg::Painted => {
                self.after_paint();
                return false;
            }
            // What is left comes after the next paint, in a task of its own.
            Msg::Idle => {
                rehearsal::hold(&self.options, &self.driver, |trial| {
                    self.look(ctx.link(), trial, None)
                });
            }
            Msg::Update(options) => {
                self.options = options;
                let config = self.options.config(Kept::default(), self.is_visible, 0);
                self.hear(Event::Reconfigured(Box::new(config)));
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        // What was drawn before it was shown holds as long as nothing was done since.
        let drawn = self.drawn.take().filter(|_| self.first.is_some());
        let drawn = drawn.unwrap_or_else(|| {
            let drawing = self.code.as_ref().and_then(|(_, drawing)| drawing.as_ref());
            self.look(ctx.link(), &self.checkout, drawing)
        });
        if self.is_shown {
            return drawn;
        }
        self.drawn.set(Some(drawn));
        Html::default()
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        if !self.is_shown {
            return;
        }
        // Ticks only as long as there is a countdown and somebody can see it.
        let left_ms = view::left_ms(&self.checkout, clock::now());
        self.second = left_ms.filter(|left_ms| self.is_visible && *left_ms > 0).map(|left_ms| {
            let link = ctx.link().clone();
            // Just after the shown second ends, so that none is skipped.
            let wait_ms = u32::try_from(left_ms % 1_000).unwrap_or(0) + 20;
            Timeout::new(wait_ms, Handler::new(move |_| link.send_message(Msg::Second)))
        });
        if self.focus == Focus::FirstField {
            self.move_focus("input:checked,input,[data-heading]");
        }
        if self.first.is_some() || self.focus == Focus::Heading || self.is_stream_due {
            self.later(ctx.link(), 0, || Msg::Painted);
        }
        if rehearsal::is_due() && matches!(self.checkout.state(), State::Selecting(_)) {
            self.later(ctx.link(), IDLE_MS, || Msg::Idle);
        }
    }
}

impl App {
    fn hear(&mut self, event: Event) {
        match &event {
            Event::Confirmed { .. } => self.is_confirming = false,
            Event::PageShown => self.is_visible = true,
            Event::PageHidden => self.is_visible = false,
            Event::Answered { request, .. } => self.driver.abort(*request),
            _ => {}
        }
        let effects = self.checkout.handle(clock::now(), event);
        self.perform(effects);
    }

    /// Clicks in one tick are one: the first is agreed on with the other tabs, then told.
    fn confirm(&mut self, link: &Scope<Self>) {
        let selected = match self.checkout.state() {
            State::Selecting(selecting) => selecting.selected,
            State::Guiding(guiding) => Some(guiding.method),
            State::Awaiting(awaiting) if self.checkout.is_begun_elsewhere() => {
                Some(awaiting.method)
            }
            _ => return,
        };
        if self.options.read_only || self.is_confirming {
            return;
        }
        let Some(method) = selected else {
            self.is_hinted = true;
            self.focus = Focus::FirstField;
            self.announcement = self.options.texts.get("choose_first");
            return;
        };
        if !self.setup.host.allows("submit", &report::chosen(method)) {
            return;
        }
        self.is_confirming = true;
        let link = link.clone();
        let session_id = self.options.secret.session_id().to_owned();
        let mut lock = "opencashier.".to_owned();
        lock.push_str(&session_id);
        self.setup.host.in_turn(&lock, move || {
            if let Some(fresh_key) = driver::key(&session_id, method) {
                link.send_message(Msg::Happened(Event::Confirmed { fresh_key }));
            }
        });
    }

    fn perform(&mut self, effects: Effects) {
        for effect in effects.0 {
            self.perform_one(effect);
        }
        self.driver.set_alarm(self.checkout.next_deadline());
        self.draw_code();
    }

    /// What the shopper does not wait for.
    fn after_paint(&mut self) {
        if self.focus == Focus::Heading {
            self.move_focus("[data-heading]");
        }
        if core::mem::take(&mut self.is_stream_due) {
            self.driver.open_stream();
        }
    }

    /// Sends a message so many milliseconds after the paint.
    fn later(&self, link: &Scope<Self>, wait_ms: u32, message: fn() -> Msg) {
        let link = link.clone();
        self.setup.host.painted(wait_ms, move || link.send_message(message()));
    }

    /// What a machine's state looks like: this checkout's, or the rehearsal's.
    fn look(&self, link: &Scope<Self>, checkout: &Checkout, drawing: Option<&Drawing>) -> Html {
        let screen = Screen {
            texts: &self.options.texts,
            options: &self.options,
            checkout,
            link,
            drawing,
            left_ms: view::left_ms(checkout, clock::now()),
            is_hinted: self.is_hinted,
        };
        view::frame(&screen, &self.announcement)
    }

    fn move_focus(&mut self, selector: &str) {
        self.focus = Focus::Stays;
        let target = self.setup.container.query_selector(selector).ok().flatten();
        if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            // What cannot be focused now is not on the screen any more.
            target.focus().ok();
        }
    }

    /// Encodes the code that is to be shown, once for each text.
    fn draw_code(&mut self) {
        let text = match self.checkout.state() {
            State::Awaiting(Awaiting { action: Action::QrCode { data, .. }, .. }) => Some(data),
            _ => None,
        };
        if self.code.as_ref().map(|(known, _)| known) != text {
            self.code = text.map(|text| (text.clone(), view::draw(text)));
            rehearsal::done();
        }
    }

    fn perform_one(&mut self, effect: Effect) {
        match effect {
            Effect::Send(request, call) => self.driver.send(request, call),
            Effect::Abort(request) => self.driver.abort(request),
            Effect::OpenStream => {
                // The old one goes first, so that it cannot report the end of the new one.
                self.driver.close_stream();
                self.is_stream_due = true;
            }
            Effect::CloseStream => {
                self.is_stream_due = false;
                self.driver.close_stream();
            }
            Effect::Navigate(url) => {
                if self.may_leave(&url) {
                    self.driver.navigate(&url);
                }
            }
            Effect::SubmitForm(url, fields) => {
                if self.may_leave(&url) {
                    self.driver.submit_form(&url, &fields);
                }
            }
            Effect::InvokeBridge(method, fields) => self.driver.invoke_bridge(method, &fields),
            Effect::Remember(intent) => self.driver.remember(intent),
            Effect::Forget => self.driver.forget(),
            Effect::Emit(event) => {
                if matches!(event, HostEvent::Change(_) | HostEvent::StateChange(..)) {
                    self.is_hinted = false;
                }
                report::tell(&self.setup.host, &event, &self.checkout);
            }
            Effect::Announce(message) => self.announce(message),
            Effect::FocusScreen => {
                // Never taken from the page: only moved on if it was in here.
                if let Some(focused) = self.focused() {
                    self.focus = Focus::Heading;
                    // Before its screen goes: taking a focused element off the page makes the
                    // browser lay out a page that is half changed.
                    focused.unchecked_into::<HtmlElement>().blur().ok();
                }
            }
        }
    }

    /// Asks the page whether the browser may leave for `url`; a page that goes there by
    /// itself prevents it.
    fn may_leave(&mut self, url: &str) -> bool {
        let detail = object(&[("url", url.into())]);
        let may_leave = self.setup.host.allows("before-redirect", &detail);
        if !may_leave {
            self.hear(Event::NavigationStopped);
        }
        may_leave
    }

    fn announce(&mut self, message: Message) {
        self.say(view::announcement(&self.options.texts, &self.checkout, message));
    }

    fn say(&mut self, mut text: String) {
        // The same words twice are read twice only if the text differs.
        if text == self.announcement {
            text.push('\u{a0}');
        }
        self.announcement = text;
    }

    /// What of this checkout has the focus.
    fn focused(&self) -> Option<Element> {
        let root = self.setup.container.get_root_node();
        let focused = match root.dyn_into::<ShadowRoot>() {
            Ok(shadow) => shadow.active_element(),
            Err(_) => window().document().and_then(|document| document.active_element()),
        };
        focused.filter(|focused| self.setup.container.contains(Some(focused)))
    }
}
