//! One tab: the widget's state machine, and a driver that performs its effects.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use checkout::{
    Action, Awaiting, Checkout, Config, Effect, Effects, Event, Fault, HostEvent, Millis,
    RequestId, State,
};
use contract::{NameValue, PaymentMethod};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::api::Api;
use crate::plan::Plan;
use crate::route::Browser;
use crate::storage::Storage;
use crate::stream::{self, LastEventId};

/// An event for a page.
#[derive(Debug)]
pub(crate) struct PageEvent {
    pub(crate) page: u32,
    /// The stream that sent it; the event is ignored if that stream was closed since.
    stream: Option<u32>,
    event: Event,
}

/// A tab. Dropping it ends its requests and its stream.
pub(crate) struct Page {
    pub(crate) id: u32,
    pub(crate) checkout: Checkout,
    pub(crate) storage: Storage,
    /// The browser in which it is open.
    pub(crate) browser: Browser,
    /// Set if the machine navigated away.
    pub(crate) leaving: Option<Leaving>,
    /// Set if the machine called a wallet's bridge.
    pub(crate) calling: Option<BridgeCall>,
    /// The number of requests after the session's end.
    pub(crate) asked_late: u32,
    /// Lines for the shopper's trace.
    pub(crate) log: Vec<String>,
    /// The number of integration errors shown for an answer of the backend.
    pub(crate) integration_errors: u32,
    has_read: bool,
    api: Arc<Api>,
    sender: UnboundedSender<PageEvent>,
    requests: HashMap<RequestId, AbortHandle>,
    stream: Option<AbortHandle>,
    streams: u32,
    last_event_id: LastEventId,
    /// Makes the keys of this page.
    keys: KeyMint,
    /// Milliseconds by which this tab's monotonic clock is behind, because the device slept.
    pub(crate) behind_ms: u64,
}

/// Makes idempotency keys that no other page makes.
#[derive(Clone, Debug)]
pub(crate) struct KeyMint {
    /// The prefix of this page's keys.
    pub(crate) prefix: String,
    /// True if tabs share their intents to pay.
    pub(crate) is_shared: bool,
    pub(crate) minted: u32,
}

impl KeyMint {
    fn mint(&mut self) -> String {
        self.minted += 1;
        format!("{}-{}", self.prefix, self.minted)
    }
}

/// A navigation to a gateway's page or to a wallet's app.
#[derive(Clone, Debug)]
pub(crate) struct Leaving {
    pub(crate) url: String,
    /// The payment that it is for.
    pub(crate) payment_id: String,
}

/// A call of a wallet's bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeCall {
    pub(crate) method: PaymentMethod,
    pub(crate) fields: Vec<NameValue>,
    /// The payment that it is for.
    pub(crate) payment_id: String,
}

/// A code on a screen that a phone can scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scannable {
    /// The text of a code.
    Code(String),
    /// The address of the framed cashier, which displays the code.
    Frame(String),
}

impl Page {
    /// Loads the page with the content of its storage.
    pub(crate) fn load(
        id: u32,
        api: &Arc<Api>,
        plan: &Plan,
        browser: Browser,
        storage: Storage,
        keys: KeyMint,
        sender: UnboundedSender<PageEvent>,
    ) -> Self {
        let config = Config {
            session_id: api.session_id.clone(),
            environment: browser.environment(),
            return_url: Some(RETURN_URL.to_owned()),
            flow: plan.route.flow,
            payment_methods: Vec::new(),
            payment_method_order: Vec::new(),
            read_only: false,
            api_origin: api.world.merchant.clone(),
            redirect_hosts: Vec::new(),
            remembered: storage.remembered(),
            has_left: storage.has_left(),
            selected: None,
            visible: true,
            jitter_seed: plan.jitter.wrapping_add(id),
        };
        let now = Millis(api.world.clock.now_ms());
        let (checkout, effects) = Checkout::new(config, now);
        let mut page = Self {
            id,
            checkout,
            storage,
            browser,
            leaving: None,
            calling: None,
            asked_late: 0,
            log: Vec::new(),
            integration_errors: 0,
            has_read: false,
            api: Arc::clone(api),
            sender,
            requests: HashMap::new(),
            stream: None,
            streams: 0,
            last_event_id: LastEventId::default(),
            keys,
            behind_ms: 0,
        };
        // No question is asked before the session is loaded.
        page.perform(effects);
        page
    }

