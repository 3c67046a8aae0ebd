//! Answers in pages.

use serde::{Deserialize, Serialize};

/// A page of a list, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub struct List<T> {
    /// What is on the page.
    pub data: Vec<T>,
    /// Whether more follows; `starting_after` the last one's id brings it.
    pub has_more: bool,
}
