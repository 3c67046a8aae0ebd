//! Formats amounts as the widget does, without floats.

use contract::Amount;
use serde::Deserialize;

/// The format of a currency's amounts in one locale, taken from `Intl` at build time.
#[derive(Debug, Deserialize)]
pub(crate) struct AmountPattern {
    prefix: String,
    suffix: String,
    /// The separator of groups of three digits.
    group: String,
    /// The separator before the minor unit.
    decimal: String,
    /// The number of digits of the minor unit.
    pub(crate) digits: usize,
}

impl AmountPattern {
    /// Formats the amount, such as `CN¥1,234.50`.
    pub(crate) fn format(&self, amount: Amount) -> String {
        let text = amount.to_text();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (whole, minor) =
            text.split_once('.').map_or((text, None), |(whole, minor)| (whole, Some(minor)));
        let mut formatted = format!("{sign}{}", self.prefix);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                formatted.push_str(&self.group);
            }
            formatted.push(digit);
        }
        if let Some(minor) = minor {
            formatted.push_str(&self.decimal);
            formatted.push_str(minor);
        }
        formatted.push_str(&self.suffix);
        formatted
    }
}
