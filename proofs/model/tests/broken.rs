//! Rules that are broken on purpose. Each must be detected, with a trace.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

use contract::{PaymentStatus, SessionStatus};
use model::{
    ACTIVE, Bounds, Browser, CAPTURED, DUE, KEPT, Left, OBEYS, ONE_SESSION, Rules, SETTLES,
    WATCHED, WAY_ON, refute,
};
use payments::{
    AfterRefund, Answer, Change, CloseAnswer, Ending, Key, Open, OrderState, PaymentState,
    Procedure, Progress, RefundSignal, RefundStanding, Refusal, Request, Signal, Situation,
    Standing, Step, TradeState,
};

const NOTHING: Left = Left {
    faults: 0,
    crashes: 0,
    reloads: 0,
    clicks: 0,
    ends: 0,
    hides: 0,
    refusals: 0,
    opens: 0,
    consoles: 0,
};

/// Explores the broken rules until one of `properties` fails, and prints the trace.
fn caught(rules: Rules, left: Left, property: &'static str) {
    caught_in(Browser::Desktop, rules, left, property);
}

fn caught_in(browser: Browser, rules: Rules, left: Left, property: &'static str) {
    let report = refute(Bounds { rules, left, browser, ..Bounds::default() }, 1, &[property]);
    println!("{report}");
    let trace = report.broken.iter().find(|trace| trace.property == property);
    assert!(trace.is_some_and(|trace| !trace.steps.is_empty()), "{property}: not caught");
}

fn keeps_every_capture(standing: Standing, signal: Signal) -> Change {
    let session = match standing.session {
        SessionStatus::Complete => SessionStatus::Open,
        session => session,
    };
    payments::change(Standing { session, is_paid_otherwise: false, ..standing }, signal)
}

#[test]
fn a_second_capture_is_kept() {
    let rules = Rules { change: keeps_every_capture, ..Rules::default() };
    caught(rules, Left { clicks: 3, ..NOTHING }, KEPT);
}

fn never_refunds(standing: Standing, signal: Signal) -> Change {
    Change { refund_due: None, ..payments::change(standing, signal) }
}

fn starts_beside(request: Request, at: Situation) -> Progress {
    match request {
        Request::Start { key: Key::New, is_same_method: false } => {
            Procedure::begin(request, Situation { payment: None, ..at })
        }
        request => Procedure::begin(request, at),
    }
}

fn inserts_beside(session: SessionStatus, is_time_up: bool, _: bool) -> Result<(), Refusal> {
    payments::insert(session, is_time_up, false)
}

#[test]
fn a_switch_leaves_the_old_payment_open_and_nothing_goes_back() {
    let rules = Rules {
        change: never_refunds,
        begin: starts_beside,
        insert: inserts_beside,
        ..Rules::default()
    };
    caught(rules, Left { clicks: 3, ..NOTHING }, ACTIVE);
    caught(rules, Left { clicks: 3, ..NOTHING }, DUE);
}

fn heeds_nothing(request: Request, at: Situation) -> Progress {
    match request {
        Request::Start { key: Key::New, .. } => {
            Procedure::begin(request, Situation { payment: None, ..at })
        }
        request => Procedure::begin(request, at),
    }
}

#[test]
fn a_new_key_on_every_try_and_a_backend_that_does_not_look() {
    let rules = Rules {
        begin: heeds_nothing,
        insert: inserts_beside,
        keeps_key: false,
        ..Rules::default()
    };
    caught(rules, Left { faults: 1, clicks: 1, ..NOTHING }, ACTIVE);
}

fn expires_unasked(request: Request, at: Situation) -> Progress {
    if !at.is_time_up || !matches!(request, Request::Attend | Request::Expire | Request::Check) {
        return Procedure::begin(request, at);
    }
    // As if no shopper had a code of it, so that the close succeeded.
    let unseen = at.payment.map(|payment| PaymentState { is_handed_out: false, ..payment });
    let begun = Procedure::begin(request, Situation { payment: unseen, ..at });
    match begun.step {
        Step::Write(Signal::GivenUp(ending)) => {
            Progress { step: Step::Write(Signal::Closed(ending)), ..begun }
        }
        _ => Procedure::begin(request, at),
    }
}

#[test]
fn a_session_expires_without_a_query() {
    let rules = Rules { begin: expires_unasked, ..Rules::default() };
    caught(rules, Left { clicks: 1, ..NOTHING }, WATCHED);
    caught(rules, Left { clicks: 1, ..NOTHING }, SETTLES);
}

#[test]
fn a_widget_stops_asking_after_an_error() {
    let rules = Rules { asks_after_error: false, ..Rules::default() };
    caught(rules, Left { faults: 1, clicks: 1, ..NOTHING }, WAY_ON);
    caught(rules, Left { faults: 1, clicks: 1, ..NOTHING }, SETTLES);
}

fn takes_an_error_for_closed(procedure: Procedure, answer: Answer, at: Situation) -> Progress {
    match answer {
        Answer::Close(CloseAnswer::Failed) => {
            procedure.next(Answer::Close(CloseAnswer::Closed), at)
        }
        answer => procedure.next(answer, at),
    }
}

#[test]
fn a_close_that_failed_is_taken_for_closed() {
    let rules = Rules { next: takes_an_error_for_closed, ..Rules::default() };
    caught(rules, Left { faults: 1, clicks: 2, ..NOTHING }, WATCHED);
}

fn takes_the_close_of_an_unknown_order_for_closed(
    procedure: Procedure,
    answer: Answer,
    at: Situation,
) -> Progress {
    let next = procedure.next(answer, at);
    match (answer, next.step) {
        (Answer::Trade(Some(TradeState::NotCreated)), Step::Write(Signal::Abandoned(ending))) => {
            Progress { step: Step::Write(Signal::Closed(ending)), ..next }
        }
        _ => next,
    }
}

