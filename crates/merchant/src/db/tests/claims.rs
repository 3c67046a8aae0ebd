//! The worker's claims of payments.

use std::collections::HashMap;

use contract::PaymentMethod;
use merchant_test_support::stored::uses_postgres;

use super::rows::{
    LEASE_MS, START, apply_update, claim, database, due, lease, ordered, start, start_shown,
};
use crate::db::apply::Update;
use crate::db::claims::{self, Waiting};
use crate::db::payments;
use crate::db::sessions;
use crate::rules::{Ending, Signal};

#[test]
fn due_payments_are_claimed_once() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &ordered(), START);
    assert!(due(&connection, &[], START).is_empty());
    let claimed = claim(&connection, &[], START.plus_ms(5_000)).pop().unwrap();
    assert!(due(&connection, &[], START.plus_ms(5_000)).is_empty(), "somebody has it");
    payments::note_check(&connection, "pay_1", START.plus_ms(5_000)).unwrap();
    assert!(due(&connection, &["cs_1"], START.plus_ms(30_000)).is_empty(), "still");
    claims::release(&connection, &claimed).unwrap();
    assert!(due(&connection, &[], START.plus_ms(29_000)).is_empty());
    assert_eq!(due(&connection, &["cs_1"], START.plus_ms(14_000)), ["pay_1"], "a shopper waits");
    assert!(due(&connection, &["cs_1"], START.plus_ms(15_000)).is_empty());
}

#[test]
fn an_expired_lease_does_not_end_a_later_claim() {
    let connection = database();
    start(&connection, "pay_1", START);
    let first = claim(&connection, &[], START.plus_ms(5_000)).pop().unwrap();
    let after_lease = START.plus_ms(LEASE_MS + 5_000);
    let second = claim(&connection, &[], after_lease).pop().unwrap();
    claims::release(&connection, &first).unwrap();
    payments::ask_at(&connection, "pay_1", after_lease).unwrap();
    assert!(due(&connection, &[], after_lease).is_empty(), "the second task has it");
    claims::release(&connection, &second).unwrap();
    assert_eq!(due(&connection, &[], after_lease), ["pay_1"]);
}

#[test]
fn h2_above_a_thousand_shoppers_each_payment_is_queried_within_the_bound() {
    if uses_postgres() {
        // Eighty thousand statements, a round trip each, whose order is the same.
        return;
    }
    let connection = database();
    let waiting: Vec<_> = (0..2_000).map(|number| start_shown(&connection, number)).collect();
    let waiting = Waiting { session_ids: waiting, interval_ms: 40_000 };
    let mut claims = HashMap::new();
    // Two minutes of a gateway that answers within half a second, 32 queries at once.
    for half_seconds in 0..240 {
        let now = START.plus_ms(5_000 + half_seconds * 500);
        let lease = lease(now);
        let claimed =
            claims::claim_asked(&connection, PaymentMethod::Alipay, &waiting, lease, 32).unwrap();
        assert!(claimed.len() <= 32, "no more than there are permits");
        for claimed in claimed {
            *claims.entry(claimed.id.clone()).or_insert(0) += 1;
            payments::note_check(&connection, &claimed.id, now).unwrap();
            claims::release(&connection, &claimed).unwrap();
        }
    }
    assert_eq!(claims.len(), 2_000, "every payment");
    let (least, most) = (claims.values().min().unwrap(), claims.values().max().unwrap());
    assert!(*least >= 2 && *most <= 5, "{least} to {most}");
}

#[test]
fn h2_expiry_and_closing_are_claimed_however_many_shoppers_wait() {
    let connection = database();
    let waiting: Vec<_> = (0..200).map(|number| start_shown(&connection, number)).collect();
    sessions::end_now(&connection, &waiting[199], START.plus_ms(1_000)).unwrap();
    apply_update(
        &connection,
        "pay_00150",
        &Update::Plain(Signal::GivenUp(Ending::Canceled)),
        START,
    );
    let lease = lease(START.plus_ms(10_000));
    let claim = |limit| claims::claim_owed(&connection, PaymentMethod::Alipay, lease, limit);
    let mut owed: Vec<_> = claim(64).unwrap().into_iter().map(|claimed| claimed.id).collect();
    owed.sort();
    assert_eq!(owed, ["pay_00150", "pay_00199"], "and none of those that are merely asked about");
    let other = claims::claim_owed(&connection, PaymentMethod::WechatPay, lease, 64).unwrap();
    assert!(other.is_empty(), "each gateway has its own");
}
