//! The browser at the widget's edge: requests, stream, timers, storage, bridges, navigation.
//!
//! Everything that is started here is a guard that ends it when it is dropped, so dropping
//! [`Browser`] leaves no request, stream, timer or listener behind.

mod bridges;
pub(crate) mod clock;
pub(crate) mod focus;
mod http;
pub(crate) mod json;
mod navigation;
pub(crate) mod random;
pub(crate) mod storage;
mod stream;
mod timers;
pub(crate) mod visibility;

use checkout::{Call, Event, Intent, Millis, RequestId};
use contract::{ClientSecret, NameValue, PaymentMethod};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use http::{AbortGuard, Api};

/// The browser's interfaces that one checkout uses. What happens is reported as an [`Event`].
pub(crate) struct Browser {
    report: Callback<Event>,
    api: Api,
    session_id: String,
    /// The intent that [`storage`] keeps for this checkout.
    intent: Option<Intent>,
    /// A promise of the `Response` of reading the session.
    prefetched: Option<JsValue>,
    requests: Vec<(RequestId, AbortGuard)>,
    stream: Option<stream::Stream>,
    last_event_id: stream::LastEventId,
    alarm: Option<Timeout>,
    bridge: Option<bridges::PendingCall>,
    _listeners: Vec<EventListener>,
}

impl Browser {
    pub(crate) fn new(
        api_base: &str,
        client_secret: &ClientSecret,
        intent: Option<Intent>,
        prefetched: Option<JsValue>,
        report: Callback<Event>,
    ) -> Self {
        Self {
            api: Api::new(api_base, client_secret),
            session_id: client_secret.session_id().to_owned(),
            intent,
            prefetched,
            requests: Vec::new(),
            stream: None,
            last_event_id: stream::LastEventId::default(),
            alarm: None,
            bridge: None,
            _listeners: visibility::listen(&report),
            report,
        }
    }

    /// Sends a request and reports [`Event::Answered`], unless it is aborted before.
    pub(crate) fn send(&mut self, request: RequestId, call: Call) {
        // The loader has read the session already, while this module was loaded.
        let prefetched = if call == Call::Read { self.prefetched.take() } else { None };
        let prefetched = prefetched.map(|promise| Promise::resolve(&promise));
        let guard = AbortGuard::new();
        let answer = http::exchange(&self.api, call, prefetched, guard.as_ref());
        self.requests.extend(guard.map(|guard| (request, guard)));
        let report = self.report.clone();
        spawn_local(async move {
            report.emit(Event::Answered { request, answer: answer.await });
        });
    }

    /// Aborts a request, or drops the guard of one that was answered.
    pub(crate) fn abort(&mut self, request: RequestId) {
        self.requests.retain(|(id, _)| *id != request);
    }

    pub(crate) fn open_stream(&mut self) {
        self.stream = stream::Stream::open(&self.api, &self.last_event_id, &self.report);
    }

    pub(crate) fn close_stream(&mut self) {
        self.stream = None;
    }

    /// Reports [`Event::Tick`] at the machine's next deadline. Sets the timer again even for the
    /// same deadline: a browser may have fired it early.
    pub(crate) fn set_alarm(&mut self, deadline: Option<Millis>) {
        self.alarm = deadline.map(|deadline| timers::alarm(deadline, &self.report));
    }

    /// Leaves for a gateway's page. None if the browser does not go.
    pub(crate) fn navigate(&self, url: &str) -> Option<()> {
        storage::mark_left(&self.session_id);
        navigation::assign(url)
    }

    /// Leaves for a gateway's page by a form. None if the browser does not go.
    pub(crate) fn submit_form(&self, url: &str, fields: &[NameValue]) -> Option<()> {
        storage::mark_left(&self.session_id);
        navigation::submit_form(url, fields)
    }

    pub(crate) fn invoke_bridge(&mut self, method: PaymentMethod, fields: &[NameValue]) {
        storage::mark_back(&self.session_id);
        self.bridge = bridges::invoke(method, fields, &self.report);
    }

    pub(crate) fn remember(&mut self, intent: Intent) {
        storage::remember(&self.session_id, &intent);
        self.intent = Some(intent);
    }

    pub(crate) fn forget(&mut self) {
        storage::forget(&self.session_id, self.intent.take().as_ref());
    }
}
