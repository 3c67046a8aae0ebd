//! A shopper: the widget's own state machine without a browser.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use checkout::{
    Action, BridgeOutcome, Call, Checkout, Config, Effect, Event, Fault, Millis,
    PROBLEM_MEDIA_TYPE, RequestId, State, has_media_type,
};
use contract::{BrowserCall, Environment, Flow, PaymentMethod, Problem, Session};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::backend::{Backend, KEY_HEADER, Opened, random_text};
use crate::failure::{Checked, broken};
use crate::http::Answer;
use crate::stream::Stream;

/// Limit of one step of the shopper.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// Limit of the interval of heartbeats on a stream.
const STREAM_SILENCE: Duration = Duration::from_secs(60);

/// The widget of a page.
pub(crate) struct Shopper<'a> {
    backend: &'a Backend,
    session: Opened,
    machine: Checkout,
    began: Instant,
    events: VecDeque<Event>,
    /// Answers of calls and streams that run beside the machine.
    arrivals: mpsc::UnboundedReceiver<Event>,
    report: mpsc::UnboundedSender<Event>,
    calls: Vec<(RequestId, AbortHandle)>,
    stream: Option<AbortHandle>,
}

impl<'a> Shopper<'a> {
    /// Opens the page of a session.
    pub(crate) fn new(backend: &'a Backend, session: &Opened) -> Self {
        let config = Config {
            session_id: session.id.clone(),
            environment: Environment::Desktop,
            return_url: None,
            flow: Some(Flow::QrCode),
            payment_methods: Vec::new(),
            payment_method_order: Vec::new(),
            redirect_hosts: Vec::new(),
            read_only: false,
            api_origin: origin_of(&backend.api_base).to_owned(),
            remembered: None,
            has_left: false,
            selected: None,
            visible: true,
            jitter_seed: 1,
        };
        let (machine, effects) = Checkout::new(config, Millis(0));
        let (report, arrivals) = mpsc::unbounded_channel();
        let mut shopper = Self {
            backend,
            session: session.clone(),
            machine,
            began: Instant::now(),
            events: VecDeque::new(),
            arrivals,
            report,
            calls: Vec::new(),
            stream: None,
        };
        shopper.perform(effects.0);
        shopper
    }

    /// Waits until the machine is in a state, given by its public name.
    ///
    /// # Errors
    /// The state is not reached in time.
    pub(crate) async fn is(&mut self, state: &str) -> Checked {
        let wait = async {
            while self.machine.state().name() != state {
                self.step().await;
            }
        };
        let is_late = timeout(STEP_TIMEOUT, wait).await.is_err();
        if !is_late {
            return Ok(());
        }
        let found = self.machine.state().name();
        let seconds = STEP_TIMEOUT.as_secs();
        Err(broken(format!("the widget is {found:?} after {seconds} s, should be {state:?}")))
    }

    /// Selects a wallet, presses "pay" and returns the code.
    ///
    /// # Errors
    /// No code is shown in time.
    pub(crate) async fn pay(&mut self, method: PaymentMethod) -> Checked<String> {
        self.is("selecting").await?;
        self.tell(Event::Selected(method));
        self.tell(Event::PayRequested);
        self.is("awaiting").await?;
        match self.machine.state() {
            State::Awaiting(awaiting) => match &awaiting.action {
                Action::QrCode { data, .. } => Ok(data.clone()),
                other => Err(broken(format!("a desktop was given {other:?}, and no QR code"))),
            },
            other => Err(broken(format!("the widget is {:?}", other.name()))),
        }
    }

