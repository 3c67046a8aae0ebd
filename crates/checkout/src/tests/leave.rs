//! Leaving the page: only where the page allows it, and never after the widget is gone.

use super::*;

const URL: &str = "https://openapi.alipay.com/gateway.do?a=b";

/// A start of Alipay that was answered with a redirect; the question about it stays open.
fn leaving() -> Bench {
    let mut bench = Bench::selecting();
    bench.pay(PaymentMethod::Alipay);
    bench.allows = None;
    bench.answer(session(2, Some(redirect("pay_1", URL))));
    bench
}

fn question(bench: &Bench) -> QuestionId {
    let asked = bench.log.iter().rev().find_map(|effect| match effect {
        Effect::AskPage { question, about: PageQuestion::BeforeRedirect { url } } if url == URL => {
            Some(*question)
        }
        _ => None,
    });
    asked.expect("a question about the redirect")
}

fn has_left(bench: &Bench) -> bool {
    let leaves = |effect: &Effect| {
        matches!(effect, Effect::Navigate(_) | Effect::SubmitForm(..) | Effect::InvokeBridge(..))
    };
    bench.log.iter().any(leaves)
}

#[test]
fn the_page_is_asked_before_the_browser_leaves() {
    let mut bench = leaving();
    assert!(!has_left(&bench));
    let question = question(&bench);
    bench.event(Event::PageAnswered { question, is_allowed: true });
    assert_eq!(bench.last, [Effect::Navigate(URL.to_owned())]);
    bench.event(Event::PageAnswered { question, is_allowed: true });
    assert_eq!(bench.last, [], "answered twice, left twice");
}

#[test]
fn a_form_is_sent_only_where_the_page_allows_it() {
    let mut form = redirect("pay_1", URL);
    if let Some(action) = &mut form.next_action {
        action.kind = NextActionType::SubmitForm;
    }
    for is_allowed in [true, false] {
        let mut bench = Bench::selecting();
        bench.pay(PaymentMethod::Alipay);
        bench.allows = Some(is_allowed);
        bench.answer(session(2, Some(form.clone())));
        let sent = Effect::SubmitForm(URL.to_owned(), vec![]);
        assert_eq!(bench.log.contains(&sent), is_allowed);
    }
}

#[test]
fn a_refused_redirect_keeps_the_continue_button() {
    let mut bench = leaving();
    let refused = question(&bench);
    bench.event(Event::PageAnswered { question: refused, is_allowed: false });
    assert!(!has_left(&bench));
    assert_eq!(bench.state(), "awaiting");
    bench.event(Event::ContinueRequested);
    let again = question(&bench);
    assert_ne!(again, refused);
    bench.event(Event::PageAnswered { question: refused, is_allowed: true });
    assert!(!has_left(&bench), "an old answer");
    bench.event(Event::PageAnswered { question: again, is_allowed: true });
    assert!(has_left(&bench));
}

#[test]
fn two_presses_on_continue_ask_the_page_once() {
    let mut bench = leaving();
    let first = question(&bench);
    bench.event(Event::ContinueRequested).event(Event::ContinueRequested);
    assert_eq!(question(&bench), first);
}

#[test]
fn an_allowed_redirect_of_an_ended_payment_is_not_followed() {
    let paid = Session { status: SessionStatus::Complete, ..session(3, None) };
    let replaced =
        session(3, Some(payment("pay_2", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)));
    for newer in [paid, replaced] {
        let mut bench = leaving();
        let question = question(&bench);
        bench.push(newer);
        bench.event(Event::PageAnswered { question, is_allowed: true });
        assert!(!has_left(&bench));
    }
}

/// A listener of an event before the redirect destroys the widget.
#[test]
fn a_destroyed_widget_starts_nothing_and_follows_nothing() {
    let mut bench = leaving();
    let question = question(&bench);
    bench.event(Event::Destroyed);
    bench.event(Event::PageAnswered { question, is_allowed: true });
    assert_eq!(bench.last, []);
    assert!(!has_left(&bench));

    let mut pressed = Bench::selecting();
    pressed.allows = None;
    pressed.event(Event::Selected(PaymentMethod::Alipay)).press_pay();
    pressed.event(Event::Destroyed);
    for number in 0..5 {
        let question = QuestionId(number);
        pressed.event(Event::PageAnswered { question, is_allowed: true });
        pressed.event(Event::KeyTaken { question, key: Some("key".to_owned()) });
    }
    assert!(pressed.starts().is_empty());
}

#[test]
fn destroy_aborts_the_request_closes_the_stream_and_silences_the_machine() {
    let mut bench = Bench::awaiting();
    bench.event(Event::StreamAlive).event(Event::PaidClaimed);
    let request = bench.request();
    bench.event(Event::Destroyed);
    assert_eq!(bench.last, [Effect::Abort(request), Effect::CloseStream]);
    assert_eq!(bench.machine.next_deadline(), None);
    let paid = Session { status: SessionStatus::Complete, ..session(9, None) };
    for event in [
        Event::Answered { request, answer: Ok(Box::new(paid.clone())) },
        Event::StreamSession(Box::new(paid)),
        Event::PageHidden,
        Event::PageShown,
        Event::CancelRequested,
        Event::RetryRequested,
        Event::Tick,
        Event::Destroyed,
    ] {
        bench.event(event);
        assert_eq!(bench.last, []);
    }
}
