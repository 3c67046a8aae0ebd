//! The checkout's state machine under any sequence of events: the assumptions of its driver hold
//! after each event, and in the end it settles.

mod script;
mod settle;

use std::collections::BTreeMap;

use checkout::{
    Call, Checkout, Config, Effect, Event, HostEvent, Intent, Millis, PageQuestion, QuestionId,
    RequestId, State, is_allowed_address, is_app_address,
};
use contract::{PaymentMethod, Session, SessionStatus};

use super::address;
use crate::input::Input;

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let offered = script::offered(&mut input);
    let mut stage = Stage::new(script::config(&mut input), offered);
    while !input.is_empty() && stage.steps < MOST_STEPS {
        stage.steps += 1;
        stage.step(&mut input);
    }
    stage.settle();
}

/// A machine, with a model of its driver.
struct Stage {
    machine: Checkout,
    config: Config,
    /// The wallets of the session, which do not change.
    offered: Vec<PaymentMethod>,
    now: Millis,
    steps: u32,
    /// The state in the last event to the page.
    told: &'static str,
    in_flight: Option<(RequestId, Call)>,
    last_request: Option<RequestId>,
    /// The last question, if it has no answer yet.
    question: Option<Question>,
    last_question: Option<QuestionId>,
    /// The address of the last navigation that the page has allowed.
    allowed_url: Option<String>,
    sends: u32,
    is_streaming: bool,
    is_visible: bool,
    is_tick: bool,
    /// The intent that survives a reload.
    intent: Option<Intent>,
    /// Every key with which a payment was started, and its wallet.
    keys: BTreeMap<String, PaymentMethod>,
    minted: u32,
    /// True if the last start got no answer, and no session has arrived since.
    is_start_unknown: bool,
    is_ready: bool,
    is_paid: bool,
    /// True if the events are printed: `FUZZ_TRACE=1 cargo run -p fuzz -- machine --input FILE`.
    is_traced: bool,
}

/// A question without an answer; `about` is `None` for a question about the key.
struct Question {
    id: QuestionId,
    about: Option<PageQuestion>,
}

impl Stage {
    fn new(config: Config, offered: Vec<PaymentMethod>) -> Self {
        let now = Millis(1_000);
        let (machine, effects) = Checkout::new(config.clone(), now);
        let mut stage = Self {
            machine,
            offered,
            now,
            steps: 0,
            told: "loading",
            in_flight: None,
            last_request: None,
            question: None,
            last_question: None,
            allowed_url: None,
            sends: 0,
            is_streaming: false,
            is_visible: config.visible,
            is_tick: false,
            intent: config.remembered.clone(),
            keys: BTreeMap::new(),
            minted: 0,
            is_start_unknown: false,
            is_ready: false,
            is_paid: false,
            is_traced: std::env::var_os("FUZZ_TRACE").is_some(),
            config,
        };
        stage.perform(effects.0, None);
        stage.check();
        stage
    }

    fn step(&mut self, input: &mut Input<'_>) {
        match script::step(input) {
            script::Step::Event(event) => self.apply(event),
            script::Step::Pay => {
                self.apply(Event::PayRequested);
                // The answers of the page and of the lock.
                self.reply(true);
                self.reply(true);
            }
            script::Step::Reply(is_allowed) => self.reply(is_allowed),
            script::Step::StaleReply => {
                let question = QuestionId(u32::MAX);
                let before = self.machine.state().clone();
                self.apply(Event::PageAnswered { question, is_allowed: true });
                self.apply(Event::KeyTaken { question, key: Some("stale".to_owned()) });
                assert_eq!(&before, self.machine.state(), "moved by what nobody asked");
            }
            script::Step::Answer => {
                let session = self.session(input);
                self.answer(Ok(Box::new(session)));
            }
            script::Step::Fail => self.answer(Err(script::fault(input))),
            script::Step::Repeat => {
                // An answer to an earlier request, or to none.
                let request = RequestId(u32::from(input.u16()));
                let is_awaited = self.in_flight.as_ref().is_some_and(|(id, _)| *id == request);
                let answer = Ok(Box::new(self.session(input)));
                let before = self.machine.state().clone();
                if !is_awaited {
                    self.apply(Event::Answered { request, answer });
                    assert_eq!(&before, self.machine.state(), "moved by what nobody asked");
                }
            }
            script::Step::Stream => {
                let session = Box::new(self.session(input));
                if self.is_streaming {
                    self.apply(Event::StreamSession(session));
                } else {
                    // The preloaded session may come late, or be of another session.
                    self.apply(Event::Preloaded(session));
                }
            }
            script::Step::Reconfigure => {
                let fresh = script::config(input);
                let config = Config {
                    session_id: self.config.session_id.clone(),
                    api_origin: self.config.api_origin.clone(),
                    ..fresh
                };
                self.config = config.clone();
                self.apply(Event::Reconfigured(Box::new(config)));
            }
            script::Step::Wait(ms) => self.wait(ms),
            // The device slept: the time has passed and no timer has fired.
            script::Step::Sleep(ms) => self.now = self.now.plus(ms),
        }
    }

