//! The choice among the codes that a shopper has seen.

/// The codes that the shopper pays, of those seen.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Code {
    Newest,
    Oldest,
    /// All of them at the same moment, each with a phone.
    All,
    /// The newest, by two phones at once.
    TwoPhones,
}
