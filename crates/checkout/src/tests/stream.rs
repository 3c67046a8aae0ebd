//! The stream: when it is trusted, and which polls run beside it.

use super::*;

fn waiting() -> Session {
    session(2, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)))
}

/// The session as the backend's heartbeat brings it.
fn heartbeat(bench: &Bench) -> Session {
    let passed_ms = i64::try_from(bench.now.0).unwrap() - 1_000;
    Session { server_time: Timestamp::from_unix_ms(SERVER_START + passed_ms), ..waiting() }
}

fn reads(bench: &Bench) -> usize {
    bench.calls().iter().filter(|call| matches!(call, Call::Read)).count()
}

#[test]
fn a_stream_without_sessions_does_not_stop_the_polls() {
    let mut bench = Bench::awaiting();
    for _ in 0..20 {
        bench.event(Event::StreamAlive).wait(1_000);
        if bench.machine.awaited().is_some() {
            bench.answer(waiting());
        }
    }
    assert!(reads(&bench) >= 4, "{} reads in 20 s", reads(&bench));
}

#[test]
fn a_stream_that_keeps_failing_is_opened_with_backoff() {
    let mut bench = Bench::awaiting();
    let opens = |bench: &Bench| {
        bench.log.iter().filter(|effect| matches!(effect, Effect::OpenStream)).count()
    };
    let mut opened = 0;
    for _ in 0..120 {
        if opens(&bench) > opened {
            opened = opens(&bench);
            bench.event(Event::StreamAlive).event(Event::StreamEnded { fault: None });
        }
        bench.wait(1_000);
        if bench.machine.awaited().is_some() {
            bench.answer(waiting());
        }
    }
    assert!((3..=8).contains(&opened), "opened {opened} times in two minutes");
}

#[test]
fn thirty_minutes_beside_a_stream_cost_less_than_twenty_requests() {
    let mut bench = Bench::awaiting();
    for second in 0..1_770 {
        if second % 15 == 0 {
            let pushed = heartbeat(&bench);
            bench.push(pushed);
        }
        bench.wait(1_000);
        if bench.machine.awaited().is_some() {
            bench.answer(waiting());
        }
    }
    assert_eq!(bench.state(), "awaiting");
    let requests = bench.calls().len();
    assert!((10..20).contains(&requests), "{requests} requests");
}

#[test]
fn a_poll_finds_a_payment_that_the_stream_missed() {
    let mut bench = Bench::awaiting();
    let pushed = heartbeat(&bench);
    bench.push(pushed);
    bench.wait_for_request().answer(Session {
        status: SessionStatus::Complete,
        ..session(3, Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded)))
    });
    assert_eq!(bench.state(), "succeeded");
}

#[test]
fn a_heartbeat_corrects_the_countdown_after_a_sleep() {
    let mut bench = Bench::awaiting();
    let pushed = heartbeat(&bench);
    bench.push(pushed);
    let before_ms = bench.machine.time_left_ms(bench.now).unwrap();
    let mut pushed = heartbeat(&bench);
    pushed.server_time = pushed.server_time.plus_ms(300_000);
    bench.push(pushed);
    assert_eq!(bench.machine.time_left_ms(bench.now).unwrap(), before_ms - 300_000);
}

#[test]
fn a_cancel_that_fails_while_hidden_is_read_when_the_page_is_shown() {
    let mut bench = Bench::awaiting();
    bench.event(Event::CancelRequested).event(Event::PageHidden);
    let asked = bench.calls().len();
    bench.wait(60_000);
    assert_eq!((bench.calls().len(), bench.state()), (asked, "closing"));
    bench.event(Event::PageShown);
    let closed = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Canceled);
    bench.answer(session(3, Some(closed)));
    assert_eq!(bench.state(), "canceled");
}

#[test]
fn d37_stream_and_poll_that_bring_the_end_together_complete_once() {
    let paid = || {
        let paid = payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::Succeeded);
        Session { status: SessionStatus::Complete, ..session(3, Some(paid)) }
    };
    for is_stream_first in [true, false] {
        let mut bench = Bench::awaiting();
        bench.event(Event::PaidClaimed);
        let check = bench.request();
        let answered = || Event::Answered { request: check, answer: Ok(Box::new(paid())) };
        // Pressed again while the answer is on its way: one request at a time.
        bench.event(Event::PaidClaimed).event(Event::RetryRequested);
        assert_eq!(bench.request(), check);
        bench.event(Event::StreamAlive);
        if is_stream_first {
            bench.push(paid()).event(answered());
        } else {
            bench.event(answered()).push(paid());
        }
        bench.push(paid()).event(answered()).event(Event::BridgeReturned(BridgeOutcome::MaybePaid));
        assert_eq!(bench.state(), "succeeded");
        assert_eq!(bench.emitted(&HostEvent::PaymentCompleted), 1);
        let asked = bench.calls().len();
        bench.wait(600_000);
        assert_eq!(bench.calls().len(), asked, "nothing is asked after the end");
    }
}
