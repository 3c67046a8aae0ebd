use contract::{PaymentStatus as P, RefundStatus as R, SessionStatus as S};

use super::*;

const ACTIVE: [P; 2] = [P::RequiresAction, P::Processing];
const ENDED: [P; 3] = [P::Failed, P::Canceled, P::Expired];
const SIGNALS: [Signal; 13] = [
    Signal::Captured,
    Signal::Refunded,
    Signal::Pending,
    Signal::Ordered,
    Signal::Refused,
    Signal::Unclear,
    Signal::Closed(Ending::Canceled),
    Signal::Closed(Ending::Expired),
    Signal::Abandoned(Ending::Canceled),
    Signal::Abandoned(Ending::Expired),
    Signal::GivenUp(Ending::Canceled),
    Signal::GivenUp(Ending::Expired),
    Signal::NeverClosed,
];

fn standing(payment: P, session: S) -> Standing {
    Standing {
        payment,
        session,
        is_handed_out: true,
        is_captured: payment == P::Succeeded,
        is_paid_otherwise: false,
        is_time_up: false,
    }
}

/// Every state of a payment that the database can hold.
fn standings() -> Vec<Standing> {
    let mut all = Vec::new();
    for payment in P::ALL {
        for session in S::ALL {
            for bits in 0..16_u8 {
                let bit = |n: u8| bits & (1 << n) != 0;
                let standing = Standing {
                    payment: *payment,
                    session: *session,
                    is_handed_out: bit(0),
                    is_captured: *payment == P::Succeeded || bit(1) && payment.is_final(),
                    is_paid_otherwise: bit(2) && *payment != P::Succeeded,
                    is_time_up: bit(3),
                };
                let is_consistent = (*session == S::Complete)
                    == (*payment == P::Succeeded || standing.is_paid_otherwise);
                if is_consistent {
                    all.push(standing);
                }
            }
        }
    }
    all
}

#[test]
fn a_capture_completes_a_session_that_is_not_paid() {
    for is_time_up in [false, true] {
        for payment in ACTIVE.into_iter().chain(ENDED) {
            let standing = Standing { is_time_up, ..standing(payment, S::Open) };
            let change = change(standing, Signal::Captured);
            assert_eq!(change.payment, Some(P::Succeeded), "{payment}");
            assert!(change.is_overtaking);
            assert_eq!(change.session, Some(S::Complete));
            assert_eq!((change.refund_due, change.alarm), (None, None));
            assert!(change.is_settled);
        }
    }
}

#[test]
fn a_second_capture_is_recorded_for_refund() {
    for (payment, becomes) in
        [(P::RequiresAction, Some(P::Canceled)), (P::Canceled, None), (P::Expired, None)]
    {
        let standing = Standing { is_paid_otherwise: true, ..standing(payment, S::Complete) };
        let change = change(standing, Signal::Captured);
        assert_eq!(change.payment, becomes);
        assert_eq!(change.session, None);
        assert_eq!(change.refund_due, Some(RefundDue::Duplicate));
        assert_eq!(change.alarm, Some(Alarm::Duplicate));
    }
    for (session, due) in [(S::Canceled, RefundDue::SessionCanceled), (S::Expired, RefundDue::Late)]
    {
        for payment in ACTIVE.into_iter().chain(ENDED) {
            let change = change(standing(payment, session), Signal::Captured);
            assert_eq!(change.refund_due, Some(due), "{payment}");
            assert_eq!(change.session, None, "{payment}");
            assert_ne!(change.payment, Some(P::Succeeded), "{payment}");
            assert!(change.is_settled && change.alarm.is_some(), "{payment}");
        }
    }
}

#[test]
fn every_capture_is_kept_or_refunded_once() {
    for standing in standings().into_iter().filter(|standing| !standing.is_captured) {
        let change = change(standing, Signal::Captured);
        let is_kept = change.payment == Some(P::Succeeded);
        assert_ne!(is_kept, change.refund_due.is_some(), "{standing:?}");
        assert_eq!(is_kept, change.session == Some(S::Complete), "{standing:?}");
    }
}