    /// Answers the last question, which the machine may have dropped.
    fn reply(&mut self, is_allowed: bool) {
        let Some(Question { id, about }) = self.question.take() else { return };
        match about {
            None => {
                let key = is_allowed.then(|| {
                    self.minted += 1;
                    format!("key_{}", self.minted)
                });
                self.apply(Event::KeyTaken { question: id, key });
            }
            Some(about) => {
                self.allowed_url = match about {
                    PageQuestion::BeforeRedirect { url } if is_allowed => Some(url),
                    PageQuestion::BeforeRedirect { .. } | PageQuestion::Submit(_) => None,
                };
                self.apply(Event::PageAnswered { question: id, is_allowed });
                self.allowed_url = None;
            }
        }
    }

    fn ask(&mut self, id: QuestionId, about: Option<PageQuestion>) {
        assert!(self.last_question.is_none_or(|last| last < id), "{id:?} was asked before");
        self.last_question = Some(id);
        self.question = Some(Question { id, about });
    }

    fn session(&self, input: &mut Input<'_>) -> Session {
        script::session(input, self.now, self.offered.clone())
    }

    fn answer(&mut self, answer: Result<Box<Session>, checkout::Fault>) {
        let Some((request, call)) = self.in_flight.take() else { return };
        let own = answer.as_ref().ok().filter(|session| session.id == self.config.session_id);
        if matches!(call, Call::Start(..)) {
            self.is_start_unknown = match &answer {
                Ok(_) => own.is_none(),
                Err(fault) => fault.retryable,
            };
        } else if own.is_some() {
            self.is_start_unknown = false;
        }
        let known = self.machine.session().map_or(0, |session| session.revision);
        let is_paid = own.is_some_and(|session| {
            session.status == SessionStatus::Complete && session.revision >= known
        });
        self.apply(Event::Answered { request, answer });
        assert!(!is_paid || self.is_paid, "paid, and {:?} is shown", self.machine.state());
    }

    fn apply(&mut self, event: Event) {
        match &event {
            Event::PageShown => self.is_visible = true,
            Event::PageHidden => self.is_visible = false,
            Event::StreamEnded { .. } => self.is_streaming = false,
            _ => {}
        }
        self.is_tick = matches!(event, Event::Tick);
        let press = match &event {
            Event::KeyTaken { key: Some(key), .. } => Some(Some(key.clone())),
            Event::PageAnswered { is_allowed: true, .. } => Some(None),
            _ => None,
        };
        if self.is_traced {
            eprintln!("{:?} {event:?}", self.now);
        }
        let effects = self.machine.handle(self.now, event);
        if self.is_traced {
            eprintln!("    {:?}\n    {:?}", self.machine.state(), effects.0);
        }
        self.perform(effects.0, press.as_ref().map(Option::as_deref));
        self.check();
    }

    /// Performs effects as the driver does, and panics at an invalid one. `press` is set if a press
    /// on "pay" was answered, with its key if the question was about the key.
    fn perform(&mut self, effects: Vec<Effect>, press: Option<Option<&str>>) {
        for effect in effects {
            match effect {
                Effect::Send(id, call) => self.send(id, call, press.is_some()),
                Effect::Abort(id) => {
                    let aborted = self.in_flight.take();
                    let Some((open, call)) = aborted else { panic!("{id:?} is not in flight") };
                    assert_eq!(open, id, "another request is in flight");
                    self.is_start_unknown |= matches!(call, Call::Start(..));
                }
                Effect::OpenStream => {
                    assert!(!self.is_streaming, "a second stream");
                    assert!(self.is_visible, "a stream while nobody looks");
                    self.is_streaming = true;
                }
                Effect::CloseStream => {
                    assert!(self.is_streaming, "a stream that is not open is closed");
                    self.is_streaming = false;
                }
                // The app on the same phone.
                Effect::AskPage { question, about } => self.ask(question, Some(about)),
                Effect::TakeKey { question, method } => {
                    assert!(self.machine.methods().contains(&method), "{method} is not offered");
                    self.ask(question, None);
                }
                Effect::Navigate(url) if is_app_address(&url) => {
                    assert_eq!(self.allowed_url.take().as_ref(), Some(&url), "left unasked");
                    assert!(url.starts_with("alipays://platformapi/startapp?"), "opens {url:?}");
                }
                Effect::Navigate(url) | Effect::SubmitForm(url, _) => {
                    assert_eq!(self.allowed_url.take().as_ref(), Some(&url), "left unasked");
                    let api_origin = &self.config.api_origin;
                    assert!(is_allowed_address(&url, api_origin, &[]), "leads to {url:?}");
                    address::check(&url, api_origin);
                }
                Effect::Remember(intent) => {
                    let key = Some(Some(intent.key.as_str()));
                    assert_eq!(key, press, "a key that nobody minted");
                    self.intent = Some(intent);
                }
                Effect::Forget => self.intent = None,
                Effect::Emit(event) => self.hear(&event),
                Effect::InvokeBridge(..)
                | Effect::Announce(_)
                | Effect::ClearAnnouncement
                | Effect::FocusFirstField
                | Effect::FocusScreen => {}
            }
        }
        assert_eq!(self.told, self.machine.state().name(), "the page was not told");
    }

