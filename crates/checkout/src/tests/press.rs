//! A press on "pay": when it counts, what the page and the key decide, and what overtakes it.

use contract::code;

use super::*;

const WECHAT: PaymentMethod = PaymentMethod::WechatPay;
const ALIPAY: PaymentMethod = PaymentMethod::Alipay;

/// The selector with WeChat Pay picked; questions stay open.
fn picked() -> Bench {
    let mut bench = Bench::selecting();
    bench.allows = None;
    bench.event(Event::Selected(WECHAT));
    bench
}

/// The number of the question that was asked last.
fn question(bench: &Bench) -> QuestionId {
    let asked = bench.log.iter().rev().find_map(|effect| match effect {
        Effect::AskPage { question, .. } | Effect::TakeKey { question, .. } => Some(*question),
        _ => None,
    });
    asked.expect("a question")
}

fn allow(bench: &mut Bench) {
    let question = question(bench);
    bench.event(Event::PageAnswered { question, is_allowed: true });
}

fn take_key(bench: &mut Bench) {
    let question = question(bench);
    bench.event(Event::KeyTaken { question, key: Some("key_1".to_owned()) });
}

fn submits(bench: &Bench) -> usize {
    let is_submit =
        |effect: &&Effect| matches!(effect, Effect::AskPage { about: PageQuestion::Submit(_), .. });
    bench.log.iter().filter(is_submit).count()
}

fn notice(bench: &Bench) -> Option<Notice> {
    match bench.machine.state() {
        State::Selecting(selecting) => selecting.notice,
        State::Awaiting(awaiting) => awaiting.notice,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_page_is_asked_then_the_key_is_taken_then_the_payment_starts() {
    let mut bench = picked();
    bench.press_pay();
    let about = PageQuestion::Submit(WECHAT);
    assert_eq!(bench.last, [Effect::AskPage { question: question(&bench), about }]);
    assert!(bench.machine.is_pay_requested());
    allow(&mut bench);
    assert_eq!(bench.last, [Effect::TakeKey { question: question(&bench), method: WECHAT }]);
    assert!(bench.machine.is_pay_requested());
    take_key(&mut bench);
    assert!(!bench.machine.is_pay_requested());
    assert_eq!((bench.state(), bench.starts()), ("starting", vec!["key_1".to_owned()]));
}

#[test]
fn a_start_answered_without_a_payment_names_the_member_and_is_tried_again() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT);
    let key = bench.starts();
    bench.answer(session(2, None)).wait_for_request();
    assert_eq!(bench.state(), "starting", "nobody knows whether it was started");
    for _ in 0..8 {
        if bench.state() != "starting" {
            break;
        }
        bench.answer(session(2, None)).wait_for_request();
    }
    let told = bench.log.iter().any(|effect| {
        matches!(effect, Effect::Emit(HostEvent::Error(fault))
            if fault.code == code::ANSWER_UNREADABLE && fault.message.contains("missing: payment"))
    });
    assert!(told, "{:?}", bench.log);
    assert!(bench.starts().iter().all(|again| key.contains(again)), "under the same key");
}

#[test]
fn seven_presses_before_the_page_answers_ask_it_once_and_start_one_payment() {
    let mut bench = picked();
    for _ in 0..7 {
        bench.press_pay();
    }
    assert_eq!(submits(&bench), 1);
    allow(&mut bench);
    bench.press_pay();
    take_key(&mut bench);
    bench.press_pay();
    assert_eq!((submits(&bench), bench.starts().len()), (1, 1));
}

#[test]
fn a_double_press_that_leads_to_a_guide_does_not_also_ask_for_its_code() {
    let mut bench = Bench::new(Config { environment: Environment::Wechat, ..config() });
    bench.answer(session(1, None));
    bench.pay(ALIPAY).press_pay().wait(20).press_pay();
    assert_eq!((bench.state(), bench.starts().len()), ("guiding", 0));
    bench.wait(50).press_pay();
    assert_eq!((bench.state(), bench.starts().len()), ("starting", 1));
}

#[test]
fn a_refused_submit_starts_nothing_and_can_be_pressed_again() {
    let mut bench = picked();
    bench.allows = Some(false);
    bench.press_pay();
    assert_eq!(bench.state(), "selecting");
    assert!(!bench.machine.is_pay_requested());
    assert!(bench.starts().is_empty());
    bench.allows = Some(true);
    bench.press_pay();
    assert_eq!(bench.starts().len(), 1);
}

