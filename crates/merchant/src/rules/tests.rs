use contract::{PaymentStatus as P, SessionStatus as S};

use super::*;

const ACTIVE: [P; 2] = [P::RequiresAction, P::Processing];
const ENDED: [P; 3] = [P::Failed, P::Canceled, P::Expired];
const SIGNALS: [Signal; 10] = [
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

/// Every standing that the database can hold.
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
    for session in [S::Open, S::Expired] {
        for payment in ACTIVE.into_iter().chain(ENDED) {
            let change = change(standing(payment, session), Signal::Captured);
            assert_eq!(change.payment, Some(P::Succeeded), "{payment} in {session}");
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
    let change = change(standing(P::RequiresAction, S::Canceled), Signal::Captured);
    assert_eq!(change.refund_due, Some(RefundDue::SessionCanceled));
    assert_eq!(change.session, None);
}

#[test]
fn a_capture_that_is_known_changes_nothing() {
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
            if signal != Signal::Captured {
                assert_ne!(change.payment, Some(P::Succeeded), "{standing:?} {signal:?}");
                assert_ne!(change.session, Some(S::Complete), "{standing:?} {signal:?}");
            }
        }
    }
}

#[test]
fn what_has_ended_is_only_changed_by_a_capture() {
    for standing in standings().into_iter().filter(|standing| standing.payment.is_final()) {
        for signal in SIGNALS.into_iter().filter(|signal| *signal != Signal::Captured) {
            let change = change(standing, signal);
            assert_eq!((change.payment, change.session), (None, None), "{standing:?} {signal:?}");
        }
    }
}

#[test]
fn endings() {
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
fn ordering() {
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
fn sessions_expire_only_open_idle_and_late() {
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
