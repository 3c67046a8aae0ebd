//! The books of a day.

use contract::{BillEntry, PaymentMethod, Timestamp};

use super::rows::{LATE, START, apply_update, captured, database, start};
use crate::db::reconciliations;
use crate::db::reconciliations::Number;
use crate::rules::EntryKey;

#[test]
fn the_books_of_a_day_have_moved_money_and_entries_of_the_bill() {
    let connection = database();
    start(&connection, "pay_1", START);
    apply_update(&connection, "pay_1", &captured("T1"), START);
    let day = 86_400_000;
    let books = |from: Timestamp, numbers: &[&str]| {
        let of_order =
            |number: &&str| Number { out_trade_no: (*number).to_owned(), out_refund_no: None };
        let numbers: Vec<Number> = numbers.iter().map(of_order).collect();
        let (method, until) = (PaymentMethod::Alipay, from.plus_ms(day));
        let mut books = reconciliations::books(&connection, method, from, until).unwrap();
        reconciliations::look_up(&connection, &mut books, method, &numbers).unwrap();
        books
    };
    let today = books(START, &["OCpay_1", "OCpay_9"]);
    assert_eq!(today.booked.len(), 1, "once, and nothing for numbers that we do not have");
    assert!(today.booked[0].is_due && today.booked[0].is_done);
    assert_eq!(
        today.id(&EntryKey::new(BillEntry::Payment, "OCpay_1", "OCpay_1")).as_deref(),
        Some("pay_1")
    );
    assert!(books(START.plus_ms(1), &[]).booked.is_empty());
    assert!(books(START.plus_ms(-day), &[]).booked.is_empty(), "the next day's first moment");
    let tomorrow = books(START.plus_ms(day), &["OCpay_1"]);
    assert!(!tomorrow.booked[0].is_due && tomorrow.booked[0].is_done);
    let mut of_other =
        reconciliations::books(&connection, PaymentMethod::WechatPay, START, LATE).unwrap();
    let number = Number { out_trade_no: "OCpay_1".to_owned(), out_refund_no: None };
    let method = PaymentMethod::WechatPay;
    reconciliations::look_up(&connection, &mut of_other, method, &[number]).unwrap();
    assert!(of_other.booked.is_empty(), "the other gateway's number is not its own");
}
