//! The effect of captures on payments and sessions.

use contract::{PaymentStatus as P, RefundStatus, SessionStatus as S};

use super::rows::{
    LATE, START, apply_update, captured, database, due, ordered, payment, request, session, start,
};
use crate::db::apply::Update;
use crate::db::payments::{self, PaymentRow};
use crate::db::{refunds, sessions};
use crate::rules::{Alarm, Ending, Signal};

#[test]
fn a_capture_completes_the_session_once() {
    let connection = database();
    start(&connection, "pay_1", START);
    let outcome = apply_update(&connection, "pay_1", &ordered(), START);
    assert_eq!((outcome.payment, outcome.revision), (P::RequiresAction, Some(3)));
    let outcome = apply_update(&connection, "pay_1", &captured("T1"), START);
    assert_eq!((outcome.payment, outcome.session), (P::Succeeded, S::Complete));
    assert_eq!(outcome.revision, Some(4));
    let again = apply_update(&connection, "pay_1", &captured("T1"), START);
    assert_eq!((again.revision, again.alarm), (None, None), "a replay changes nothing");
    let other = apply_update(&connection, "pay_1", &captured("T2"), START);
    assert_eq!((other.revision, other.alarm), (None, Some(Alarm::TransactionDiffers)));
    assert!(due(&connection, &[], LATE.plus_ms(86_400_000)).is_empty(), "nothing left to ask");
}

#[test]
fn an_old_code_that_is_paid_replaces_the_new_payment() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &ordered(), START);
    apply_update(&connection, "pay_1", &Update::Plain(Signal::Abandoned(Ending::Canceled)), START);
    start(&connection, "pay_2", START);
    apply_update(&connection, "pay_2", &ordered(), START);
    let outcome = apply_update(&connection, "pay_1", &captured("T1"), START);
    assert_eq!((outcome.payment, outcome.session), (P::Succeeded, S::Complete));
    assert_eq!(payments::shown(&connection, "cs_1").unwrap().unwrap().id, "pay_1");
    let overtaken = payments::find(&connection, "pay_2").unwrap().unwrap();
    assert_eq!(overtaken.status, P::Canceled);
    assert!(overtaken.is_close_wanted);
    assert_eq!(due(&connection, &[], START), ["pay_2"], "it is closed at once");

    let outcome = apply_update(&connection, "pay_2", &captured("T2"), START);
    assert_eq!(outcome.alarm, Some(Alarm::Duplicate));
    assert_eq!((outcome.payment, outcome.session), (P::Canceled, S::Complete));
    let duplicate = payments::find(&connection, "pay_2").unwrap().unwrap();
    assert_eq!(refunds::held(&connection, "pay_2").unwrap(), 12_800);
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 0);
    assert_eq!(duplicate.transaction_id.as_deref(), Some("T2"));
    assert!(apply_update(&connection, "pay_2", &captured("T2"), START).alarm.is_none());
}

#[test]
fn one_transaction_pays_one_payment() {
    let connection = database();
    sessions::insert(&connection, &session("cs_2")).unwrap();
    start(&connection, "pay_1", START);
    let other = PaymentRow { session_id: "cs_2".to_owned(), ..payment("pay_2") };
    payments::start(&connection, &other, &request("other"), START).unwrap();
    apply_update(&connection, "pay_1", &captured("T1"), START);
    let outcome = apply_update(&connection, "pay_2", &captured("T1"), START);
    assert_eq!(outcome.alarm, Some(Alarm::TransactionReused));
    assert_eq!((outcome.payment, outcome.session), (P::Processing, S::Open));
}

#[test]
fn a_late_capture_is_refunded() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &ordered(), START);
    let outcome = apply_update(
        &connection,
        "pay_1",
        &Update::Plain(Signal::Abandoned(Ending::Expired)),
        LATE,
    );
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert_eq!(due(&connection, &[], LATE.plus_ms(30_000)), ["pay_1"], "it is still watched");
    let outcome = apply_update(&connection, "pay_1", &captured("T1"), LATE.plus_ms(60_000));
    assert_eq!((outcome.payment, outcome.session), (P::Expired, S::Expired));
    assert_eq!(outcome.alarm, Some(Alarm::Late));
    let late = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert!(late.is_captured());
    assert_eq!(refunds::of_session(&connection, "cs_1").unwrap(), Some(RefundStatus::Pending));
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 12_800);
}
