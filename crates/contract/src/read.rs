//! Decoding that names the member that is wrong.

use serde::{Deserialize, Deserializer};

/// Decodes a value of the merchant API.
///
/// # Errors
/// [`ReadError`] where a member is missing or is not what it must be.
pub fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, ReadError> {
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        ReadError::new(&path, &error.into_inner().to_string())
    })
}

/// The reason why a value could not be read: `missing: payment.created_at`, or
/// `amount.currency: a currency is three upper-case letters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError(String);

impl ReadError {
    fn new(path: &str, reason: &str) -> Self {
        // Errors that were JavaScript exceptions begin with their class.
        let reason = reason.strip_prefix("Error: ").unwrap_or(reason);
        let parent = if path == "." { "" } else { path };
        let missing = reason.strip_prefix(MISSING).and_then(|rest| rest.split_once('`'));
        Self(match (missing, parent) {
            (Some((member, _)), "") => format!("missing: {member}"),
            (Some((member, _)), parent) => format!("missing: {parent}.{member}"),
            (None, "") => reason.to_owned(),
            (None, parent) => format!("{parent}: {reason}"),
        })
    }
}

impl core::fmt::Display for ReadError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for ReadError {}

/// The beginning of serde's own message about a member that is missing.
const MISSING: &str = "missing field `";
