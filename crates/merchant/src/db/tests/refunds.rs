//! The rows of refunds.

use contract::{PaymentMethod, RefundReason, RefundStatus, Timestamp};

use super::rows::{
    LATE, LEASE_MS, START, apply_update, captured, context, database, lease, number, payment,
    request, start, start_shown,
};
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::db::record::{self, MadeElsewhere, RefundUpdate};
use crate::db::sql::{Connection, Isolation, params};
use crate::db::{outbox, payments, refunds};
use crate::rules::{self, Ending, RefundSignal, Signal};

#[test]
fn no_more_is_refunded_than_was_captured() {
    let connection = database();
    start(&connection, "pay_1", START);
    let reason = RefundReason::RequestedByMerchant;
    let open = |connection: &Connection, amount| {
        let payment = payments::find(connection, "pay_1").unwrap().unwrap();
        record::open(connection, context(START), &payment, amount, reason, None)
    };
    assert!(open(&connection, 1).is_err(), "nothing was captured");
    apply_update(&connection, "pay_1", &captured("T1"), START);
    open(&connection, 12_000).unwrap();
    assert!(open(&connection, 801).is_err(), "the database itself refuses it");
    open(&connection, 800).unwrap();
    assert!(open(&connection, 1).is_err());
    let grown =
        connection.execute("UPDATE refunds SET amount_value = 1, held_value = 1", params![]);
    assert!(grown.is_err(), "a refund never grows");
}

#[test]
fn a_refused_refund_releases_its_amount_and_an_abnormal_one_does_not() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &captured("T1"), START);
    let payment = payments::find(&connection, "pay_1").unwrap().unwrap();
    let reason = RefundReason::RequestedByMerchant;
    for (signal, held) in [(RefundSignal::Refused, 0), (RefundSignal::Abnormal, 12_800)] {
        let refund =
            record::open(&connection, context(START), &payment, 12_800, reason, None).unwrap();
        let failed = record(&connection, &refund.id, signal);
        assert_eq!(failed.refund.status, RefundStatus::Failed);
        assert_eq!(refunds::held(&connection, "pay_1").unwrap(), held, "{signal:?}");
        let again = record(&connection, &refund.id, signal);
        assert_eq!(again.after, rules::AfterRefund::default(), "a replay changes nothing");
        let mended = record(&connection, &refund.id, RefundSignal::Succeeded);
        let is_mended = signal == RefundSignal::Abnormal;
        assert_eq!(mended.refund.status == RefundStatus::Succeeded, is_mended);
    }
}

#[test]
fn an_owed_refund_is_sent_under_another_number_when_the_gateway_closes_it() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&connection, "pay_1", &captured("T1"), LATE);
    let shown = |connection: &Connection| {
        refunds::of_session(connection, "cs_1").unwrap().expect("the shopper is told")
    };
    let mut numbers = Vec::new();
    while let Some(id) = pending(&connection) {
        assert_eq!(shown(&connection), RefundStatus::Pending, "not given up yet");
        let outcome = record(&connection, &id, RefundSignal::Closed);
        assert_eq!(outcome.refund.status, RefundStatus::Failed);
        numbers.push(outcome.refund.out_refund_no);
        // The same signal again, from a repeated notification, renews nothing.
        let again = record(&connection, &id, RefundSignal::Closed);
        assert_eq!(again.after, rules::AfterRefund::default());
        assert!(refunds::held(&connection, "pay_1").unwrap() <= 12_800);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
    assert_eq!(shown(&connection), RefundStatus::Failed, "now somebody must look at it");
    assert_eq!(refunds::held(&connection, "pay_1").unwrap(), 0);
    let tasks = "SELECT COUNT(*) AS value FROM outbox WHERE kind = 'refund' AND done_at IS NULL";
    assert_eq!(number(&connection, tasks), 0);
}

