use contract::{PaymentStatus as P, SessionStatus as S};

use super::next::EXPIRY_GRACE_MS;
use super::*;

const OPEN: Situation =
    Situation { session: S::Open, is_time_up: false, late_ms: -60_000, payment: None };
const SHOWN: PaymentState = PaymentState::new(P::RequiresAction, true);
const BEGUN: PaymentState = PaymentState::new(P::Processing, false);

fn with(payment: PaymentState) -> Situation {
    Situation { payment: Some(payment), ..OPEN }
}

/// Returns the steps of a procedure that gets `answers`, each with the situation after it.
fn steps(request: Request, at: Situation, answers: &[(Answer, Situation)]) -> Vec<Step> {
    let mut progress = Procedure::begin(request, at);
    let mut steps = vec![progress.step];
    for (answer, at) in answers {
        progress = progress.procedure.next(*answer, *at);
        steps.push(progress.step);
    }
    steps
}

fn start(key: Key, is_same_method: bool) -> Request {
    Request::Start { key, is_same_method }
}

const TAKEN: Answer = Answer::Order(OrderAnswer::Taken);
const REFUSED: Answer = Answer::Order(OrderAnswer::Refused);
const CLOSED: Answer = Answer::Close(CloseAnswer::Closed);
const FAILED: Answer = Answer::Close(CloseAnswer::Failed);
const NOT_CREATED: Answer = Answer::Close(CloseAnswer::NotCreated);
const HAND_OUT: Step = Step::Write(Signal::Ordered);
const CANCELED: Ending = Ending::Canceled;
const EXPIRED: Ending = Ending::Expired;

const fn trade(state: TradeState) -> Answer {
    Answer::Trade(Some(state))
}

#[test]
fn a_start_inserts_orders_and_hands_out() {
    let after = with(BEGUN);
    let found = steps(
        start(Key::New, false),
        OPEN,
        &[(Answer::Inserted(Ok(())), after), (TAKEN, after), (Answer::Written, with(SHOWN))],
    );
    assert_eq!(found, [Step::Insert, Step::Order, HAND_OUT, Step::Done]);
    let other = Answer::Inserted(Err(Refusal::OtherActive));
    let found = steps(start(Key::New, false), OPEN, &[(other, OPEN)]);
    assert_eq!(found, [Step::Insert, Step::Refuse(Refusal::OtherActive)]);
}

#[test]
fn a_start_of_an_existing_payment_calls_no_gateway() {
    for request in [start(Key::New, true), start(Key::Made, false)] {
        assert_eq!(steps(request, with(SHOWN), &[]), [Step::Done]);
        assert_eq!(steps(request, with(BEGUN), &[]), [Step::Order], "its answer was lost");
    }
}

#[test]
fn a_switch_closes_and_queries_the_old_payment_before_the_new_one_is_made() {
    let at = with(SHOWN);
    let ended = with(PaymentState::new(P::Canceled, true));
    let query = Step::Query { if_closed: CANCELED };
    let write = Step::Write(Signal::Closed(CANCELED));
    let found = steps(
        start(Key::New, false),
        at,
        &[(CLOSED, at), (trade(TradeState::AwaitingPayer), at), (Answer::Written, ended)],
    );
    assert_eq!(found, [Step::Close, query, write, Step::Insert]);
    // The query found it paid: no new payment is made.
    let paid = Situation { session: S::Complete, ..with(PaymentState::new(P::Succeeded, true)) };
    let found = steps(start(Key::New, false), at, &[(CLOSED, at), (trade(TradeState::Paid), paid)]);
    assert_eq!(found, [Step::Close, query, Step::Done]);
    // It cannot be closed: no payment is made beside it.
    for state in [None, Some(TradeState::AwaitingPayer), Some(TradeState::Unknown)] {
        let answers = [(FAILED, at), (Answer::Trade(state), at)];
        let found = steps(start(Key::New, false), at, &answers);
        assert_eq!(found, [Step::Close, query, Step::Refuse(Refusal::StillOpen)], "{state:?}");
    }
    // No shopper ever saw a code of it: the worker closes it.
    let found = steps(start(Key::New, false), with(BEGUN), &[(Answer::Written, ended)]);
    assert_eq!(found, [Step::Write(Signal::GivenUp(CANCELED)), Step::Insert]);
}