#[test]
fn a_stale_answer_does_nothing() {
    let mut bench = picked();
    bench.press_pay();
    let old = question(&bench);
    bench.event(Event::PageAnswered { question: old, is_allowed: false });
    bench.press_pay();
    for is_allowed in [true, false] {
        bench.event(Event::PageAnswered { question: old, is_allowed });
        assert_eq!(bench.last, []);
    }
    allow(&mut bench);
    let key = question(&bench);
    // Answers of the wrong kind, and for an unknown question.
    bench.event(Event::PageAnswered { question: key, is_allowed: false });
    bench.event(Event::KeyTaken { question: old, key: Some("old".to_owned()) });
    bench.event(Event::KeyTaken { question: QuestionId(99), key: None });
    assert!(bench.machine.is_pay_requested());
    take_key(&mut bench);
    bench.event(Event::KeyTaken { question: key, key: Some("again".to_owned()) });
    assert_eq!(bench.starts(), ["key_1"]);
}

#[test]
fn a_press_without_a_wallet_shows_a_notice_that_a_pick_removes() {
    let mut bench = Bench::selecting();
    bench.press_pay();
    assert_eq!(
        bench.last,
        [Effect::Announce(Message::Notice(Notice::ChooseFirst)), Effect::FocusFirstField],
        "the page is not asked about nothing"
    );
    assert_eq!(notice(&bench), Some(Notice::ChooseFirst));
    bench.event(Event::Selected(ALIPAY));
    assert_eq!(notice(&bench), None);
    assert!(bench.last.contains(&Effect::ClearAnnouncement), "the live region still has the text");
    bench.event(Event::Selected(WECHAT));
    assert!(!bench.last.contains(&Effect::ClearAnnouncement));
}

#[test]
fn without_randomness_nothing_starts_and_the_failure_is_reported() {
    let mut bench = picked();
    bench.press_pay();
    allow(&mut bench);
    let asked = question(&bench);
    bench.event(Event::KeyTaken { question: asked, key: None });
    assert!(bench.starts().is_empty());
    assert_eq!(notice(&bench), Some(Notice::StartFailed));
    let is_reported = |effect: &Effect| matches!(effect, Effect::Emit(HostEvent::Error(it)) if it.code == code::RANDOM_UNAVAILABLE);
    assert!(bench.last.iter().any(is_reported));
    assert!(!bench.machine.is_pay_requested(), "it can be pressed again");
}

#[test]
fn another_pick_or_a_cancel_drops_the_press() {
    let mut bench = picked();
    bench.press_pay();
    let dropped = question(&bench);
    bench.event(Event::Selected(ALIPAY));
    bench.event(Event::PageAnswered { question: dropped, is_allowed: true });
    assert_eq!(bench.last, [], "it was about the other wallet");
    bench.press_pay();
    allow(&mut bench);
    bench.event(Event::CancelRequested);
    take_key(&mut bench);
    assert!(bench.starts().is_empty());
}

#[test]
fn a_listener_that_changes_options_does_not_cancel_the_press() {
    let mut bench = picked();
    bench.press_pay();
    let return_url = Some("https://shop.example/thanks".to_owned());
    bench.event(Event::Reconfigured(Box::new(Config { return_url, ..config() })));
    allow(&mut bench);
    take_key(&mut bench);
    assert_eq!(bench.starts(), ["key_1"]);

    let mut read_only = picked();
    read_only.press_pay();
    let config = Config { read_only: true, ..config() };
    read_only.event(Event::Reconfigured(Box::new(config)));
    allow(&mut read_only);
    let told = read_only.log.iter().any(|effect| {
        matches!(effect, Effect::Emit(HostEvent::Error(fault)) if fault.code == code::READ_ONLY)
    });
    assert!(told, "the page learns that its listener has stopped the press");
    assert_eq!(read_only.starts(), Vec::<String>::new());
}

#[test]
fn the_same_intent_keeps_its_key() {
    let mut bench = Bench::selecting();
    bench.pay(WECHAT).event(Event::SwitchRequested).answer(session(1, None));
    bench.pay(WECHAT);
    assert!(!bench.last.iter().any(|effect| matches!(effect, Effect::TakeKey { .. })));
    assert_eq!(bench.starts(), ["key_1", "key_1"]);
}

