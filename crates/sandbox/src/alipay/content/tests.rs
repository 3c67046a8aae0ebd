//! Amounts and time-outs as texts.

use time::Duration;
use time::macros::datetime;

use super::{fen, relative, yuan};

#[test]
fn yuan_texts_are_read_exactly_or_not_at_all() {
    let cases = [
        ("1", Some(100)),
        ("1.0", Some(100)),
        ("1.00", Some(100)),
        ("0.01", Some(1)),
        ("100000000", Some(10_000_000_000)),
        ("1.001", None),
        ("1e2", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("１", None),
        ("1.", None),
        (".5", None),
        ("", None),
        ("1.-1", None),
        ("99999999999999999999", None),
    ];
    for (text, expected) in cases {
        assert_eq!(fen(text), expected, "{text:?}");
    }
    assert_eq!(yuan(1), "0.01");
    assert_eq!(yuan(12_800), "128.00");
}

#[test]
fn relative_timeouts_end_within_fifteen_days() {
    let now = datetime!(2024-01-02 23:00 +8);
    let cases = [
        ("1m", Some(now + Duration::minutes(1))),
        ("15d", Some(now + Duration::days(15))),
        ("2h", Some(now + Duration::hours(2))),
        ("1c", Some(datetime!(2024-01-03 0:00 +8))),
        ("16d", None),
        ("0m", None),
        ("1.5h", None),
        ("2c", None),
        ("m", None),
        ("", None),
        ("1天", None),
    ];
    for (text, expected) in cases {
        assert_eq!(relative(text, now), expected, "{text:?}");
    }
}
