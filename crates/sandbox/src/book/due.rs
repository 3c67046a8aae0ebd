//! Times at which something happens to an order by itself.

use time::OffsetDateTime;

/// True if the time has come; there is nothing to settle before it.
pub(super) fn is_due(next: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    next.is_some_and(|next| now >= next)
}

/// The earlier of two times of which either may be missing.
pub(super) fn earlier(
    one: Option<OffsetDateTime>,
    other: Option<OffsetDateTime>,
) -> Option<OffsetDateTime> {
    one.into_iter().chain(other).min()
}