#[test]
fn b6_a_refund_made_elsewhere_proves_an_unrecorded_capture() {
    for standing in standings().into_iter().filter(|standing| !standing.is_captured) {
        let seen = change(standing, Signal::Captured);
        let proved = change(standing, Signal::Refunded);
        assert!(proved.alarm.is_some(), "{standing:?}");
        assert_eq!(Change { alarm: seen.alarm, ..proved }, seen, "{standing:?}");
    }
}

#[test]
fn a_recorded_capture_changes_nothing() {
    for standing in standings().into_iter().filter(|standing| standing.is_captured) {
        for signal in SIGNALS {
            let change = change(standing, signal);
            assert_eq!(change.payment, None, "{standing:?} {signal:?}");
            assert_eq!(change.session, None, "{standing:?} {signal:?}");
            assert_eq!(change.refund_due, None, "{standing:?} {signal:?}");
        }
    }
}

#[test]
fn only_a_capture_succeeds_and_completes() {
    for standing in standings() {
        for signal in SIGNALS {
            let change = change(standing, signal);
            if !matches!(signal, Signal::Captured | Signal::Refunded) {
                assert_ne!(change.payment, Some(P::Succeeded), "{standing:?} {signal:?}");
                assert_ne!(change.session, Some(S::Complete), "{standing:?} {signal:?}");
            }
        }
    }
}

#[test]
fn an_ended_payment_is_changed_only_by_a_capture() {
    for standing in standings().into_iter().filter(|standing| standing.payment.is_final()) {
        let is_capture = |signal: &Signal| matches!(signal, Signal::Captured | Signal::Refunded);
        for signal in SIGNALS.into_iter().filter(|signal| !is_capture(signal)) {
            let change = change(standing, signal);
            assert_eq!((change.payment, change.session), (None, None), "{standing:?} {signal:?}");
        }
    }
}

#[test]
fn closed_and_abandoned_payments_get_their_final_status() {
    let open = standing(P::RequiresAction, S::Open);
    let late = Standing { is_time_up: true, ..open };
    for (at, signal, payment, session, is_settled) in [
        (open, Signal::Closed(Ending::Canceled), P::Canceled, None, true),
        (open, Signal::Closed(Ending::Expired), P::Expired, None, true),
        (open, Signal::Abandoned(Ending::Canceled), P::Canceled, None, false),
        (late, Signal::Closed(Ending::Expired), P::Expired, Some(S::Expired), true),
        (late, Signal::Abandoned(Ending::Expired), P::Expired, Some(S::Expired), false),
        (late, Signal::Closed(Ending::Canceled), P::Canceled, None, true),
    ] {
        let change = change(at, signal);
        assert_eq!(change.payment, Some(payment), "{at:?} {signal:?}");
        assert_eq!(change.session, session, "{at:?} {signal:?}");
        assert_eq!(change.is_settled, is_settled, "{at:?} {signal:?}");
    }
}

#[test]
fn an_order_answer_sets_the_status_of_a_payment_without_a_code() {
    let started = Standing { is_handed_out: false, ..standing(P::Processing, S::Open) };
    assert_eq!(change(started, Signal::Ordered).payment, Some(P::RequiresAction));
    assert_eq!(change(started, Signal::Refused).payment, Some(P::Failed));
    assert_eq!(change(started, Signal::Unclear), Change::default());
    let shown = standing(P::RequiresAction, S::Open);
    assert_eq!(change(shown, Signal::Ordered), Change::default());
    assert_eq!(change(shown, Signal::Refused), Change::default());
    assert_eq!(change(shown, Signal::Unclear), Change::default());
    assert_eq!(change(shown, Signal::Pending), Change::default());
    let late = Standing { is_time_up: true, ..shown };
    assert_eq!(change(late, Signal::Unclear).payment, Some(P::Processing));
}

#[test]
fn a_session_expires_only_when_open_past_its_time_and_without_active_payment() {
    for session in S::ALL {
        for has_active in [false, true] {
            for is_time_up in [false, true] {
                let expected = *session == S::Open && !has_active && is_time_up;
                let got = expire(*session, has_active, is_time_up);
                assert_eq!(got, expected.then_some(S::Expired));
            }
        }
    }
}

