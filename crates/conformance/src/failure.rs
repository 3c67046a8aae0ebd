//! The reasons for which a rule did not pass.

/// The reason for which a rule did not pass.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The backend breaks the rule.
    #[error("{0}")]
    Broken(String),
    /// The rule could not be checked with the given arguments.
    #[error("{0}")]
    NotChecked(String),
}

/// The result of a check.
pub(crate) type Checked<T = ()> = Result<T, Failure>;

/// Fails with `message` unless `holds`.
pub(crate) fn expect(holds: bool, message: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Failure::Broken(message())) }
}

/// Fails unless both are equal. `what` names the value, as in "the status".
pub(crate) fn expect_equal<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Checked {
    expect(found == expected, || format!("{what} is {found:?}, must be {expected:?}"))
}

/// A failure of the backend.
pub(crate) fn broken(message: impl Into<String>) -> Failure {
    Failure::Broken(message.into())
}
