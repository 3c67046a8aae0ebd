//! China time: a fixed +08:00 offset, so that no time zone database is needed.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::GatewayError;

const OFFSET: UtcOffset = offset!(+8);
const SPACED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const RFC3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+08:00");

/// `yyyy-MM-dd HH:mm:ss`, as Alipay writes times; `None` beyond the calendar.
pub(crate) fn spaced(at: OffsetDateTime) -> Option<String> {
    in_china(at)?.format(SPACED).ok()
}

/// RFC 3339 in whole seconds with `+08:00`, as WeChat Pay writes times.
pub(crate) fn rfc3339(at: OffsetDateTime) -> Option<String> {
    in_china(at)?.format(RFC3339).ok()
}

/// `yyyy-MM-dd`, a day in China whose bill is asked for.
///
/// # Errors
/// [`GatewayError::InvalidOrder`] beyond the calendar.
pub(crate) fn day(date: Date) -> Result<String, GatewayError> {
    let text = has_four_digits(date).then(|| date.format(DAY).ok()).flatten();
    text.ok_or(GatewayError::InvalidOrder { field: "date", problem: "is beyond the calendar" })
}

fn in_china(at: OffsetDateTime) -> Option<OffsetDateTime> {
    at.checked_to_offset(OFFSET).filter(|at| has_four_digits(at.date()))
}

/// Years before our era would be written with a sign.
fn has_four_digits(date: Date) -> bool {
    (0..=9999).contains(&date.year())
}

/// Reads `yyyy-MM-dd HH:mm:ss`, ignoring the milliseconds that `gmt_refund` carries.
pub(crate) fn parse_spaced(text: &str) -> Option<OffsetDateTime> {
    let seconds = text.get(..19)?;
    let local = PrimitiveDateTime::parse(seconds, SPACED).ok()?;
    Some(local.assume_offset(OFFSET))
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn d18_times_beyond_the_calendar_are_not_written() {
        assert_eq!(day(date!(2026 - 01 - 02)).as_deref(), Ok("2026-01-02"));
        assert_eq!(day(date!(0000 - 01 - 01)).as_deref(), Ok("0000-01-01"));
        for beyond in [Date::MIN, date!(-0001 - 12 - 31)] {
            let said = day(beyond).unwrap_err().to_string();
            assert!(said.contains("beyond the calendar"), "{said}");
        }
        assert_eq!(spaced(datetime!(-0001-12-31 15:59:59 UTC)), None);
        assert_eq!(rfc3339(datetime!(-0001-12-31 15:59:59 UTC)), None);
        assert_eq!(rfc3339(datetime!(9999-12-31 23:00:00 UTC)), None);
        assert_eq!(
            spaced(datetime!(-0001-12-31 16:00:00 UTC)).as_deref(),
            Some("0000-01-01 00:00:00")
        );
    }
}
