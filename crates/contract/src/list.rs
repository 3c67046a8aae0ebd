//! Lists: answers in pages, and lists that may be null.

use serde::{Deserialize, Deserializer, Serialize};

/// A page of a list, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct List<T> {
    /// The items of the page.
    pub data: Vec<T>,
    /// True if more follows; `starting_after` the last one's id brings it.
    pub has_more: bool,
}

/// Reads null as an empty list: some languages write lists that were never filled so.
pub(crate) fn list_or_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
