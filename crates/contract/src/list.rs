//! Answers in pages.

use serde::{Deserialize, Serialize};

/// A page of a list, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// What is on the page.
    pub data: Vec<T>,
    /// Whether more follows; `starting_after` the last one's id brings it.
    pub has_more: bool,
}