#[test]
fn a_payment_given_up_before_its_close_is_closed_later() {
    let open = standing(P::RequiresAction, S::Open);
    let wanted = |standing, signal| change(standing, signal).is_close_wanted;
    assert_eq!(wanted(open, Signal::GivenUp(Ending::Expired)), Some(true));
    assert_eq!(wanted(standing(P::Expired, S::Open), Signal::GivenUp(Ending::Expired)), None);
    assert_eq!(wanted(open, Signal::Abandoned(Ending::Expired)), Some(false));
    assert_eq!(wanted(open, Signal::Closed(Ending::Expired)), Some(false));
    assert_eq!(wanted(open, Signal::Pending), None);
}

#[test]
fn a_start_depends_on_session_key_and_payment() {
    let new = Starting {
        session: S::Open,
        is_time_up: false,
        key: Key::New,
        payment: None,
        is_same_method: false,
    };
    let shown = Some(PaymentState::new(P::RequiresAction, true));
    let begun = Some(PaymentState::new(P::Processing, false));
    let made = |status, is_handed_out| Starting {
        key: Key::Made,
        payment: Some(PaymentState::new(status, is_handed_out)),
        ..new
    };
    let closed = |status| Start::Refuse(Refusal::SessionClosed(status));
    for (starting, expected) in [
        (new, Start::Make),
        (Starting { payment: shown, ..new }, Start::CloseFirst),
        (Starting { payment: shown, is_same_method: true, ..new }, Start::AsItIs),
        (Starting { payment: begun, is_same_method: true, ..new }, Start::OrderAgain),
        (Starting { key: Key::OtherBody, ..new }, Start::Refuse(Refusal::KeyReused)),
        (made(P::RequiresAction, true), Start::AsItIs),
        (made(P::Processing, false), Start::OrderAgain),
        (made(P::Failed, false), Start::AsItIs),
        (Starting { is_time_up: true, ..new }, closed(S::Expired)),
        (Starting { session: S::Complete, ..new }, closed(S::Complete)),
        (Starting { session: S::Complete, ..made(P::Succeeded, true) }, Start::AsItIs),
        (Starting { is_time_up: true, ..made(P::Processing, false) }, closed(S::Expired)),
    ] {
        assert_eq!(start(starting), expected, "{starting:?}");
    }
    assert_eq!(insert(S::Open, false, true), Err(Refusal::OtherActive));
    assert_eq!(insert(S::Open, false, false), Ok(()));
}

#[test]
fn a_refresh_depends_on_session_and_payment() {
    assert_eq!(refresh(S::Open, false, P::RequiresAction, false), Start::OrderAgain);
    assert_eq!(refresh(S::Complete, false, P::Succeeded, true), Start::AsItIs);
    let refused = |refusal| Start::Refuse(refusal);
    assert_eq!(refresh(S::Open, false, P::Canceled, false), refused(Refusal::PaymentClosed));
    let expired = refused(Refusal::SessionClosed(S::Expired));
    assert_eq!(refresh(S::Open, true, P::RequiresAction, false), expired);
}

#[test]
fn a_refund_never_exceeds_its_payment() {
    let full = Refundable { payment: P::Succeeded, captured: 100, held: 0, asked: None };
    assert_eq!(refundable(full), Ok(100));
    assert_eq!(refundable(Refundable { held: 40, ..full }), Ok(60));
    assert_eq!(refundable(Refundable { asked: Some(60), held: 40, ..full }), Ok(60));
    for (asked, held, left) in [(Some(61), 40, 60), (None, 100, 0), (Some(1), 100, 0)] {
        let refused = refundable(Refundable { asked, held, ..full });
        assert_eq!(refused, Err(RefundRefusal::TooMuch { left }));
    }
    for asked in [0, -5] {
        let refused = refundable(Refundable { asked: Some(asked), ..full });
        assert_eq!(refused, Err(RefundRefusal::TooLittle));
    }
    for payment in P::ALL.iter().filter(|status| **status != P::Succeeded) {
        let refused = refundable(Refundable { payment: *payment, ..full });
        assert_eq!(refused, Err(RefundRefusal::NotSucceeded));
    }
}

