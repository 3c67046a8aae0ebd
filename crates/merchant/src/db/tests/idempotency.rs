//! The requests that were executed.

use super::rows::{LATE, START, database, request};
use crate::db::idempotency::{self, Known, Request};

#[test]
fn keys_belong_to_one_body() {
    let connection = database();
    assert_eq!(idempotency::find(&connection, &request("k")).unwrap(), Known::New);
    idempotency::remember(&connection, &request("k"), "pay_1", START).unwrap();
    let known = idempotency::find(&connection, &request("k")).unwrap();
    assert_eq!(known, Known::Done("pay_1".to_owned()));
    let other = Request::new("cs_1", "k", &"another body");
    assert_eq!(idempotency::find(&connection, &other).unwrap(), Known::OtherBody);
    let elsewhere = Request::new("cs_2", "k", &"another body");
    assert_eq!(idempotency::find(&connection, &elsewhere).unwrap(), Known::New);
    idempotency::forget_before(&connection, LATE, LATE).unwrap();
    assert_eq!(idempotency::find(&connection, &request("k")).unwrap(), Known::New);
}

#[test]
fn l3_the_key_of_a_refund_is_stored_as_long_as_its_payment_can_be_refunded() {
    let connection = database();
    idempotency::remember(&connection, &request("a"), "re_1", START).unwrap();
    idempotency::remember(&connection, &request("b"), "cs_1", START).unwrap();
    let day = 86_400_000;
    let forget = |days: i64| {
        let now = START.plus_ms(days * day);
        let (other, refunds) = (now.plus_ms(-8 * day), now.plus_ms(-400 * day));
        idempotency::forget_before(&connection, other, refunds).unwrap();
    };
    forget(9);
    assert_eq!(idempotency::find(&connection, &request("b")).unwrap(), Known::New);
    assert_eq!(
        idempotency::find(&connection, &request("a")).unwrap(),
        Known::Done("re_1".to_owned())
    );
    forget(401);
    assert_eq!(idempotency::find(&connection, &request("a")).unwrap(), Known::New);
}