#[test]
fn a_close_leads_to_the_outcome_of_its_query() {
    let at = with(SHOWN);
    let end = |signal| Some(Step::Write(signal));
    for (close, state, expected) in [
        (CLOSED, None, end(Signal::Closed(CANCELED))),
        (CLOSED, Some(TradeState::AwaitingPayer), end(Signal::Closed(CANCELED))),
        // "Closed" is also the answer for an order that never existed, which may still be created
        // (A4.2).
        (CLOSED, Some(TradeState::NotCreated), end(Signal::Abandoned(CANCELED))),
        (FAILED, Some(TradeState::NotCreated), end(Signal::Abandoned(CANCELED))),
        (FAILED, Some(TradeState::Closed), end(Signal::Closed(CANCELED))),
        (FAILED, Some(TradeState::Refunded), end(Signal::Closed(CANCELED))),
        (FAILED, Some(TradeState::AwaitingPayer), None),
        (FAILED, Some(TradeState::Unknown), None),
        (FAILED, None, None),
    ] {
        let found = steps(Request::Cancel, at, &[(close, at), (Answer::Trade(state), at)]);
        let expected = expected.unwrap_or(Step::Refuse(Refusal::StillOpen));
        assert_eq!(found[2], expected, "{close:?} {state:?}");
    }
    let found = steps(Request::Cancel, at, &[(NOT_CREATED, at), (Answer::Written, at)]);
    assert_eq!(found, [Step::Close, Step::Write(Signal::Abandoned(CANCELED)), Step::Done]);
    for status in [P::Succeeded, P::Canceled, P::Expired, P::Failed] {
        let over = with(PaymentState::new(status, true));
        assert_eq!(steps(Request::Cancel, over, &[]), [Step::Done], "{status}");
    }
}

#[test]
fn a_refused_order_is_queried_before_it_is_failed() {
    let at = with(BEGUN);
    let query = Step::Query { if_closed: EXPIRED };
    let fail = Step::Write(Signal::Refused);
    for (state, expected) in [
        (None, fail),
        (Some(TradeState::NotCreated), fail),
        (Some(TradeState::Paid), Step::Done),
        (Some(TradeState::Refunded), Step::Done),
        (Some(TradeState::Closed), Step::Done),
    ] {
        let found = steps(Request::Refresh, at, &[(REFUSED, at), (Answer::Trade(state), at)]);
        assert_eq!(found, [Step::Order, query, expected], "{state:?}");
    }
    // The shopper's old code may still be paid.
    let at = with(SHOWN);
    let answers = [(REFUSED, at), (trade(TradeState::AwaitingPayer), at)];
    let found = steps(Request::Refresh, at, &answers);
    assert_eq!(found, [Step::Order, query, Step::Refuse(Refusal::GatewayRejected)]);
    // Unknown is not failed.
    let found = steps(Request::Refresh, at, &[(Answer::Order(OrderAnswer::Unclear), at)]);
    assert_eq!(found, [Step::Order, Step::Refuse(Refusal::GatewayUnavailable)]);
}

#[test]
fn a_payer_is_identified_once_and_only_before_a_code_exists() {
    let at = with(BEGUN);
    let found = steps(Request::Authorize, at, &[(Answer::Payer(true), at), (TAKEN, at)]);
    assert_eq!(found, [Step::IdentifyPayer, Step::Order, HAND_OUT]);
    assert_eq!(steps(Request::Authorize, with(SHOWN), &[]), [Step::Done]);
    let over = Situation { is_time_up: true, ..at };
    assert_eq!(steps(Request::Authorize, over, &[]), [Step::Done]);
    let found = steps(Request::Authorize, at, &[(Answer::Payer(false), at)]);
    assert_eq!(found, [Step::IdentifyPayer, Step::Refuse(Refusal::GatewayUnavailable)]);
}

#[test]
fn a_check_queries_without_the_lock_and_expires_with_it() {
    let at = with(SHOWN);
    let query = Step::Query { if_closed: CANCELED };
    let begun = Procedure::begin(Request::Check, at);
    assert_eq!((begun.step, begun.procedure.needs_lock()), (query, false));
    let found = steps(Request::Check, at, &[(Answer::Trade(None), at)]);
    assert_eq!(found, [query, Step::Refuse(Refusal::GatewayUnavailable)]);
    let found = steps(Request::Check, at, &[(trade(TradeState::AwaitingPayer), at)]);
    assert_eq!(found, [query, Step::Done]);
    let late = Situation { is_time_up: true, late_ms: 1, ..at };
    let begun = Procedure::begin(Request::Check, late);
    assert_eq!((begun.step, begun.procedure.needs_lock()), (Step::Close, true));
    let captured = PaymentState { is_captured: true, ..SHOWN };
    assert_eq!(steps(Request::Check, with(captured), &[]), [Step::Done]);
    let complete = Situation { session: S::Complete, ..at };
    assert_eq!(steps(Request::Check, complete, &[]), [Step::Done]);
}

