//! The root component: owns the machine, feeds it events and shows its state.
//!
//! A struct component: only these have messages, which [`crate::Handle`] sends from outside, and
//! the guards of everything that runs in the browser are dropped with it.

use std::collections::VecDeque;
use std::rc::Rc;

use checkout::{Checkout, Effect, Event, PayRefusal, State};
use contract::Session;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::Element;
use yew::html::Scope;
use yew::prelude::*;

use crate::browser::{Browser, clock, random, storage, visibility};
use crate::diagnosis;
use crate::effects::{EffectRunner, FocusChange};
use crate::host::Host;
use crate::lifetime::Lifetime;
use crate::message::Message;
use crate::options::{Options, PageState};
use crate::order::{AmountText, Order, with_wallet};
use crate::texts::Texts;
use crate::view::{FrameInput, ScreenContext, frame, screen, time_left_ms, wallet_of};

/// Added to a second of the countdown, so that the timer fires just after it.
const COUNTDOWN_MARGIN_MS: u32 = 20;
/// The time, in milliseconds, for which the copy button says that the link was copied.
const COPIED_MS: u32 = 2_000;

/// The input of one mounted checkout. Later changes arrive as [`Message::OptionsChanged`].
#[derive(Clone, Properties)]
pub(crate) struct AppProps {
    pub(crate) container: Element,
    pub(crate) host: Host,
    pub(crate) options: Rc<Options>,
    /// The session that came with the page.
    pub(crate) preloaded: Option<Session>,
    /// A promise of the `Response` of reading the session.
    pub(crate) prefetched: Option<JsValue>,
    pub(crate) lifetime: Lifetime,
}

impl PartialEq for AppProps {
    /// An app is mounted once and keeps its input.
    fn eq(&self, other: &Self) -> bool {
        self.lifetime.is_same(&other.lifetime)
    }
}

/// A checkout on a page.
pub(crate) struct App {
    options: Rc<Options>,
    checkout: Checkout,
    effects: EffectRunner,
    host: Host,
    lifetime: Lifetime,
    order: Option<Order>,
    amount_text: AmountText,
    /// True once the first screen is in the DOM.
    is_shown: bool,
    /// Effects that wait until the first screen is in the DOM.
    waiting: Vec<Effect>,
    /// Renders the next second of the countdown.
    countdown: Option<Timeout>,
    /// The last attempt to copy the link: true while the button says that it was copied, false if
    /// the shopper has to copy it by hand.
    is_copied: Option<bool>,
    copied_timer: Option<Timeout>,
}

impl Component for App {
    type Message = Message;
    type Properties = AppProps;

    fn create(ctx: &Context<Self>) -> Self {
        let AppProps { container, host, options, preloaded, prefetched, lifetime } =
            ctx.props().clone();
        let session_id = options.session_id().to_owned();
        let intent = storage::stored_intent(&session_id);
        let page = PageState {
            intent: intent.clone(),
            has_left: storage::has_left(&session_id),
            is_visible: visibility::is_visible(),
            seed: random::seed(),
        };
        let (mut checkout, effects) = Checkout::new(options.config(page), clock::now());
        let mut waiting = effects.0;
        if let Some(session) = preloaded {
            let event = Event::Preloaded(Box::new(session));
            waiting.extend(checkout.handle(clock::now(), event).0);
        }
        let report = ctx.link().callback(Message::Event);
        let browser = Browser::new(
            &options.api_base,
            &options.client_secret,
            intent,
            prefetched,
            report.clone(),
        );
        let effects = EffectRunner::new(
            browser,
            host.clone(),
            container,
            session_id,
            lifetime.clone(),
            report,
        );
        let mut app = Self {
            options,
            checkout,
            effects,
            host,
            lifetime,
            order: None,
            amount_text: AmountText::default(),
            is_shown: false,
            waiting,
            countdown: None,
            is_copied: None,
            copied_timer: None,
        };
        app.update_order();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        if self.lifetime.is_over() {
            return false;
        }
        match message {
            Message::Event(event) => self.handle(VecDeque::from([event])),
            Message::Rendered => self.handle(VecDeque::new()),
            Message::Painted => {
                self.effects.after_paint();
                return false;
            }
            Message::Focus => self.effects.focus = FocusChange::FirstField,
            Message::CopyLink => self.copy_link(ctx.link()),
            Message::LinkCopied(is_copied) => {
                let text = self.texts().get(if is_copied { "copied" } else { "copy_by_hand" });
                self.effects.live_text.set(text.to_string());
                self.is_copied = Some(is_copied);
                let link = ctx.link().clone();
                self.copied_timer = is_copied.then(|| {
                    Timeout::new(COPIED_MS, move || link.send_message(Message::CopiedOver))
                });
            }
            Message::CopiedOver => self.is_copied = None,
            Message::CountdownTick => {}
            Message::OptionsChanged(options) => {
                self.options = options;
                let config = self.options.config(PageState::default());
                self.handle(VecDeque::from([Event::Reconfigured(Box::new(config))]));
            }
        }
        self.effects.before_render();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let texts = self.texts();
        let context = ScreenContext {
            checkout: &self.checkout,
            options: &self.options,
            host: &self.host,
            order: self.order.as_ref(),
            texts: &texts,
            now: clock::now(),
            on_event: ctx.link().callback(Message::Event),
            on_copy: ctx.link().callback(|_| Message::CopyLink),
            is_copied: self.is_copied,
        };
        let state = self.checkout.state();
        let is_receipt = matches!(state, State::Succeeded);
        let input = FrameInput {
            state: state.name(),
            screen: state.screen_name(),
            lang: self.options.lang.clone().into(),
            dir: self.options.dir.clone().into(),
            live_text: self.effects.live_text.0.clone().into(),
            order: self.order.as_ref().filter(|_| !is_receipt),
            // Before there is a session, the loading screen says it.
            is_offline: self.checkout.is_offline() && self.order.is_some(),
        };
        frame(&texts, input, screen(&context))
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first_render: bool) {
        if self.lifetime.is_over() {
            return;
        }
        if !self.is_shown && self.has_screen() {
            self.is_shown = true;
            self.host.shown();
        }
        if !self.waiting.is_empty() {
            ctx.link().send_message(Message::Rendered);
        }
        self.effects.after_render();
        if self.effects.awaits_paint() {
            let link = ctx.link().clone();
            self.host.after_paint(move || link.send_message(Message::Painted));
        }
        self.set_countdown(ctx.link());
    }

