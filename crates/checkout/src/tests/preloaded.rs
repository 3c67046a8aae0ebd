//! A session that came with the page: shown at once, and trusted for nothing else.

use contract::{ErrorType, code};

use super::*;

const WECHAT: PaymentMethod = PaymentMethod::WechatPay;

fn preloaded(session: Session) -> Bench {
    let mut bench = Bench::new(config());
    bench.event(Event::Preloaded(Box::new(session)));
    bench
}

#[test]
fn a_preloaded_session_shows_the_selector_and_is_read() {
    let mut bench = preloaded(session(1, None));
    assert_eq!(bench.state(), "selecting");
    assert_eq!(bench.emitted(&HostEvent::Ready), 1);
    assert_eq!(bench.calls(), [Call::Read]);
    bench.event(Event::Selected(WECHAT)).answer(session(1, None));
    let State::Selecting(selecting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(selecting.selected, Some(WECHAT), "the answer took the shopper's choice away");
    assert_eq!(bench.emitted(&HostEvent::Ready), 1);
}

#[test]
fn a_press_before_the_answer_starts_one_payment() {
    let mut bench = preloaded(session(1, None));
    bench.pay(WECHAT).press_pay();
    assert_eq!(bench.starts().len(), 1);
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(bench.state(), "awaiting");
}

#[test]
fn an_outdated_preloaded_session_is_corrected_by_the_answer() {
    let mut paid = preloaded(session(1, None));
    paid.answer(Session { status: SessionStatus::Complete, ..session(4, None) });
    assert_eq!(paid.state(), "succeeded");

    let mut started = preloaded(session(1, None));
    started.answer(session(3, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(started.state(), "awaiting", "the code that is open is shown");

    let mut dear = preloaded(Session { amount: Amount::fen(1), ..session(1, None) });
    dear.answer(session(1, None));
    assert_eq!(dear.machine.session().unwrap().amount, Amount::fen(12_800));
}

#[test]
fn the_revision_and_clock_of_a_preloaded_session_are_ignored() {
    let mut bench = preloaded(Session {
        server_time: Timestamp::from_unix_ms(SERVER_START + LIFE_MS),
        ..session(u32::MAX, None)
    });
    assert_eq!(bench.machine.time_left_ms(bench.now), None, "the clock of a page");
    bench.answer(session(1, None));
    let left_ms = bench.machine.time_left_ms(bench.now);
    assert_eq!(left_ms, Some(u64::try_from(LIFE_MS).unwrap()));
    bench.pay(WECHAT);
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(bench.state(), "awaiting", "a revision of the page's hides the backend's");
}

#[test]
fn only_an_untouched_preloaded_session_is_shown() {
    let started = session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction)));
    let over = Session { status: SessionStatus::Complete, ..session(2, None) };
    let foreign = Session { id: "cs_2".to_owned(), ..session(1, None) };
    for session in [started, over, foreign] {
        assert_eq!(preloaded(session).state(), "loading");
    }

    let mut back = Bench::new(Config { has_left: true, ..config() });
    back.event(Event::Preloaded(Box::new(session(1, None))));
    assert_eq!(back.state(), "loading", "back from a wallet, only the backend knows");

    let intent = Intent { key: "key_0".to_owned(), payment_method: WECHAT };
    let mut again = Bench::new(Config { remembered: Some(intent), ..config() });
    again.event(Event::Preloaded(Box::new(session(1, None))));
    assert_eq!(again.state(), "loading", "loaded again in the middle of a payment");

    let mut late = Bench::awaiting();
    late.event(Event::Preloaded(Box::new(session(9, None))));
    assert_eq!(late.state(), "awaiting");
}

#[test]
fn a_preloaded_selector_stays_while_reading_fails() {
    let mut lost = preloaded(session(1, None));
    lost.fail(Fault::connection());
    assert_eq!(lost.state(), "selecting");
    assert!(lost.machine.is_offline());
    lost.wait_for_request();
    lost.answer(session(1, None));
    assert!(!lost.machine.is_offline());

    let mut forbidden = preloaded(session(1, None));
    forbidden.fail(Fault::new(ErrorType::Authentication, code::CLIENT_SECRET_INVALID, "test"));
    assert_eq!(forbidden.state(), "unavailable");
}