#[test]
fn m4_a_session_is_replaced_only_once_its_payment_has_ended_unpaid() {
    let at = with(SHOWN);
    let ended = with(PaymentState::new(P::Canceled, true));
    let query = Step::Query { if_closed: CANCELED };
    let write = Step::Write(Signal::Closed(CANCELED));
    let found = steps(
        Request::Replace,
        at,
        &[
            (CLOSED, at),
            (Answer::Trade(None), at),
            (Answer::Written, ended),
            (Answer::Written, ended),
        ],
    );
    assert_eq!(found, [Step::Close, query, write, Step::CancelSession, Step::Done]);
    let paid = Situation { session: S::Complete, ..with(PaymentState::new(P::Succeeded, true)) };
    let found = steps(Request::Replace, at, &[(CLOSED, at), (trade(TradeState::Paid), paid)]);
    assert_eq!(found, [Step::Close, query, Step::Refuse(Refusal::OrderPaid)]);
    let found = steps(Request::Replace, at, &[(FAILED, at), (Answer::Trade(None), at)]);
    assert_eq!(found, [Step::Close, query, Step::Refuse(Refusal::StillOpen)]);
    assert_eq!(steps(Request::Replace, OPEN, &[]), [Step::CancelSession]);
}

#[test]
fn a_session_expires_only_after_a_close_and_a_query_or_the_grace() {
    let at = Situation { is_time_up: true, late_ms: 5_000, ..with(SHOWN) };
    let query = Step::Query { if_closed: EXPIRED };
    let ended = Situation { payment: Some(PaymentState::new(P::Expired, true)), ..at };
    let found = steps(
        Request::Expire,
        at,
        &[(CLOSED, at), (Answer::Trade(None), at), (Answer::Written, ended)],
    );
    let write = Step::Write(Signal::Closed(EXPIRED));
    assert_eq!(found, [Step::Close, query, write, Step::ExpireSession]);
    let unclear = [(FAILED, at), (Answer::Trade(None), at), (Answer::Written, at)];
    let found = steps(Request::Expire, at, &unclear);
    let wait = Step::Write(Signal::Unclear);
    assert_eq!(found, [Step::Close, query, wait, Step::Refuse(Refusal::StillOpen)]);
    let found = steps(Request::Check, at, &unclear);
    assert_eq!(found[3], Step::Refuse(Refusal::GatewayUnavailable), "a shopper is told so");
    let late = Situation { late_ms: EXPIRY_GRACE_MS, ..at };
    let answers = [(FAILED, late), (Answer::Trade(None), late), (Answer::Written, ended)];
    let found = steps(Request::Expire, late, &answers);
    let give_up = Step::Write(Signal::GivenUp(EXPIRED));
    assert_eq!(found, [Step::Close, query, give_up, Step::ExpireSession]);
    let idle = Situation { payment: None, ..at };
    let found = steps(Request::Expire, idle, &[(Answer::Written, idle)]);
    assert_eq!(found, [Step::ExpireSession, Step::Done]);
}

