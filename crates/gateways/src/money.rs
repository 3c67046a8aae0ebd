//! Amounts in fen, never as a float. WeChat Pay writes fen, Alipay writes yuan.

/// An amount of CNY in fen (1/100 yuan), never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

/// The reason for which a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// It is not written as the gateways write yuan.
    #[error("not an amount in yuan: expected ASCII digits and at most two decimals, such as 12.80")]
    NotYuan,
    /// It is more than [`Fen::MAX`].
    #[error("not an amount of a payment: more than 10000000000 yuan")]
    TooLarge,
}

impl Fen {
    /// The largest amount: a hundred times Alipay's largest order (gateways.md B5.1). A limit of
    /// ours: millions of such amounts can be added, and JSON keeps each exact.
    pub const MAX: i64 = 1_000_000_000_000;

    /// An amount of `fen`, or `None` if it is negative or more than [`Fen::MAX`].
    pub fn new(fen: i64) -> Option<Self> {
        (0..=Self::MAX).contains(&fen).then_some(Self(fen))
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
    /// superfluous leading zeros, and amounts beyond [`Fen::MAX`].
    pub fn from_yuan(text: &str) -> Result<Self, MoneyError> {
        let (yuan, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(MoneyError::NotYuan),
            Some((yuan, decimals)) => (yuan, decimals),
            None => (text, ""),
        };
        if yuan.len() > 1 && yuan.starts_with('0') {
            return Err(MoneyError::NotYuan);
        }
        let fen = match decimals.len() {
            0 => 0,
            1 => digits(decimals)?.saturating_mul(10),
            2 => digits(decimals)?,
            _ => return Err(MoneyError::NotYuan),
        };
        let total = digits(yuan)?.saturating_mul(100).saturating_add(fen);
        Self::new(total).ok_or(MoneyError::TooLarge)
    }
}

/// `str::parse` would also take a sign.
fn digits(text: &str) -> Result<i64, MoneyError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MoneyError::NotYuan);
    }
    text.parse().map_err(|_too_large| MoneyError::TooLarge)
}

#[cfg(test)]
mod tests;