    fn destroy(&mut self, _ctx: &Context<Self>) {
        // The effects would end what the guards end when they are dropped, right after this.
        drop(self.checkout.handle(clock::now(), Event::Destroyed));
    }
}

impl App {
    pub(crate) fn pay_refusal(&self) -> Option<PayRefusal> {
        self.checkout.pay_refusal()
    }

    /// Feeds events to the machine and performs its effects, some of which are events again.
    fn handle(&mut self, mut events: VecDeque<Event>) {
        events.extend(self.perform_waiting());
        while let Some(event) = events.pop_front() {
            diagnosis::log(&self.host, &event);
            if let Event::Answered { request, .. } = event {
                self.effects.release(request);
            }
            self.waiting.extend(self.checkout.handle(clock::now(), event).0);
            self.update_order();
            events.extend(self.perform_waiting());
        }
        if !self.lifetime.is_over() {
            self.effects.browser.set_alarm(self.checkout.next_deadline());
        }
    }

    /// Performs the effects in their order; none after a listener has unmounted the checkout.
    /// The first screen is in the DOM before the "ready" event.
    fn perform_waiting(&mut self) -> Vec<Event> {
        if self.has_screen() && !self.is_shown {
            return Vec::new();
        }
        let texts = self.texts();
        let mut answers = Vec::new();
        for effect in std::mem::take(&mut self.waiting) {
            if self.lifetime.is_over() {
                return Vec::new();
            }
            answers.extend(self.effects.perform(effect, &self.checkout, &texts));
        }
        if self.lifetime.is_over() { Vec::new() } else { answers }
    }

    /// True if there is more to show than what the loader shows while it loads.
    fn has_screen(&self) -> bool {
        !matches!(self.checkout.state(), State::Loading) || self.checkout.is_offline()
    }

    fn update_order(&mut self) {
        let Some(session) = self.checkout.session() else { return };
        let format = |amount| self.host.format_amount(amount);
        let amount = self.amount_text.get(session.amount, &self.options.lang, format);
        self.order = Some(Order::new(session, amount));
    }

    /// The texts of the current screen: with the order and the wallet that it is about.
    fn texts(&self) -> Texts {
        let texts = self.options.texts.with_wallet(wallet_of(&self.checkout));
        match &self.order {
            Some(order) => texts.with_order(order.amount.clone(), order.merchant.clone()),
            None => texts,
        }
    }

    fn copy_link(&self, link: &Scope<Self>) {
        let hosted_url = self.order.as_ref().and_then(|order| order.hosted_url.clone());
        if let Some(hosted_url) = hosted_url {
            let url = match self.checkout.state() {
                State::Guiding(guiding) => with_wallet(&hosted_url, guiding.method),
                _ => hosted_url,
            };
            let link = link.clone();
            let done = move |is_copied| link.send_message(Message::LinkCopied(is_copied));
            self.host.copy(&url, done);
        }
    }

    /// Sets the timer of the next second while a countdown is visible.
    fn set_countdown(&mut self, link: &Scope<Self>) {
        let left_ms = time_left_ms(&self.checkout, clock::now());
        let left_ms = left_ms.filter(|left_ms| self.checkout.is_visible() && *left_ms > 0);
        self.countdown = left_ms.map(|left_ms| {
            let rest_ms = u32::try_from(left_ms % 1_000).unwrap_or(0);
            let link = link.clone();
            Timeout::new(rest_ms + COUNTDOWN_MARGIN_MS, move || {
                link.send_message(Message::CountdownTick);
            })
        });
    }
}