#[test]
fn the_worker_expires_closes_or_queries() {
    let late = Situation { is_time_up: true, late_ms: 1, ..with(SHOWN) };
    assert_eq!(steps(Request::Attend, late, &[]), [Step::Close]);
    assert_eq!(steps(Request::Attend, with(SHOWN), &[]), [Step::Query { if_closed: CANCELED }]);
    let ended = PaymentState { is_close_wanted: true, ..PaymentState::new(P::Canceled, true) };
    let at = with(ended);
    let closed = Step::Write(Signal::Closed(CANCELED));
    let query = Step::Query { if_closed: CANCELED };
    let confirmed = [(CLOSED, at), (trade(TradeState::Closed), at), (Answer::Written, at)];
    let found = steps(Request::Attend, at, &confirmed);
    assert_eq!(found, [Step::Close, query, closed, Step::Done]);
    let found = steps(Request::Attend, at, &[(CLOSED, at), (trade(TradeState::NotCreated), at)]);
    assert_eq!(found, [Step::Close, query, Step::Write(Signal::Abandoned(CANCELED))]);
    let open = trade(TradeState::AwaitingPayer);
    let found = steps(Request::Attend, at, &[(FAILED, at), (open, at)]);
    assert_eq!(found, [Step::Close, query, Step::Done], "closed later");
    let overdue = with(PaymentState { is_close_overdue: true, ..ended });
    let found = steps(Request::Attend, overdue, &[(FAILED, overdue), (open, overdue)]);
    assert_eq!(found, [Step::Close, query, Step::Write(Signal::NeverClosed)]);
    // The query has already settled it.
    let settled = with(PaymentState { is_close_overdue: true, is_close_wanted: false, ..ended });
    let answers = [(FAILED, overdue), (trade(TradeState::Closed), settled)];
    assert_eq!(steps(Request::Attend, overdue, &answers), [Step::Close, query, Step::Done]);
}

#[test]
fn a_payment_whose_time_ends_during_its_query_is_closed_next() {
    let late = Situation { is_time_up: true, late_ms: 1, ..with(SHOWN) };
    let query = Step::Query { if_closed: CANCELED };
    for answer in [Answer::Trade(None), trade(TradeState::AwaitingPayer)] {
        let found = steps(Request::Attend, with(SHOWN), &[(answer, late)]);
        assert_eq!(found, [query, Step::Close], "{answer:?}");
    }
    let paid = Situation {
        session: S::Complete,
        payment: Some(PaymentState::new(P::Succeeded, true)),
        ..late
    };
    let found = steps(Request::Attend, with(SHOWN), &[(trade(TradeState::Paid), paid)]);
    assert_eq!(found, [query, Step::Done]);
}

#[test]
fn a_refund_that_was_tried_before_is_queried_first() {
    let pending = (Answer::RefundWritten { is_pending: true }, OPEN);
    let missing = (Answer::Refund(RefundSignal::Missing), OPEN);
    let done = (Answer::Refund(RefundSignal::Succeeded), OPEN);
    let found = steps(Request::Refund { tries: 1 }, OPEN, &[missing, pending, done, pending]);
    let query = Step::Refund(RefundCall::Query);
    let send = Step::Refund(RefundCall::Send);
    let write = Step::WriteRefund;
    let expected =
        [query, write(RefundSignal::Missing), send, write(RefundSignal::Succeeded), Step::Done];
    assert_eq!(found, expected);
    assert_eq!(steps(Request::Refund { tries: 0 }, OPEN, &[])[0], send);
    // A notification has ended the refund in between.
    let ended = (Answer::RefundWritten { is_pending: false }, OPEN);
    let found = steps(Request::Refund { tries: 1 }, OPEN, &[missing, ended]);
    assert_eq!(found[2], Step::Done);
}

#[test]
fn m1_a_refused_refund_ends_only_if_the_gateway_knows_none_of_its_number() {
    let refused = (Answer::Refund(RefundSignal::Refused), OPEN);
    let then = |signal| {
        let answers = [refused, (Answer::Refund(signal), OPEN)];
        steps(Request::Refund { tries: 0 }, OPEN, &answers)[1..].to_vec()
    };
    let query = Step::Refund(RefundCall::Query);
    let write = Step::WriteRefund;
    assert_eq!(then(RefundSignal::Missing), [query, write(RefundSignal::Refused)]);
    for signal in [RefundSignal::Succeeded, RefundSignal::Processing, RefundSignal::Unclear] {
        assert_eq!(then(signal), [query, write(signal)]);
    }
}

#[test]
fn a_bills_capture_is_queried_unless_it_is_recorded() {
    let at = with(PaymentState::new(P::Expired, true));
    assert_eq!(steps(Request::Repair, at, &[]), [Step::Query { if_closed: EXPIRED }]);
    let known = with(PaymentState { is_captured: true, ..SHOWN });
    assert_eq!(steps(Request::Repair, known, &[]), [Step::Done]);
}

#[test]
fn an_answer_to_another_step_ends_the_procedure() {
    let found = steps(Request::Refresh, with(SHOWN), &[(Answer::Written, with(SHOWN))]);
    assert_eq!(found, [Step::Order, Step::Refuse(Refusal::OutOfStep)]);
}
