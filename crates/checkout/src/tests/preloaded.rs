//! A session that came with the page: shown at once, believed in nothing.

use contract::{ErrorType, code};

use super::*;

const WECHAT: PaymentMethod = PaymentMethod::WechatPay;

fn given(session: Session) -> Bench {
    let mut bench = Bench::new(config());
    bench.event(Event::Preloaded(Box::new(session)));
    bench
}

#[test]
fn the_selector_is_there_before_the_answer_and_the_session_is_read_all_the_same() {
    let mut bench = given(session(1, None));
    assert_eq!(bench.state(), "selecting");
    assert_eq!(bench.emitted(&HostEvent::Ready), 1);
    assert_eq!(bench.calls(), [Call::Read]);
    bench.event(Event::Selected(WECHAT)).answer(session(1, None));
    let State::Selecting(selecting) = bench.machine.state() else { panic!("{}", bench.state()) };
    assert_eq!(selecting.selected, Some(WECHAT), "the answer took the shopper's choice away");
    assert_eq!(bench.emitted(&HostEvent::Ready), 1);
}

#[test]
fn whoever_presses_pay_before_the_answer_pays_once() {
    let mut bench = given(session(1, None));
    bench.pay(WECHAT).press_pay();
    assert_eq!(bench.starts().len(), 1);
    bench.answer(session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(bench.state(), "awaiting");
}

#[test]
fn a_page_that_was_kept_too_long_is_put_right_by_the_answer() {
    let mut paid = given(session(1, None));
    paid.answer(Session { status: SessionStatus::Complete, ..session(4, None) });
    assert_eq!(paid.state(), "succeeded");

    let mut begun = given(session(1, None));
    begun.answer(session(3, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction))));
    assert_eq!(begun.state(), "awaiting", "the code that is open is shown");

    let mut dear = given(Session { amount: Amount::fen(1), ..session(1, None) });
    dear.answer(session(1, None));
    assert_eq!(dear.machine.session().unwrap().amount, Amount::fen(12_800));
}

#[test]
fn neither_its_revision_nor_its_clock_is_believed() {
    let mut bench = given(Session {
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
fn only_a_session_that_nobody_has_begun_to_pay_is_taken_from_the_page() {
    let begun = session(2, Some(payment("pay_1", WECHAT, PaymentStatus::RequiresAction)));
    let over = Session { status: SessionStatus::Complete, ..session(2, None) };
    let foreign = Session { id: "cs_2".to_owned(), ..session(1, None) };
    for session in [begun, over, foreign] {
        assert_eq!(given(session).state(), "loading");
    }

    let mut back = Bench::new(Config { has_left: true, ..config() });
    back.event(Event::Preloaded(Box::new(session(1, None))));
    assert_eq!(back.state(), "loading", "back from a wallet, only the backend knows");

    let intent = Intent { key: "key_0".to_owned(), payment_method: WECHAT };
    let mut again = Bench::new(Config { remembered: Some(intent), ..config() });
    again.event(Event::Preloaded(Box::new(session(1, None))));
    assert_eq!(again.state(), "loading", "loaded anew in the middle of a payment");

    let mut late = Bench::awaiting();
    late.event(Event::Preloaded(Box::new(session(9, None))));
    assert_eq!(late.state(), "awaiting");
}

#[test]
fn where_it_cannot_be_read_the_shopper_keeps_the_selector_and_it_is_asked_again() {
    let mut lost = given(session(1, None));
    lost.fail(Fault::connection());
    assert_eq!(lost.state(), "selecting");
    assert!(lost.machine.is_offline());
    lost.wait_for_request();
    lost.answer(session(1, None));
    assert!(!lost.machine.is_offline());

    let mut forbidden = given(session(1, None));
    forbidden.fail(Fault::new(ErrorType::Authentication, code::CLIENT_SECRET_INVALID, "test"));
    assert_eq!(forbidden.state(), "unavailable");
}