fn refund(status: R, is_held: bool) -> RefundStanding {
    RefundStanding { status, is_held, is_owed: false, is_too_much: false, is_renewable: false }
}

#[test]
fn a_refund_ends_only_by_the_gateways_answer() {
    assert_eq!((refund_first(0), refund_first(1)), (RefundCall::Send, RefundCall::Query));
    for (signal, status) in [
        (RefundSignal::Succeeded, Some(R::Succeeded)),
        (RefundSignal::Refused, Some(R::Failed)),
        (RefundSignal::Closed, Some(R::Failed)),
        (RefundSignal::Abnormal, Some(R::Failed)),
        (RefundSignal::Processing, None),
        (RefundSignal::Missing, None),
        (RefundSignal::Unclear, None),
        (RefundSignal::Hindered, None),
    ] {
        let after = after_refund(refund(R::Pending, true), signal);
        assert_eq!(after.status, status, "{signal:?}");
        let done = after_refund(refund(R::Succeeded, true), signal);
        assert_eq!(done, AfterRefund::default());
        let mended = (signal == RefundSignal::Succeeded).then_some(R::Succeeded);
        assert_eq!(after_refund(refund(R::Failed, true), signal).status, mended);
        assert_eq!(after_refund(refund(R::Failed, false), signal).status, None);
    }
}

#[test]
fn m1_an_owed_refund_stays_pending_after_a_refusal() {
    let owed = RefundStanding { is_owed: true, ..refund(R::Pending, true) };
    let after = after_refund(owed, RefundSignal::Refused);
    assert_eq!((after.status, after.is_released, after.is_alarming), (None, false, true));
}

#[test]
fn only_an_owed_refund_that_was_closed_is_renewed_up_to_the_limit() {
    use contract::RefundReason as Reason;
    for reason in [Reason::Duplicate, Reason::Late, Reason::SessionCanceled] {
        assert!(may_be_renewed(reason, 1) && may_be_renewed(reason, 2), "{reason}");
        assert!(!may_be_renewed(reason, 3), "{reason}");
    }
    // A refund that the merchant requested is not renewed: the merchant may not want it any more.
    assert!(!may_be_renewed(Reason::RequestedByMerchant, 1));
    let owed = RefundStanding { is_owed: true, is_renewable: true, ..refund(R::Pending, true) };
    let after = after_refund(owed, RefundSignal::Closed);
    assert!(after.is_renewed && after.is_released && !after.is_alarming, "{after:?}");
    for signal in [RefundSignal::Refused, RefundSignal::Abnormal, RefundSignal::Missing] {
        assert!(!after_refund(owed, signal).is_renewed, "{signal:?}");
    }
    let last = after_refund(refund(R::Pending, true), RefundSignal::Closed);
    assert!(!last.is_renewed && last.is_released && last.is_alarming, "{last:?}");
    // A repeated signal renews nothing.
    let over = RefundStanding { is_renewable: true, ..refund(R::Failed, false) };
    assert_eq!(after_refund(over, RefundSignal::Closed), AfterRefund::default());
}

#[test]
fn b5_what_is_left_is_owed_when_a_part_has_gone_back_elsewhere() {
    let owed = RefundStanding { is_owed: true, is_too_much: true, ..refund(R::Pending, true) };
    let after = after_refund(owed, RefundSignal::Refused);
    assert_eq!(after.status, Some(R::Failed));
    assert!(after.is_renewed && after.is_released && !after.is_alarming, "{after:?}");
    // Any other outcome changes nothing: the gateway may still execute it.
    assert_eq!(after_refund(owed, RefundSignal::Missing), AfterRefund::default());
    let rest = RefundStanding { is_too_much: false, ..owed };
    assert!(!after_refund(rest, RefundSignal::Refused).is_renewed, "only once");
}
