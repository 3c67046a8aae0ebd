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
use crate::view::{Frame, ScreenInput, screen, wallet_of};

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
    /// Created once, so that components whose other props are the same are not rendered again.
    on_event: Callback<Event>,
    on_copy: Callback<MouseEvent>,
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
            report.clone(),
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
            on_event: report,
            on_copy: ctx.link().callback(|_| Message::CopyLink),
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
            Message::OptionsChanged(options) => {
                self.options = options;
                let config = self.options.config(PageState::default());
                self.handle(VecDeque::from([Event::Reconfigured(Box::new(config))]));
            }
        }
        self.effects.before_render();
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let (checkout, options, order) = (&self.checkout, &self.options, self.order.as_ref());
        let state = checkout.state();
        let is_receipt = matches!(state, State::Succeeded);
        let screen_input = ScreenInput {
            checkout,
            options,
            host: &self.host,
            order,
            now: clock::now(),
            on_event: &self.on_event,
            on_copy: &self.on_copy,
            is_copied: self.is_copied,
        };
        html! {
            <ContextProvider<Texts> context={self.texts()}>
                <Frame
                    state={state.name()}
                    screen={state.screen_name()}
                    lang={options.lang.clone()}
                    dir={options.dir.clone()}
                    live_text={self.effects.live_text.0.clone()}
                    order={order.filter(|_| !is_receipt).cloned()}
                    // Before there is a session, the loading screen says it.
                    is_offline={checkout.is_offline() && order.is_some()}
                >
                    { screen(&screen_input) }
                </Frame>
            </ContextProvider<Texts>>
        }
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
}
