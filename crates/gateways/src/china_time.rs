//! China time: a fixed +08:00 offset, so that no time zone database is needed.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

const OFFSET: UtcOffset = offset!(+8);
const SPACED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const RFC3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+08:00");

/// `yyyy-MM-dd HH:mm:ss`, as Alipay writes times; `None` beyond the calendar.
pub(crate) fn spaced(at: OffsetDateTime) -> Option<String> {
    at.checked_to_offset(OFFSET)?.format(SPACED).ok()
}

/// RFC 3339 in whole seconds with `+08:00`, as WeChat Pay writes times.
pub(crate) fn rfc3339(at: OffsetDateTime) -> Option<String> {
    at.checked_to_offset(OFFSET)?.format(RFC3339).ok()
}

/// `yyyy-MM-dd`, a day in China; `None` beyond the calendar.
pub(crate) fn day(date: Date) -> Option<String> {
    date.format(DAY).ok()
}

/// Reads `yyyy-MM-dd HH:mm:ss`, ignoring the milliseconds that `gmt_refund` carries.
pub(crate) fn parse_spaced(text: &str) -> Option<OffsetDateTime> {
    let seconds = text.get(..19)?;
    let local = PrimitiveDateTime::parse(seconds, SPACED).ok()?;
    Some(local.assume_offset(OFFSET))
}
