//! A moment on the server's clock; RFC 3339 text on the wire.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z on the server's clock.
///
/// In integers only: the widget needs neither time zones nor floats.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const DAY_MS: i64 = 86_400_000;
/// `0000-01-01T00:00:00.000Z` to `9999-12-31T23:59:59.999Z`, the range of RFC 3339.
const WRITABLE_MS: core::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

impl Timestamp {
    /// A moment from Unix milliseconds.
    #[must_use]
    pub const fn from_unix_ms(unix_ms: i64) -> Self {
        Self(unix_ms)
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Milliseconds from `earlier` to this moment; negative if it lies after.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `ms` milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Reads RFC 3339: `2026-11-23T08:00:00.123Z`, or with an offset such as `+08:00`.
    ///
    /// # Errors
    /// [`TimestampError`] where the text is not RFC 3339, names no real day, or is a moment that
    /// cannot be written in UTC (an offset at the ends of the calendar).
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let mut reader = Reader { bytes: text.as_bytes() };
        let year = reader.digits(4)?;
        reader.expect(b'-')?;
        let month = reader.digits(2)?;
        reader.expect(b'-')?;
        let day = reader.digits(2)?;
        if !matches!(reader.next()?, b'T' | b't' | b' ') {
            return Err(TimestampError);
        }
        let hour = reader.digits(2)?;
        reader.expect(b':')?;
        let minute = reader.digits(2)?;
        reader.expect(b':')?;
        let second = reader.digits(2)?;
        let ms = reader.fraction_ms()?;
        let offset_minutes = reader.offset_minutes()?;
        if !(1..=12).contains(&month)
            || day < 1
            || day > days_in_month(year, month)
            || hour > 23
            || minute > 59
            || second > 60
            || !reader.bytes.is_empty()
        {
            return Err(TimestampError);
        }
        let seconds = ((hour * 60 + minute) - offset_minutes) * 60 + second;
        let unix_ms = days_from_civil(year, month, day) * DAY_MS + seconds * 1_000 + ms;
        if WRITABLE_MS.contains(&unix_ms) { Ok(Self(unix_ms)) } else { Err(TimestampError) }
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-23T08:00:00.123Z`. A moment outside the
    /// years 0 to 9999 is written as the nearest inside.
    #[must_use]
    pub fn to_text(self) -> String {
        let unix_ms = self.0.clamp(*WRITABLE_MS.start(), *WRITABLE_MS.end());
        let (year, month, day) = civil_from_days(unix_ms.div_euclid(DAY_MS));
        let ms = unix_ms.rem_euclid(DAY_MS);
        let mut text = String::with_capacity(24);
        push_digits(&mut text, year, 4);
        text.push('-');
        push_digits(&mut text, month, 2);
        text.push('-');
        push_digits(&mut text, day, 2);
        text.push('T');
        push_digits(&mut text, ms / 3_600_000, 2);
        text.push(':');
        push_digits(&mut text, ms / 60_000 % 60, 2);
        text.push(':');
        push_digits(&mut text, ms / 1_000 % 60, 2);
        text.push('.');
        push_digits(&mut text, ms % 1_000, 3);
        text.push('Z');
        text
    }
}

impl core::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "date-time",
            "description": "A moment on the server's clock: RFC 3339 with milliseconds in UTC.",
        })
    }
}

/// The text is not an RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

impl core::fmt::Display for TimestampError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a time is RFC 3339 text such as 2026-11-23T08:00:00.000Z")
    }
}

impl core::error::Error for TimestampError {}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Result<u8, TimestampError> {
        let (first, rest) = self.bytes.split_first().ok_or(TimestampError)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn expect(&mut self, byte: u8) -> Result<(), TimestampError> {
        if self.next()? == byte { Ok(()) } else { Err(TimestampError) }
    }

    fn digit(&mut self) -> Result<i64, TimestampError> {
        let byte = self.next()?;
        if byte.is_ascii_digit() { Ok(i64::from(byte - b'0')) } else { Err(TimestampError) }
    }

    fn digits(&mut self, count: usize) -> Result<i64, TimestampError> {
        let mut value = 0;
        for _ in 0..count {
            value = value * 10 + self.digit()?;
        }
        Ok(value)
    }

    /// Any number of decimals; what is finer than a millisecond is cut.
    fn fraction_ms(&mut self) -> Result<i64, TimestampError> {
        if self.bytes.first() != Some(&b'.') {
            return Ok(0);
        }
        self.next()?;
        let mut ms = self.digit()? * 100;
        let mut unit = 10;
        while self.bytes.first().is_some_and(u8::is_ascii_digit) {
            ms += self.digit()? * unit;
            unit /= 10;
        }
        Ok(ms)
    }

    fn offset_minutes(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.next()? {
            b'Z' | b'z' => return Ok(0),
            b'+' => 1,
            b'-' => -1,
            _ => return Err(TimestampError),
        };
        let hours = self.digits(2)?;
        self.expect(b':')?;
        let minutes = self.digits(2)?;
        if hours > 23 || minutes > 59 {
            return Err(TimestampError);
        }
        Ok(sign * (hours * 60 + minutes))
    }
}

fn push_digits(text: &mut String, value: i64, width: u32) {
    let value = value.unsigned_abs();
    for exponent in (0..width).rev() {
        let digit = u8::try_from(value / 10_u64.pow(exponent) % 10).unwrap_or(0);
        text.push(char::from(b'0' + digit));
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that
/// the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
