//! The choice among the codes that a shopper has seen.

/// The codes that the shopper pays by, of those seen.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) enum Code {
    Newest,
    Oldest,
    /// All of them at the same moment, with as many phones.
    All,
    /// The newest, from two phones at once.
    TwoPhones,
}
