//! Money: an integer in the currency's minor unit, and its exact text.

use serde::{Deserialize, Serialize};

/// An amount of money in the currency's minor unit (fen for CNY).
///
/// ```
/// use contract::{Amount, Currency};
/// let price = Amount::parse("128.00", Currency::CNY)?;
/// assert_eq!(price.value, 12_800);
/// assert_eq!(price.to_text(), "128.00");
/// # Ok::<(), contract::AmountError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Amount {
    /// The number of minor units. Negative only in differences, never on an order.
    #[serde(deserialize_with = "exact_integer")]
    pub value: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Amount {
    /// An amount of `value` fen.
    #[must_use]
    pub const fn fen(value: i64) -> Self {
        Self { value, currency: Currency::CNY }
    }

    /// Reads major units with at most as many decimals as the currency has.
    ///
    /// Accepts `1`, `1.0`, `1.00`; refuses what is not exact or not plain: signs,
    /// blanks, exponents, digits other than ASCII, grouping, too many decimals.
    ///
    /// # Errors
    /// [`AmountError`] says what is wrong with the text.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let exponent = currency.exponent().ok_or(AmountError::CurrencyUnknown)?;
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(AmountError::NotANumber),
            None => (text, ""),
        };
        if whole.is_empty() {
            return Err(AmountError::NotANumber);
        }
        if decimals.len() > exponent {
            return Err(AmountError::TooManyDecimals);
        }
        let padding = exponent - decimals.len();
        let mut value: i64 = 0;
        let digits =
            whole.bytes().chain(decimals.bytes()).chain(core::iter::repeat_n(b'0', padding));
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(AmountError::NotANumber);
            }
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(i64::from(digit - b'0')))
                .ok_or(AmountError::TooLarge)?;
        }
        Ok(Self { value, currency })
    }

    /// Major units with exactly as many decimals as the currency has: `128.00`.
    ///
    /// A currency whose minor unit is unknown is shown in minor units.
    #[must_use]
    pub fn to_text(self) -> String {
        let exponent = self.currency.exponent().unwrap_or(0);
        let mut digits = Vec::with_capacity(24);
        let mut rest = self.value.unsigned_abs();
        while rest > 0 || digits.len() <= exponent {
            if exponent > 0 && digits.len() == exponent {
                digits.push('.');
            }
            let digit = u8::try_from(rest % 10).unwrap_or(0);
            digits.push(char::from(b'0' + digit));
            rest /= 10;
        }
        if self.value < 0 {
            digits.push('-');
        }
        digits.iter().rev().collect()
    }
}

/// The reason why a text is not an exact amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// The minor unit of this currency is not known here.
    CurrencyUnknown,
    /// Something other than ASCII digits with at most one point between them.
    NotANumber,
    /// More decimals than the currency has: the text is not exact in minor units.
    TooManyDecimals,
    /// More than an `i64` of minor units.
    TooLarge,
}

impl core::fmt::Display for AmountError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::CurrencyUnknown => "the minor unit of this currency is not known",
            Self::NotANumber => "an amount is digits with at most one decimal point",
            Self::TooManyDecimals => "more decimals than the currency has",
            Self::TooLarge => "the amount is too large",
        })
    }
}

impl core::error::Error for AmountError {}

/// An ISO 4217 currency code: three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The yuan renminbi, whose minor unit is the fen.
    pub const CNY: Self = Self(*b"CNY");

    /// Reads a code of three upper-case ASCII letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// The number of decimals of the major unit (ISO 4217), where it is known.
    #[must_use]
    pub const fn exponent(&self) -> Option<usize> {
        match &self.0 {
            b"CNY" | b"HKD" | b"USD" | b"EUR" | b"GBP" | b"SGD" | b"MOP" => Some(2),
            b"JPY" | b"KRW" => Some(0),
            _ => None,
        }
    }
}

impl core::fmt::Debug for Currency {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a currency is three upper-case letters"))
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code.",
        })
    }
}

/// The largest integer that every JSON reader keeps exact: browsers read numbers as doubles.
const MAX_EXACT: u64 = (1 << 53) - 1;

fn exact_integer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = i64::deserialize(deserializer)?;
    if value.unsigned_abs() <= MAX_EXACT {
        return Ok(value);
    }
    Err(serde::de::Error::custom("an amount beyond 2^53 - 1 minor units is not exact in JSON"))
}