/// WeChat Pay answers "closed" of an order that it does not have yet (gateways.md A4.2).
#[test]
fn the_close_of_an_unknown_order_is_taken_for_closed() {
    let rules = Rules { next: takes_the_close_of_an_unknown_order_for_closed, ..Rules::default() };
    caught(rules, Left { faults: 1, clicks: 2, ..NOTHING }, WATCHED);
}

fn makes_beside_what_is_open(procedure: Procedure, answer: Answer, at: Situation) -> Progress {
    let next = procedure.next(answer, at);
    match next.step {
        // The other wallet is started although the first payment can still be paid.
        Step::Refuse(Refusal::StillOpen) => {
            let start = Request::Start { key: Key::New, is_same_method: false };
            Procedure::begin(start, Situation { payment: None, ..at })
        }
        _ => next,
    }
}

#[test]
fn a_switch_goes_on_although_the_other_payment_is_still_open() {
    let rules =
        Rules { next: makes_beside_what_is_open, insert: inserts_beside, ..Rules::default() };
    caught(rules, Left { faults: 1, clicks: 3, ..NOTHING }, ACTIVE);
}

fn forgets_late_captures(standing: Standing, signal: Signal) -> Change {
    match (standing.session, signal) {
        (SessionStatus::Expired, Signal::Captured) => Change::default(),
        _ => payments::change(standing, signal),
    }
}

#[test]
fn a_late_capture_is_not_looked_at() {
    let rules = Rules { change: forgets_late_captures, ..Rules::default() };
    caught(rules, Left { clicks: 1, ..NOTHING }, SETTLES);
}

fn fails_when_unclear(standing: Standing, signal: Signal) -> Change {
    match signal {
        // The reverse of "unknown is not failed" (docs/guarantees.md, promise 5).
        Signal::Unclear if !standing.payment.is_final() => {
            Change { payment: Some(PaymentStatus::Failed), is_settled: true, ..Change::default() }
        }
        _ => payments::change(standing, signal),
    }
}

#[test]
fn unknown_is_taken_for_failed() {
    let rules = Rules { change: fails_when_unclear, ..Rules::default() };
    caught(rules, Left { faults: 1, clicks: 1, ..NOTHING }, WATCHED);
}

#[test]
fn every_sign_in_makes_an_order() {
    let rules = Rules { orders_once: false, ..Rules::default() };
    let left = Left { faults: 1, clicks: 1, ..NOTHING };
    caught_in(Browser::Wechat, rules, left, ACTIVE);
}

#[test]
fn a_bridges_ok_is_taken_for_paid() {
    let rules = Rules { distrusts_bridge: false, ..Rules::default() };
    caught_in(Browser::Wechat, rules, Left { clicks: 1, ..NOTHING }, CAPTURED);
}

#[test]
fn a_widget_ignores_a_refusal_of_the_page() {
    let rules = Rules { obeys_page: false, ..Rules::default() };
    let left = Left { refusals: 1, clicks: 1, ..NOTHING };
    caught(rules, left, OBEYS);
    caught_in(Browser::Phone, rules, left, OBEYS);
}

fn opens_beside(_: OrderState) -> Open {
    Open::Make
}

#[test]
fn a_second_session_of_an_order_is_opened_beside_the_first_one() {
    let rules = Rules { open: opens_beside, ..Rules::default() };
    caught(rules, Left { opens: 1, ..NOTHING }, ONE_SESSION);
    // Both are paid if the capture rule does not look beyond its own session.
    let rules = Rules { change: ignores_other_sessions, ..rules };
    caught(rules, Left { opens: 1, clicks: 2, ..NOTHING }, KEPT);
}

fn ignores_other_sessions(standing: Standing, signal: Signal) -> Change {
    payments::change(Standing { is_paid_otherwise: false, ..standing }, signal)
}

fn sells_twice(order: OrderState) -> Open {
    payments::open(OrderState { is_paid: false, ..order })
}

#[test]
fn a_paid_order_is_sold_again() {
    let rules = Rules { open: sells_twice, ..Rules::default() };
    caught(rules, Left { opens: 1, clicks: 1, ..NOTHING }, ONE_SESSION);
}

fn replaces_without_closing(request: Request, at: Situation) -> Progress {
    let begun = Procedure::begin(request, at);
    match (request, begun.step) {
        // As if the gateway had closed the payment of the replaced session.
        (Request::Replace, Step::Close) => {
            Progress { step: Step::Write(Signal::Closed(Ending::Canceled)), ..unseen(at) }
        }
        _ => begun,
    }
}

/// Returns the procedure at the write of an end that needs no gateway call.
fn unseen(at: Situation) -> Progress {
    let unseen = at.payment.map(|payment| PaymentState { is_handed_out: false, ..payment });
    Procedure::begin(Request::Replace, Situation { payment: unseen, ..at })
}

#[test]
fn a_session_is_replaced_and_its_payment_not_closed() {
    let rules = Rules { begin: replaces_without_closing, ..Rules::default() };
    caught(rules, Left { opens: 1, clicks: 1, ..NOTHING }, WATCHED);
}

fn owes_the_whole(standing: RefundStanding, signal: RefundSignal) -> AfterRefund {
    payments::after_refund(RefundStanding { is_too_much: false, ..standing }, signal)
}

#[test]
fn the_rest_of_a_late_payment_is_never_sent_after_staff_refunded_a_part() {
    let rules = Rules { after_refund: owes_the_whole, ..Rules::default() };
    caught(rules, Left { consoles: 1, clicks: 1, ..NOTHING }, SETTLES);
}
