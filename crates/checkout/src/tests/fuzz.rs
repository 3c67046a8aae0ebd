//! Random sequences of events: the invariants hold after each, and everything settles.

use contract::{ErrorType, code};
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Event(Event),
    /// "Pay" is pressed, and everything asked is allowed at once.
    Pay,
    /// "Pay" is pressed, and the question stays open.
    Press,
    /// The open question is answered: yes or no, or with a key or none.
    Reply(bool),
    /// A question that is not open any more is answered.
    StaleReply(bool),
    Answer(Session),
    Fail(Fault),
    Stale(Session),
    Wait(u64),
}

fn any_session() -> impl Strategy<Value = Session> {
    let method = prop_oneof![Just(PaymentMethod::Alipay), Just(PaymentMethod::WechatPay)];
    let status = proptest::sample::select(PaymentStatus::ALL.to_vec());
    let paid = prop_oneof![
        3 => Just(None),
        9 => (1_u8..4, method, status, any::<bool>()).prop_map(|(id, method, status, is_qr)| {
            let id = format!("pay_{id}");
            Some(if is_qr {
                payment(&id, method, status)
            } else {
                let url = "https://openapi.alipay.com/gateway.do";
                Payment { status, payment_method: method, ..redirect(&id, url) }
            })
        }),
    ];
    let status = prop_oneof![
        12 => Just(SessionStatus::Open),
        1 => Just(SessionStatus::Complete),
        1 => Just(SessionStatus::Expired),
        1 => Just(SessionStatus::Canceled),
        1 => Just(SessionStatus::Unknown),
    ];
    (1_u32..40, status, paid)
        .prop_map(|(revision, status, payment)| Session { status, ..session(revision, payment) })
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::connection()),
        2 => Just(Fault::unreadable("test")),
        2 => Just(Fault::status(500)),
        1 => Just(Fault::status(404)),
        1 => Just(Fault::status(429).retry_after(Some(5_000))),
        1 => Just(Fault::new(ErrorType::InvalidRequest, code::SESSION_CLOSED, "t")),
        1 => Just(Fault::new(ErrorType::Idempotency, code::IDEMPOTENCY_KEY_REUSED, "t")),
        1 => Just(Fault::status(401)),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let shopper = proptest::sample::select(vec![
        Event::Selected(PaymentMethod::Alipay),
        Event::Selected(PaymentMethod::WechatPay),
        Event::SwitchRequested,
        Event::PaidClaimed,
        Event::RefreshRequested,
        Event::ContinueRequested,
        Event::CancelRequested,
        Event::RetryRequested,
        Event::PageShown,
        Event::PageHidden,
        Event::StreamAlive,
        Event::StreamEnded { fault: None },
        Event::StreamEnded { fault: Some(Fault::connection()) },
        Event::BridgeReturned(BridgeOutcome::MaybePaid),
        Event::BridgeReturned(BridgeOutcome::Refused),
        Event::Tick,
    ]);
    prop_oneof![
        6 => shopper.prop_map(Step::Event),
        2 => Just(Step::Pay),
        2 => Just(Step::Press),
        3 => prop_oneof![4 => Just(true), 1 => Just(false)].prop_map(Step::Reply),
        1 => any::<bool>().prop_map(Step::StaleReply),
        6 => any_session().prop_map(Step::Answer),
        2 => any_session().prop_map(|session| Step::Event(Event::StreamSession(Box::new(session)))),
        1 => any_session().prop_map(|session| Step::Event(Event::Preloaded(Box::new(session)))),
        2 => any_fault().prop_map(Step::Fail),
        1 => any_session().prop_map(Step::Stale),
        3 => (1_u64..60_000).prop_map(Step::Wait),
        1 => Just(Step::Wait(2_000_000)),
    ]
}

/// Checks the invariants after an event.
fn check_invariants(bench: &Bench) {
    let machine = &bench.machine;
    let status = machine.session().map(|session| session.status);
    if matches!(machine.state(), State::Succeeded) {
        assert_eq!(status, Some(SessionStatus::Complete), "success without a complete session");
        assert!(bench.emitted(&HostEvent::PaymentCompleted) == 1);
    }
    // No dead end: a state without buttons is waiting for something that will come.
    let waits = matches!(
        machine.state(),
        State::Loading | State::Starting(_) | State::Closing(_) | State::Confirming(_)
    );
    if waits && machine.is_visible() {
        let something_comes = machine.awaited().is_some() || machine.is_set(Deadline::Again);
        assert!(something_comes, "{:?} waits for nothing", machine.state());
    }
    if machine.awaited().is_some() {
        assert!(machine.is_set(Deadline::Request), "a request without a limit");
    }
    if !machine.is_visible() {
        assert!(!bench.last.contains(&Effect::OpenStream));
    }
}

/// Each request is answered, given up, or still in flight: never two at once.
fn check_single_flight(log: &[Effect], answered: &[RequestId]) {
    let mut open: Option<RequestId> = None;
    for effect in log {
        match effect {
            Effect::Send(id, _) => {
                let is_free = open.is_none_or(|open| answered.contains(&open));
                assert!(is_free, "two requests at once");
                open = Some(*id);
            }
            Effect::Abort(id) if open == Some(*id) => open = None,
            _ => {}
        }
    }
}

/// A start carries the key of the intent that was remembered last and not forgotten since.
fn check_keys(log: &[Effect]) {
    let mut key: Option<&str> = None;
    for effect in log {
        match effect {
            Effect::Remember(intent) => key = Some(&intent.key),
            Effect::Forget => key = None,
            Effect::Send(_, Call::Start(_, used)) => assert_eq!(key, Some(used.as_str())),
            _ => {}
        }
    }
}

