//! Times of the contract, compared with the `time` crate.

use contract::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::input::Input;

pub(crate) const WORDS: &[&str] = &[
    "2026-11-23T08:00:00.123Z",
    "2018-06-08T10:34:56+08:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "-02-29T",
    "-00:00",
    "+23:59",
    ":60",
];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(4) {
        0 => written(Timestamp::from_unix_ms(input.i64())),
        // Within the years that the format can express.
        1 => written(Timestamp::from_unix_ms(input.i64().rem_euclid(253_402_300_800_000))),
        _ => {
            if let Ok(text) = core::str::from_utf8(input.rest()) {
                read(text);
            }
        }
    }
}

fn read(text: &str) {
    let Ok(moment) = Timestamp::parse(text) else { return };
    // A time that was read is written so that it is read again as equal.
    assert_eq!(Timestamp::parse(&moment.to_text()), Ok(moment), "{text:?}");
    let is_leap_second = text.get(17..19) == Some("60");
    let is_plain = text.as_bytes().get(10) == Some(&b'T');
    if is_leap_second || !is_plain {
        return;
    }
    let known = OffsetDateTime::parse(text, &Rfc3339);
    let known = known.unwrap_or_else(|error| panic!("{text:?} is not RFC 3339: {error}"));
    let unix_ms = known.unix_timestamp_nanos().div_euclid(1_000_000);
    assert_eq!(i128::from(moment.unix_ms()), unix_ms, "{text:?}");
}

fn written(moment: Timestamp) {
    let text = moment.to_text();
    let nanoseconds = i128::from(moment.unix_ms()) * 1_000_000;
    let known = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds);
    let Some(known) = known.ok().filter(|known| (0..=9999).contains(&known.year())) else {
        // A time beyond the calendar is clamped.
        assert!(Timestamp::parse(&text).is_ok(), "{} ms is written {text:?}", moment.unix_ms());
        return;
    };
    assert_eq!(Timestamp::parse(&text), Ok(moment));
    // Another library's text is read.
    let theirs = known.format(&Rfc3339).expect("a year of four digits");
    assert_eq!(Timestamp::parse(&theirs), Ok(moment), "{theirs:?}");
}
