//! The error of a run itself.

use std::fmt;

/// The run could not be completed; the books were not compared.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct RunError(String);

impl RunError {
    pub(crate) fn new(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }

    pub(crate) const fn plain(sentence: String) -> Self {
        Self(sentence)
    }
}
