use super::{Columns, check_row, fields, unsigned_yuan};
use crate::{Bill, Fen};

#[test]
fn a_field_in_quotes_may_hold_commas() {
    for (line, expected) in [
        ("", &[][..]),
        ("a,b,", &["a", "b", ""]),
        (r#"a,"b,c",d"#, &["a", "b,c", "d"]),
        (r#""say ""hi""",x"#, &["say \"hi\"", "x"]),
        (r#"5" screen,x"#, &["5\" screen", "x"]),
        ("a\rb,c", &["a\rb", "c"]),
        (r#""never closed,x"#, &["never closed,x"]),
    ] {
        assert_eq!(fields(line), expected, "{line}");
    }
}

#[test]
fn columns_are_known_by_name_wherever_they_are() {
    let header: Vec<String> = fields("\u{feff}交易时间, 订单金额（元）,备注");
    let columns = Columns::of(&header).unwrap();
    let row = fields("t, 1.00\t");
    assert_eq!(columns.value(&row, &["总金额", "订单金额"]), "1.00");
    assert_eq!(columns.value(&row, &["交易时间"]), "t");
    assert_eq!(columns.value(&row, &["备注"]), "", "a short row");
    assert!(!columns.has(&["总金额"]));
}

#[test]
fn a_refund_has_a_sign_and_nothing_else() {
    assert_eq!(unsigned_yuan("-0.01"), Ok(Fen::new(1).unwrap()));
    assert_eq!(unsigned_yuan("12.80"), Ok(Fen::new(1280).unwrap()));
    for text in ["--1.00", "+1.00", "1.001", "", "1e2"] {
        assert!(unsigned_yuan(text).is_err(), "{text}");
    }
}

#[test]
fn a_bill_is_limited() {
    let row = "x".repeat(16 * 1024);
    assert_eq!(check_row(2_000_000, &row), Ok(()));
    assert_eq!(check_row(2_000_001, ""), Err("a bill of more than 2000000 rows"));
    assert_eq!(check_row(1, &format!("{row}x")), Err("a bill with a row of more than 16 KiB"));
    assert!(Columns::of(&fields(&",".repeat(127))).is_ok());
    let refused = Columns::of(&fields(&",".repeat(128))).err();
    assert_eq!(refused, Some("a bill of more than 128 columns"));
}

#[test]
fn only_the_first_unreadable_rows_are_kept() {
    let mut bill = Bill::default();
    (1..=1_500).for_each(|number| bill.push(number, Err("problem")));
    assert_eq!((bill.unreadable.len(), bill.further_unreadable), (1_000, 500));
    assert_eq!(bill.unreadable.last().map(|row| row.number), Some(1_000));
    let mut both = Bill::default();
    both.push(7, Err("problem"));
    both.append(bill);
    assert_eq!((both.unreadable.len(), both.further_unreadable), (1_000, 501));
    assert_eq!(both.unreadable.first().map(|row| row.number), Some(7));
}