#[test]
fn a_refund_that_the_gateway_closes_after_staff_refunded_the_whole_is_not_sent_again() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &Update::Plain(Signal::GivenUp(Ending::Expired)), LATE);
    apply_update(&connection, "pay_1", &captured("T1"), LATE);
    let id = pending(&connection).unwrap();
    let payment = payments::find(&connection, "pay_1").unwrap().unwrap();
    let made = MadeElsewhere {
        out_refund_no: "CONSOLE1".to_owned(),
        amount_value: 12_800,
        gateway_refund_id: None,
    };
    let transaction = connection.begin(Isolation::Serializable).unwrap();
    record::made_elsewhere(&transaction, context(LATE), &payment, &made).unwrap();
    transaction.commit().unwrap();
    let closed = record(&connection, &id, RefundSignal::Closed);
    assert_eq!(closed.refund.status, RefundStatus::Failed);
    assert_eq!(pending(&connection), None, "nothing is left to refund");
}

/// Returns the pending refund.
fn pending(connection: &Connection) -> Option<String> {
    let sql = "SELECT id FROM refunds WHERE status = 'pending'";
    connection.query_optional(sql, params![], |row| row.get("id")).unwrap()
}

fn record(connection: &Connection, id: &str, signal: RefundSignal) -> record::RefundOutcome {
    let update = RefundUpdate {
        signal,
        gateway_refund_id: Some("G1".to_owned()),
        failure_code: Some("CODE".to_owned()),
    };
    let transaction = connection.begin(Isolation::Serializable).unwrap();
    let outcome = record::update(&transaction, context(START), id, &update).unwrap();
    transaction.commit().unwrap();
    outcome
}

/// Claims the refunds that are due at `now`, the first time or again, and returns their ids.
fn claim_refunds(connection: &Connection, method: PaymentMethod, now: Timestamp) -> Vec<String> {
    let claimed = outbox::claim_refunds(connection, method, lease(now), 6).unwrap();
    claimed.into_iter().map(|task| task.subject).collect()
}

#[test]
fn the_refunds_of_one_payment_begin_as_far_apart_as_its_gateway_requires() {
    for (method, spacing_ms) in [(PaymentMethod::WechatPay, 60_000), (PaymentMethod::Alipay, 3_000)]
    {
        let connection = database();
        let row = PaymentRow { payment_method: method, ..payment("pay_1") };
        payments::start(&connection, &row, &request("k"), START).unwrap();
        apply_update(&connection, "pay_1", &captured("T1"), START);
        let open = || {
            let reason = RefundReason::RequestedByMerchant;
            record::open(&connection, context(START), &row, 100, reason, None).unwrap().id
        };
        let (first, second, third) = (open(), open(), open());
        let claim = |after_ms| claim_refunds(&connection, method, START.plus_ms(after_ms));
        assert_eq!(claim(0), [first.as_str()], "{method}");
        assert!(claim(spacing_ms - 1).is_empty(), "{method}");
        assert_eq!(claim(spacing_ms), [second.as_str()], "{method}");
        assert!(!claim(2 * spacing_ms - 1).contains(&third), "{method}");
        assert!(claim(2 * spacing_ms).contains(&third), "{method}");
        // Those that have begun are tried again by their own schedules.
        let again = claim(2 * spacing_ms + LEASE_MS);
        assert_eq!(again.len(), 3, "{method}: {again:?}");
    }
}

#[test]
fn the_refunds_of_several_payments_begin_together() {
    let connection = database();
    for number in 1..=3 {
        start_shown(&connection, number);
        let id = format!("pay_{number:05}");
        apply_update(&connection, &id, &captured(&format!("T{number}")), START);
        let row = payments::find(&connection, &id).unwrap().unwrap();
        let reason = RefundReason::RequestedByMerchant;
        record::open(&connection, context(START), &row, 100, reason, None).unwrap();
    }
    assert_eq!(claim_refunds(&connection, PaymentMethod::Alipay, START).len(), 3);
}
