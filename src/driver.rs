//! The driver: carries the machine's effects out, and reports what the browser does.
//!
//! Everything here is a guard that ends what it began when it is dropped, so that dropping
//! the driver leaves no request, stream, timer or listener behind.

mod bridge;
pub(crate) mod clock;
mod http;
mod navigate;
mod page;
mod random;
mod sse;
mod storage;
mod stream;
mod task;
mod timer;
mod wire;

use checkout::{Call, Event, Intent, Millis, RequestId};
use contract::{Environment, NameValue, PaymentMethod, StartPayment};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use yew::Callback;

pub(crate) use page::{is_visible, visibility};
pub(crate) use random::seed;
pub(crate) use timer::Timeout;
pub(crate) use wire::session;

use crate::options::{Kept, Options};
use http::{Aborter, Api};

/// The browser at the widget's edge.
pub(crate) struct Driver {
    report: Callback<Event>,
    api: Api,
    session_id: String,
    /// What [`storage`] keeps for this checkout, perhaps from another tab.
    intent: Option<Intent>,
    prefetched: Option<Promise>,
    requests: Vec<(RequestId, Aborter)>,
    stream: Option<stream::Stream>,
    last_event_id: stream::LastEventId,
    alarm: timer::Alarm,
    bridge: Option<bridge::Waiting>,
    _listeners: Vec<page::Listener>,
}

impl Driver {
    pub(crate) fn new(
        options: &Options,
        remembered: Option<Intent>,
        prefetched: Option<Promise>,
        report: Callback<Event>,
    ) -> Self {
        Self {
            api: Api::new(options),
            session_id: options.secret.session_id().to_owned(),
            intent: remembered,
            prefetched,
            requests: Vec::new(),
            stream: None,
            last_event_id: stream::LastEventId::default(),
            alarm: timer::Alarm::default(),
            bridge: None,
            _listeners: page::listen(&report),
            report,
        }
    }

    /// Sends a request and reports [`Event::Answered`], unless it is given up before.
    pub(crate) fn send(&mut self, request: RequestId, call: Call) {
        let report = self.report.clone();
        let is_read = matches!(call, Call::Read);
        // The loader has asked for the session already, while this module was on its way.
        let prefetched = if is_read { self.prefetched.take() } else { None };
        let aborter = Aborter::new();
        let answer = http::exchange(&self.api, call, prefetched, aborter.as_ref());
        if let Some(aborter) = aborter {
            self.requests.push((request, aborter));
        }
        task::spawn(async move {
            let answer = answer.await;
            report.emit(Event::Answered { request, answer });
        });
    }

    /// Makes the request that starts a payment, and sends it nowhere.
    pub(crate) fn rehearse(&self) {
        let start = StartPayment {
            payment_method: PaymentMethod::WechatPay,
            environment: Environment::Desktop,
            flow: None,
            return_url: None,
        };
        http::request(&self.api, &Call::Start(start, String::new()), None).ok();
    }

    /// Gives a request up, or lets go of one that was answered.
    pub(crate) fn abort(&mut self, request: RequestId) {
        self.requests.retain(|(id, _)| *id != request);
    }

    pub(crate) fn open_stream(&mut self) {
        let report = self.report.clone();
        self.stream = stream::Stream::open(&self.api, &self.last_event_id, report);
    }

    pub(crate) fn close_stream(&mut self) {
        self.stream = None;
    }

    /// Wakes the machine at its next deadline.
    pub(crate) fn set_alarm(&mut self, deadline: Option<Millis>) {
        self.alarm.set(deadline, &self.report);
    }

    pub(crate) fn navigate(&self, url: &str) {
        storage::mark_left(&self.session_id);
        if navigate::assign(url).is_none() {
            self.report.emit(Event::NavigationStopped);
        }
    }

    pub(crate) fn submit_form(&self, url: &str, fields: &[NameValue]) {
        storage::mark_left(&self.session_id);
        if navigate::submit_form(url, fields).is_none() {
            self.report.emit(Event::NavigationStopped);
        }
    }

    pub(crate) fn invoke_bridge(&mut self, method: PaymentMethod, fields: &[NameValue]) {
        storage::mark_back(&self.session_id);
        self.bridge = bridge::invoke(method, fields, &self.report);
    }

    pub(crate) fn remember(&mut self, intent: Intent) {
        storage::remember(&self.session_id, &intent);
        self.intent = Some(intent);
    }

    pub(crate) fn forget(&mut self) {
        storage::forget(&self.session_id, self.intent.take().as_ref());
    }
}

/// Does something in the next microtask.
pub(crate) fn later(then: impl FnOnce() + 'static) {
    task::spawn(async move {
        task::Settled::of(Promise::resolve(&JsValue::UNDEFINED)).await.ok();
        then();
    });
}

/// The key for a new intent to pay: the other tabs' where they have the same intent. None where
/// the browser has no randomness, and then nothing can be paid safely.
pub(crate) fn key(session_id: &str, payment_method: PaymentMethod) -> Option<String> {
    random::fresh_key().map(|fresh_key| storage::share(session_id, payment_method, fresh_key))
}

/// What an earlier life of this page left behind.
pub(crate) fn kept(options: &Options) -> Kept {
    let session_id = options.secret.session_id();
    Kept { remembered: storage::remembered(session_id), has_left: storage::has_left(session_id) }
}
