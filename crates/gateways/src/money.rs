//! Amounts in fen, never as a float. WeChat Pay writes fen, Alipay writes yuan.

/// An amount of CNY in fen (1/100 yuan), never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

/// The text is not an amount in yuan as the gateways write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount in yuan: expected ASCII digits and at most two decimals, such as 12.80")]
pub struct MoneyError;

impl Fen {
    /// An amount of `fen`, or `None` if it is negative.
    pub fn new(fen: i64) -> Option<Self> {
        (fen >= 0).then_some(Self(fen))
    }

    /// The amount in fen.
    pub fn value(self) -> i64 {
        self.0
    }

    /// The amount in yuan with two decimals, as Alipay wants it: `"1.00"`.
    pub fn to_yuan(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }

    /// Reads an amount in yuan with at most two decimals (gateways.md G3.1).
    ///
    /// # Errors
    /// [`MoneyError`] for signs, blanks, exponents, a third decimal, non-ASCII digits,
    /// superfluous leading zeros, and amounts beyond `i64` fen.
    pub fn from_yuan(text: &str) -> Result<Self, MoneyError> {
        let (yuan, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(MoneyError),
            Some((yuan, decimals)) => (yuan, decimals),
            None => (text, ""),
        };
        if yuan.len() > 1 && yuan.starts_with('0') {
            return Err(MoneyError);
        }
        let fen = match decimals.len() {
            0 => 0,
            1 => digits(decimals)?.checked_mul(10).ok_or(MoneyError)?,
            2 => digits(decimals)?,
            _ => return Err(MoneyError),
        };
        let total = digits(yuan)?.checked_mul(100).and_then(|whole| whole.checked_add(fen));
        total.map(Self).ok_or(MoneyError)
    }
}

/// `str::parse` would also take a sign.
fn digits(text: &str) -> Result<i64, MoneyError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MoneyError);
    }
    text.parse().map_err(|_too_large| MoneyError)
}

#[cfg(test)]
mod tests;