/// A start follows a key or an intent; leaving follows the page's permission.
fn check_questions(log: &[Effect]) {
    let mut is_asked = false;
    let mut asked: Option<&str> = None;
    for effect in log {
        match effect {
            Effect::AskPage { about: PageQuestion::BeforeRedirect { url }, .. } => {
                asked = Some(url);
            }
            Effect::AskPage { about: PageQuestion::Submit(_), .. } => is_asked = true,
            Effect::TakeKey { .. } => assert!(is_asked, "a key without an asked press"),
            Effect::Navigate(url) | Effect::SubmitForm(url, _) => {
                assert_eq!(asked.take(), Some(url.as_str()), "left without asking");
            }
            _ => {}
        }
    }
}

/// After it was destroyed no event has an effect.
fn check_silence(bench: &mut Bench) {
    let (answer, open) = (session(99, None), question(bench));
    bench.event(Event::Destroyed);
    let clean = |effect: &Effect| matches!(effect, Effect::Abort(_) | Effect::CloseStream);
    assert!(bench.last.iter().all(clean), "{:?}", bench.last);
    assert_eq!(bench.machine.next_deadline(), None);
    for event in [
        Event::PageAnswered { question: open, is_allowed: true },
        Event::KeyTaken { question: open, key: Some("late".to_owned()) },
        Event::Preloaded(Box::new(answer.clone())),
        Event::StreamSession(Box::new(answer)),
        Event::PayRequested,
        Event::PageHidden,
        Event::PageShown,
        Event::CancelRequested,
        Event::RetryRequested,
        Event::Tick,
    ] {
        bench.event(event);
        assert_eq!(bench.last, []);
    }
}

/// The question that was asked last.
fn question(bench: &Bench) -> QuestionId {
    let asked = bench.log.iter().rev().find_map(|effect| match effect {
        Effect::AskPage { question, .. } | Effect::TakeKey { question, .. } => Some(*question),
        _ => None,
    });
    asked.unwrap_or(QuestionId(0))
}

/// Answers the last question, of any kind; the next one stays open.
fn reply(bench: &mut Bench, is_allowed: bool) {
    let question = question(bench);
    let key = is_allowed.then(|| bench.next_key());
    bench.leave_open();
    bench.event(Event::KeyTaken { question, key });
    bench.event(Event::PageAnswered { question, is_allowed });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_random_events(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut bench = Bench::new(config());
        let mut answered = Vec::new();
        let mut has_succeeded = false;
        for step in steps {
            let in_flight = bench.machine.awaited();
            match step {
                Step::Event(event) => { bench.event(event); }
                Step::Pay => { bench.press_pay(); }
                Step::Press => { bench.leave_open().press_pay(); }
                Step::Reply(is_allowed) => reply(&mut bench, is_allowed),
                Step::StaleReply(is_allowed) => {
                    let question = QuestionId(9_999_999);
                    bench.event(Event::PageAnswered { question, is_allowed });
                    bench.event(Event::KeyTaken { question, key: Some("stale".to_owned()) });
                    prop_assert!(bench.last.iter().all(|effect| matches!(effect, Effect::OpenStream)));
                }
                Step::Answer(session) => if let Some(id) = in_flight {
                    answered.push(id);
                    bench.answer(session);
                },
                Step::Fail(fault) => if let Some(id) = in_flight {
                    answered.push(id);
                    bench.fail(fault);
                },
                Step::Stale(session) => {
                    let request = RequestId(9_999_999);
                    bench.event(Event::Answered { request, answer: Ok(Box::new(session)) });
                    prop_assert!(bench.last.iter().all(|effect| matches!(effect, Effect::OpenStream)));
                }
                Step::Wait(ms) => { bench.wait(ms); }
            }
            bench.allows = Some(true);
            check_invariants(&bench);
            if has_succeeded {
                prop_assert_eq!(bench.state(), "succeeded");
            }
            has_succeeded |= bench.state() == "succeeded";
        }
        check_single_flight(&bench.log, &answered);
        check_keys(&bench.log);
        check_questions(&bench.log);
        check_silence(&mut bench);
    }

    /// From any state, when the backend answers again and the shopper stays, it settles.
    #[test]
    fn every_state_settles_when_faults_stop(steps in prop::collection::vec(any_step(), 1..40)) {
        let mut bench = Bench::new(config());
        for step in steps {
            match step {
                Step::Event(event) => { bench.event(event); }
                Step::Pay => { bench.press_pay(); }
                Step::Press => { bench.leave_open().press_pay(); }
                Step::Reply(is_allowed) => reply(&mut bench, is_allowed),
                Step::Answer(session) if bench.machine.awaited().is_some() => { bench.answer(session); }
                Step::Fail(fault) if bench.machine.awaited().is_some() && !fault.is_authentication() => {
                    bench.fail(fault);
                }
                Step::Wait(ms) => { bench.wait(ms); }
                _ => {}
            }
            bench.allows = Some(true);
        }
        bench.event(Event::PageShown);
        let end = Session { status: SessionStatus::Complete, ..session(1_000, None) };
        for _ in 0..40 {
            match bench.machine.state() {
                State::Unavailable { .. } => { bench.event(Event::RetryRequested); }
                State::Selecting(_) | State::Failed { .. } | State::Canceled { session_over: false } => {
                    bench.event(Event::RetryRequested);
                    bench.event(Event::PageHidden).event(Event::PageShown);
                }
                _ => {}
            }
            if bench.machine.awaited().is_some() {
                bench.answer(end.clone());
            }
            bench.wait(30_000);
        }
        let is_final = matches!(
            bench.machine.state(),
            State::Succeeded | State::Expired | State::Canceled { session_over: true }
        );
        prop_assert!(is_final, "{:?}", bench.machine.state());
    }
}