    /// Passes an event to the machine and performs its effects.
    pub(crate) fn handle(&mut self, event: Event) {
        if let Event::Answered { request, answer } = &event {
            self.requests.remove(request);
            self.has_read |= answer.is_ok();
            if let Err(fault) = answer {
                self.log.push(format!("answer: {}", fault.code));
            }
        }
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.now();
            let effects = self.checkout.handle(now, event);
            events.extend(self.perform(effects));
        }
    }

    /// Handles an event from the network, unless its stream was closed since.
    pub(crate) fn handle_page_event(&mut self, event: PageEvent) {
        let is_current =
            event.stream.is_none_or(|stream| self.stream.is_some() && stream == self.streams);
        if is_current {
            self.handle(event.event);
        }
    }

    /// Returns the machine's next deadline, on the shared clock.
    pub(crate) fn wake_at_ms(&self) -> Option<u64> {
        self.checkout.next_deadline().map(|at| at.0.saturating_add(self.behind_ms))
    }

    /// Returns the code on the screen, or in the gateway's frame.
    pub(crate) fn scannable(&self) -> Option<Scannable> {
        match self.action()? {
            Action::QrCode { data, .. } => Some(Scannable::Code(data.clone())),
            Action::Frame { url, .. } => Some(Scannable::Frame(url.clone())),
            _ => None,
        }
    }

    /// Returns the next action on the screen.
    pub(crate) fn action(&self) -> Option<&Action> {
        match self.checkout.state() {
            State::Awaiting(Awaiting { action, .. }) => Some(action),
            _ => None,
        }
    }

    /// True if an answer, an event or a deadline is still to come.
    pub(crate) fn is_watching(&self) -> bool {
        self.is_asking() || self.stream.is_some() || self.wake_at_ms().is_some()
    }

    /// True if the screen shows a final state.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self.checkout.state(),
            State::Succeeded | State::Expired | State::Canceled { session_over: true }
        )
    }

    /// True if an answer has come since [`Page::forget_read`], or nothing more can come.
    pub(crate) fn has_read(&self) -> bool {
        self.has_read || *self.checkout.state() == State::Succeeded
    }

    pub(crate) fn forget_read(&mut self) {
        self.has_read = false;
    }

    /// True if an answer is awaited.
    pub(crate) fn is_asking(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Fails everything under way, as a lost network connection does.
    pub(crate) fn cut(&mut self) {
        let requests: Vec<RequestId> = self.requests.keys().copied().collect();
        for request in requests {
            if let Some(handle) = self.requests.remove(&request) {
                handle.abort();
                self.handle(Event::Answered { request, answer: Err(Fault::connection()) });
            }
        }
        if let Some(handle) = self.stream.take() {
            handle.abort();
            self.handle(Event::StreamEnded { fault: Some(Fault::connection()) });
        }
    }

    fn now(&self) -> Millis {
        Millis(self.api.world.clock.now_ms().saturating_sub(self.behind_ms))
    }

    /// Performs effects, and returns the answers to the machine's questions: this page allows
    /// everything, and no other tab holds the lock.
    fn perform(&mut self, effects: Effects) -> Vec<Event> {
        let mut answers = Vec::new();
        let payment_id = match self.checkout.state() {
            State::Awaiting(awaiting) => awaiting.payment_id.clone(),
            _ => String::new(),
        };
        for effect in effects.0 {
            match effect {
                Effect::Send(request, call) => self.send(request, call),
                Effect::Abort(request) => {
                    if let Some(handle) = self.requests.remove(&request) {
                        handle.abort();
                        self.log.push("request given up".to_owned());
                    }
                }
                Effect::OpenStream => self.open_stream(),
                Effect::CloseStream => self.close_stream(),
                Effect::Navigate(url) => {
                    self.storage.mark_left();
                    let payment_id = payment_id.clone();
                    self.leaving = Some(Leaving { url, payment_id });
                }
                Effect::InvokeBridge(method, fields) => {
                    self.storage.mark_back();
                    let payment_id = payment_id.clone();
                    self.calling = Some(BridgeCall { method, fields, payment_id });
                }
                Effect::Remember(intent) => self.storage.remember(intent),
                Effect::Forget => self.storage.forget(),
                Effect::Emit(HostEvent::StateChange(from, to, reason)) => {
                    self.log.push(format!("{from} > {to} ({reason})"));
                }
                Effect::Emit(HostEvent::PaymentFailed(code)) => {
                    self.log.push(format!("failed: {code}"));
                }
                Effect::Emit(HostEvent::Error(fault) | HostEvent::LoadError(fault)) => {
                    self.integration_errors +=
                        u32::from(fault.code == contract::code::NEXT_ACTION_REFUSED);
                    self.log.push(format!("error: {}", fault.code));
                }
                Effect::AskPage { question, .. } => {
                    answers.push(Event::PageAnswered { question, is_allowed: true });
                }
                Effect::TakeKey { question, method } => {
                    let key = Some(self.take_key(method));
                    answers.push(Event::KeyTaken { question, key });
                }
                _ => {}
            }
        }
        answers
    }

    /// Returns the key of an intent, which the tabs share unless their storage is forbidden.
    fn take_key(&mut self, method: PaymentMethod) -> String {
        let fresh_key = self.keys.mint();
        if self.keys.is_shared { self.storage.share(method, fresh_key) } else { fresh_key }
    }

    fn send(&mut self, request: RequestId, call: checkout::Call) {
        let (api, sender, page) = (Arc::clone(&self.api), self.sender.clone(), self.id);
        let fault = api.next_fault(&call);
        self.asked_late += u32::from(api.world.clock.now_ms() > api.ends_at_ms);
        let task = tokio::spawn(async move {
            let answer = api.exchange(call, fault).await;
            // Fails if the shopper has ended.
            let _ = sender.send(PageEvent {
                page,
                stream: None,
                event: Event::Answered { request, answer },
            });
        });
        self.requests.insert(request, task.abort_handle());
    }

    fn open_stream(&mut self) {
        self.close_stream();
        self.streams += 1;
        let (api, sender) = (Arc::clone(&self.api), self.sender.clone());
        let (page, stream) = (self.id, self.streams);
        let last_event_id = Arc::clone(&self.last_event_id);
        let fault = api.next_stream_fault();
        let task = tokio::spawn(async move {
            let tell = |event| {
                let _ = sender.send(PageEvent { page, stream: Some(stream), event });
            };
            let ended = stream::follow(&api, fault, &last_event_id, tell).await;
            tell(Event::StreamEnded { fault: ended.err() });
        });
        self.stream = Some(task.abort_handle());
    }

    fn close_stream(&mut self) {
        if let Some(handle) = self.stream.take() {
            handle.abort();
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for handle in self.requests.values() {
            handle.abort();
        }
        self.close_stream();
    }
}

/// The page that embeds the widget, on the host that the sandbox has registered for H5. Nothing
/// listens there: a return reloads the page.
pub(crate) const RETURN_URL: &str = "http://127.0.0.1:8080/pay";