/// A press before the widget was ready, and the backend's answers to it.
#[test]
fn a_press_on_a_preloaded_session_yields_to_the_backends_answer() {
    let ended = |status| Session { status, ..session(4, None) };
    let other = |status| session(3, Some(payment("pay_1", ALIPAY, status)));
    let cases = [
        (ended(SessionStatus::Complete), "succeeded"),
        (ended(SessionStatus::Expired), "expired"),
        (ended(SessionStatus::Canceled), "canceled"),
        (other(PaymentStatus::RequiresAction), "awaiting"),
        (other(PaymentStatus::Processing), "confirming"),
    ];
    for (answer, state) in cases {
        // The answer may come before the page is asked, before the key, or after the start.
        for replies in 0..3 {
            let mut bench = Bench::new(Config { selected: Some(WECHAT), ..config() });
            bench.allows = None;
            bench.event(Event::Preloaded(Box::new(session(1, None)))).press_pay();
            if replies > 0 {
                allow(&mut bench);
            }
            if replies > 1 {
                take_key(&mut bench);
            }
            bench.answer(answer.clone());
            assert_eq!(bench.state(), state, "after {replies} answers");
            allow(&mut bench);
            take_key(&mut bench);
            assert_eq!(bench.state(), state, "a late answer starts something");
            assert_eq!(bench.starts().len(), usize::from(replies > 1));
        }
    }
}

#[test]
fn a_press_on_a_closed_preloaded_session_reads_how_it_ended() {
    let mut bench = Bench::new(Config { selected: Some(WECHAT), ..config() });
    bench.event(Event::Preloaded(Box::new(session(1, None)))).press_pay();
    bench.fail(Fault::new(contract::ErrorType::InvalidRequest, code::SESSION_CLOSED, "test"));
    assert_eq!(bench.calls().last(), Some(&Call::Read));
    bench.answer(Session { status: SessionStatus::Complete, ..session(4, None) });
    assert_eq!(bench.state(), "succeeded");
    assert_eq!(bench.starts().len(), 1);
}

#[test]
fn the_wallet_of_the_prerendered_selector_is_picked_once() {
    let mut bench = Bench::new(Config { selected: Some(ALIPAY), ..config() });
    bench.event(Event::Preloaded(Box::new(session(1, None))));
    let State::Selecting(selecting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(selecting.selected, Some(ALIPAY));
    let told: Vec<&Effect> = bench
        .last
        .iter()
        .filter(|effect| matches!(effect, Effect::Emit(HostEvent::Ready | HostEvent::Change(_))))
        .collect();
    let expected = [HostEvent::Ready, HostEvent::Change(ALIPAY)].map(Effect::Emit);
    assert_eq!(told, expected.iter().collect::<Vec<_>>());

    bench.pay(WECHAT).answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::Canceled))));
    assert_eq!(bench.state(), "selecting");
    bench.event(Event::Selected(WECHAT));
    let again = Config { selected: Some(ALIPAY), ..config() };
    bench.event(Event::Reconfigured(Box::new(again)));
    let State::Selecting(selecting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(selecting.selected, Some(WECHAT), "an old pick overrules the shopper's");
}

#[test]
fn a_wallet_that_is_not_offered_is_not_picked() {
    let mut bench = Bench::new(Config { selected: Some(ALIPAY), ..config() });
    bench.answer(Session { payment_methods: vec![WECHAT], ..session(1, None) });
    let State::Selecting(selecting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(selecting.selected, Some(WECHAT));
    assert_eq!(bench.emitted(&HostEvent::Change(ALIPAY)), 0);

    let mut read_only = Bench::new(Config { selected: Some(ALIPAY), read_only: true, ..config() });
    read_only.answer(session(1, None));
    let State::Selecting(selecting) = read_only.machine.state() else { panic!() };
    assert_eq!(selecting.selected, None);
}

#[test]
fn the_page_learns_why_its_confirm_starts_nothing() {
    let refusal = |bench: &Bench| bench.machine.pay_refusal();
    let mut bench = Bench::selecting();
    bench.allows = None;
    assert_eq!(refusal(&bench), Some(PayRefusal::NothingPicked));
    bench.event(Event::Selected(WECHAT));
    assert_eq!(refusal(&bench), None);
    bench.press_pay();
    assert_eq!(refusal(&bench), None, "a press in a row is the same press");
    allow(&mut bench);
    take_key(&mut bench);
    assert_eq!((bench.state(), refusal(&bench)), ("starting", None));

    assert_eq!(refusal(&Bench::new(config())), Some(PayRefusal::NothingToPay), "still loading");
    let mut read_only = picked();
    read_only.event(Event::Reconfigured(Box::new(Config { read_only: true, ..config() })));
    assert_eq!(refusal(&read_only), Some(PayRefusal::ReadOnly));
}
