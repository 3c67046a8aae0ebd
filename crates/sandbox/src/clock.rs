//! The sandbox's clock, which tests can advance, and the three formats of a time.
//!
//! Signatures always use the real clock: only lifetimes and states follow the pushed one.

use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime};
use tokio::sync::watch;

/// The limit to which the clock may be pushed ahead, in seconds: 400 days.
pub(crate) const MAX_AHEAD_S: i64 = 400 * 24 * 3600;

/// China time, which can be advanced so that codes and orders expire.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_s: watch::Sender<i64>,
}

impl Clock {
    /// The sandbox's time, in China's offset.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let real = OffsetDateTime::now_utc().to_offset(offset!(+8));
        let ahead = Duration::seconds(*self.ahead_s.borrow());
        real.checked_add(ahead).unwrap_or(real)
    }

    /// Advances the clock; returns the seconds by which it is now ahead of the real one.
    pub(crate) fn advance(&self, seconds: u32) -> i64 {
        self.ahead_s.send_modify(|ahead| {
            *ahead = ahead.saturating_add(i64::from(seconds)).min(MAX_AHEAD_S);
        });
        *self.ahead_s.borrow()
    }

    /// Waits until this clock shows `due`, whether time passes or the clock is pushed.
    pub(crate) async fn reach(&self, due: OffsetDateTime) {
        let mut pushed = self.ahead_s.subscribe();
        // A difference below zero is no `std` duration: the time has come.
        while let Ok(left) = std::time::Duration::try_from(due - self.now()) {
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = pushed.changed() => {}
            }
        }
    }
}

/// Seconds since 1970 of the real clock, as headers carry them.
pub(crate) fn unix_now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// `time` moved by `by`, or unmoved where the calendar ends.
pub(crate) fn after(time: OffsetDateTime, by: Duration) -> OffsetDateTime {
    time.checked_add(by).unwrap_or(time)
}

/// The midnight that ends the day of `time`, in China.
pub(crate) fn end_of_day(time: OffsetDateTime) -> OffsetDateTime {
    let time = time.to_offset(offset!(+8));
    let next: Date = time.date().next_day().unwrap_or(time.date());
    next.midnight().assume_offset(offset!(+8))
}

/// As WeChat Pay writes times: `2018-06-08T10:34:56+08:00`.
pub(crate) fn wechat(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+08:00");
    time.to_offset(offset!(+8)).format(&format).unwrap_or_default()
}

/// Reads a time as merchants write it for WeChat Pay (gateways.md A3.1 `time_expire`).
pub(crate) fn parse_wechat(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// As Alipay writes times: China time without offset, `2024-01-02 03:04:05`.
pub(crate) fn alipay(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    time.to_offset(offset!(+8)).format(&format).unwrap_or_default()
}

/// As Alipay writes `gmt_refund`: with milliseconds (gateways.md B9).
pub(crate) fn alipay_with_millis(time: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
    time.to_offset(offset!(+8)).format(&format).unwrap_or_default()
}

/// Reads Alipay's form, which is China time.
pub(crate) fn parse_alipay(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(text, &format).ok().map(|time| time.assume_offset(offset!(+8)))
}

/// The digits of the date, as identifiers of both gateways carry them: `20240102`.
pub(crate) fn date_digits(time: OffsetDateTime) -> String {
    let format = format_description!("[year][month][day]");
    time.to_offset(offset!(+8)).format(&format).unwrap_or_default()
}

/// The digits of date and time, as a `prepay_id` carries them: `20240102030405`.
pub(crate) fn time_digits(time: OffsetDateTime) -> String {
    let format = format_description!("[year][month][day][hour][minute][second]");
    time.to_offset(offset!(+8)).format(&format).unwrap_or_default()
}

/// As the `Date` header writes a time: `Tue, 02 Jan 2024 03:04:05 GMT`.
pub(crate) fn http(unix: i64) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let time = OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&format).unwrap_or_default()
}

/// As the sandbox's own JSON writes times: RFC 3339 in UTC with milliseconds.
pub(crate) fn api(time: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.to_offset(offset!(UTC)).format(&format).unwrap_or_default()
}
