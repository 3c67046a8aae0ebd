//! `biz_content`: its JSON, and the members that several methods share (gateways.md B5.1).

use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::params::Params;
use super::reply::Refusal;
use crate::clock;

/// The object in `biz_content`. Members that a method does not know are ignored, as Alipay does.
pub(crate) struct Content(Map<String, Value>);

impl Content {
    pub(crate) fn read(params: &Params) -> Result<Self, Refusal> {
        let text = params.get("biz_content").ok_or_else(|| Refusal::parameter("biz_content"))?;
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Refusal::invalid("isv.illegal-json", "JSON格式错误")),
        }
    }

    /// A text of at most `most` characters; absent and empty are the same.
    pub(crate) fn text(&self, name: &str, most: usize) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text)),
            Some(_) => Err(Refusal::parameter(name)),
        }
    }

    /// A required text.
    pub(crate) fn required(&self, name: &str, most: usize) -> Result<&str, Refusal> {
        self.text(name, most)?.ok_or_else(|| Refusal::parameter(name))
    }

    /// A positive number of at most four digits, as JSON number or text.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u16>, Refusal> {
        let number = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64().and_then(|number| u16::try_from(number).ok()),
        };
        match number.filter(|number| (1..=9999).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(Refusal::parameter(name)),
        }
    }

    /// True if an array of texts holds this one.
    pub(crate) fn lists(&self, name: &str, wanted: &str) -> bool {
        let texts = self.0.get(name).and_then(Value::as_array);
        texts.is_some_and(|texts| texts.iter().any(|text| text == wanted))
    }

    /// The merchant's number, checked for its alphabet.
    pub(crate) fn out_trade_no(&self) -> Result<Option<&str>, Refusal> {
        let number = self.text("out_trade_no", 64)?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        match number {
            Some(number) if !number.bytes().all(legal) => Err(Refusal::parameter("out_trade_no")),
            number => Ok(number),
        }
    }
}

/// Yuan with at most two decimals to fen: `1`, `1.0` and `1.00` are 100; nothing else is tolerated.
pub(crate) fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = match yuan.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, part)) => (whole, part),
        None => (yuan, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(cents)
}

/// Fen as Alipay writes amounts: `1.00`.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Returns the end of a relative time-out that starts now: `1m` to `15d`, or `1c` for midnight.
pub(crate) fn relative(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    if text == "1c" {
        return Some(clock::end_of_day(now));
    }
    let number = text.get(..text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 5 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes_each = match text.bytes().last()? {
        b'm' => 1,
        b'h' => 60,
        b'd' => 24 * 60,
        _ => return None,
    };
    let minutes = number.parse::<i64>().ok()?.checked_mul(minutes_each)?;
    (1..=MAX_MINUTES).contains(&minutes).then(|| clock::after(now, Duration::minutes(minutes)))
}

/// The longest time-out: 15 days.
pub(crate) const MAX_MINUTES: i64 = 15 * 24 * 60;

#[cfg(test)]
mod tests;