    /// Handles an event and performs its effects.
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
        while let Some(event) = self.events.pop_front() {
            let effects = self.machine.handle(self.now(), event);
            self.perform(effects.0);
        }
    }

    fn now(&self) -> Millis {
        Millis(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Waits for an answer or for the machine's next deadline.
    async fn step(&mut self) {
        let deadline = self.machine.next_deadline();
        let wait = deadline.map_or(STEP_TIMEOUT, |at| {
            Duration::from_millis(at.0.saturating_sub(self.now().0).saturating_add(1))
        });
        tokio::select! {
            Some(event) = self.arrivals.recv() => self.tell(event),
            () = sleep(wait) => self.tell(Event::Tick),
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(request, call) => self.send(request, call),
                Effect::Abort(request) => {
                    let aborted = self.calls.extract_if(.., |(id, _)| *id == request);
                    aborted.for_each(|(_, call)| call.abort());
                }
                Effect::OpenStream => self.open_stream(),
                Effect::CloseStream => self.close_stream(),
                Effect::AskPage { question, .. } => {
                    self.events.push_back(Event::PageAnswered { question, is_allowed: true });
                }
                Effect::TakeKey { question, .. } => {
                    let key = random_text().ok();
                    self.events.push_back(Event::KeyTaken { question, key });
                }
                Effect::InvokeBridge(..) => {
                    self.events.push_back(Event::BridgeReturned(BridgeOutcome::Refused));
                }
                Effect::Navigate(_)
                | Effect::SubmitForm(..)
                | Effect::Remember(_)
                | Effect::Forget
                | Effect::Emit(_)
                | Effect::Announce(_)
                | Effect::ClearAnnouncement
                | Effect::FocusScreen
                | Effect::FocusFirstField => {}
            }
        }
    }

    fn send(&mut self, request: RequestId, call: Call) {
        let browser_call = match &call {
            Call::Read => BrowserCall::Read,
            Call::Start(..) => BrowserCall::Start,
            Call::Refresh(id) => BrowserCall::Refresh(id),
            Call::Check(id) => BrowserCall::Check(id),
            Call::Cancel(id) => BrowserCall::Cancel(id),
        };
        let mut sent = self.backend.call(&self.session, browser_call);
        if let Call::Start(start, key) = &call {
            let body = serde_json::to_vec(start).unwrap_or_default();
            sent = sent.header(KEY_HEADER, key).json(body);
        }
        let (client, report) = (self.backend.client.clone(), self.report.clone());
        let task = tokio::spawn(async move {
            let answer = match sent.send(&client).await {
                Ok(answer) => read(&answer),
                Err(_) => Err(Fault::connection()),
            };
            report.send(Event::Answered { request, answer }).ok();
        });
        self.calls.push((request, task.abort_handle()));
    }

    fn open_stream(&mut self) {
        self.close_stream();
        // The task needs its own connection to the backend.
        let call = self.backend.call(&self.session, BrowserCall::Events);
        let (client, report) = (self.backend.client.clone(), self.report.clone());
        let task = tokio::spawn(async move {
            let stream = Stream::from_call(&client, call).await;
            if let Ok(mut stream) = stream {
                report.send(Event::StreamAlive).ok();
                while let Ok(session) = stream.next(STREAM_SILENCE).await {
                    report.send(Event::StreamSession(Box::new(session))).ok();
                }
            }
            report.send(Event::StreamEnded { fault: None }).ok();
        });
        self.stream = Some(task.abort_handle());
    }

    fn close_stream(&mut self) {
        if let Some(stream) = self.stream.take() {
            stream.abort();
        }
    }
}

impl Drop for Shopper<'_> {
    fn drop(&mut self) {
        self.close_stream();
        self.calls.drain(..).for_each(|(_, call)| call.abort());
    }
}

/// The session in an answer, or its fault, as the widget reads it.
fn read(answer: &Answer) -> Result<Box<Session>, Fault> {
    if (200..300).contains(&answer.status) {
        let mut json = serde_json::Deserializer::from_slice(&answer.body);
        return contract::read(&mut json).map_err(|error| Fault::unreadable(&error.to_string()));
    }
    let is_problem = has_media_type(Some(answer.header("content-type")), PROBLEM_MEDIA_TYPE);
    let problem: Option<Problem> =
        if is_problem { serde_json::from_slice(&answer.body).ok() } else { None };
    Err(Fault::answer(answer.status, Some(answer.header("retry-after")), problem))
}

/// `scheme://host:port` of an address.
fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end =
        address.get(host..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| host + at);
    address.get(..end).unwrap_or(address)
}