    fn send(&mut self, id: RequestId, call: Call, is_confirmed: bool) {
        assert!(self.in_flight.is_none(), "two requests at once");
        assert!(self.last_request.is_none_or(|last| last < id), "{id:?} was used before");
        // After a cancel without an answer the session is read at once: the code may still be
        // payable.
        let is_lookup = call == Call::Read && matches!(self.machine.state(), State::Closing(_));
        let is_quiet = !self.is_tick || is_lookup;
        assert!(self.is_visible || is_quiet, "{call:?} while nobody looks");
        if let Call::Start(body, key) = &call {
            let intent = Some(Intent { payment_method: body.payment_method, key: key.clone() });
            assert_eq!(self.intent, intent, "a start that a reload would not repeat");
            let first = *self.keys.entry(key.clone()).or_insert(body.payment_method);
            assert_eq!(first, body.payment_method, "{key} is used for two wallets");
            assert!(is_confirmed || !self.is_start_unknown, "started again without asking");
            if is_confirmed {
                assert!(!self.config.read_only, "started on a page that only shows");
                assert!(self.machine.methods().contains(&first), "{first} is not offered");
            }
        }
        let about = match &call {
            Call::Refresh(payment) | Call::Check(payment) | Call::Cancel(payment) => Some(payment),
            Call::Read | Call::Start(..) => None,
        };
        let payment = self.machine.session().and_then(|session| session.payment.as_ref());
        assert!(about.is_none() || about == payment.map(|payment| &payment.id), "{call:?}");
        self.sends += 1;
        self.last_request = Some(id);
        self.in_flight = Some((id, call));
    }

    fn hear(&mut self, event: &HostEvent) {
        match event {
            HostEvent::StateChange(from, to, _) => {
                assert_eq!(self.told, *from);
                assert_ne!(from, to);
                assert_ne!(*from, "succeeded", "what is paid became {to}");
                self.told = to;
            }
            HostEvent::Ready => {
                assert!(!core::mem::replace(&mut self.is_ready, true), "ready twice");
            }
            HostEvent::PaymentCompleted => {
                assert!(!core::mem::replace(&mut self.is_paid, true), "paid twice");
            }
            HostEvent::LoadError(_) => assert!(self.machine.session().is_none()),
            HostEvent::Change(method) => assert!(self.machine.methods().contains(method)),
            _ => {}
        }
    }

    /// Checks the invariants after every event.
    fn check(&self) {
        let state = self.machine.state();
        let session = self.machine.session();
        let is_complete = session.is_some_and(|session| session.status == SessionStatus::Complete);
        let is_shown = matches!(state, State::Succeeded);
        assert_eq!(is_shown, is_complete, "the backend says otherwise than {state:?}");
        assert_eq!(is_shown, self.is_paid, "the page was told otherwise than {state:?}");
        let deadline = self.machine.next_deadline();
        assert!(self.in_flight.is_none() || deadline.is_some(), "a request without a limit");
        let is_waiting = matches!(
            state,
            State::Loading | State::Starting(_) | State::Confirming(_) | State::Closing(_)
        );
        // In a state without buttons, an answer or a deadline is still to come.
        let comes = self.in_flight.is_some() || deadline.is_some();
        assert!(!is_waiting || !self.is_visible || comes, "{state:?} waits for nothing");
        let methods = self.machine.methods();
        for (at, method) in methods.iter().enumerate() {
            assert_ne!(*method, PaymentMethod::Unknown);
            assert!(!methods.iter().skip(at + 1).any(|other| other == method), "{method} twice");
            assert!(session.is_some_and(|session| session.payment_methods.contains(method)));
        }
        if let State::Selecting(selecting) = state {
            assert!(!methods.is_empty(), "a choice of nothing");
            assert!(selecting.selected.is_none_or(|method| methods.contains(&method)));
        }
        if self.machine.time_left_ms(self.now).is_some() {
            assert!(session.is_some());
        }
    }

    /// Advances the time by `ms`, and wakes the machine at each of its deadlines.
    fn wait(&mut self, ms: u64) {
        let end = self.now.plus(ms);
        while self.wake(end) {}
        self.now = end;
    }

    /// Advances to the next deadline up to `end` and wakes the machine; false if there is none.
    fn wake(&mut self, end: Millis) -> bool {
        let Some(next) = self.machine.next_deadline().filter(|next| *next <= end) else {
            return false;
        };
        self.now = self.now.max(next);
        self.apply(Event::Tick);
        let again = self.machine.next_deadline();
        assert!(again.is_none_or(|again| again > self.now), "a deadline does not pass");
        true
    }
}

const MOST_STEPS: u32 = 300;
