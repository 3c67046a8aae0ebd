//! Reading what the merchant's servers send: unknown members are refused, unlike in what a newer
//! backend may send to a page.

use serde::{Deserialize, Deserializer};

use crate::{Amount, Currency};

/// An amount of money in the currency's minor unit (fen for CNY).
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "OrderAmount"))]
#[serde(deny_unknown_fields)]
pub(crate) struct StrictAmount {
    /// The number of minor units.
    value: i64,
    /// ISO 4217 code.
    currency: Currency,
}

/// An amount with its two members and no other.
pub(crate) fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let StrictAmount { value, currency } = StrictAmount::deserialize(deserializer)?;
    Ok(Amount { value, currency })
}

/// The same where it may be absent, but not `null`.
pub(crate) fn present_amount<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Amount>, D::Error> {
    amount(deserializer).map(Some)
}
