//! Limits how often the unused entries of a map are searched for and removed.

use std::time::Duration;

/// Allows a removal of unused entries once a second, and only while there are many: the search
/// blocks every call.
#[derive(Default)]
pub(crate) struct Sweep {
    last: Option<Duration>,
}

impl Sweep {
    /// True if a map with `entries` is to be searched at `now`, because it has `many` or more.
    /// Times count from any fixed moment.
    pub(crate) fn is_due(&mut self, entries: usize, many: usize, now: Duration) -> bool {
        let is_recent = self.last.is_some_and(|last| now.saturating_sub(last) < INTERVAL);
        if entries < many || is_recent {
            return false;
        }
        self.last = Some(now);
        true
    }
}

const INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_with_many_entries_is_searched_once_a_second() {
        let mut sweep = Sweep::default();
        let at = Duration::from_millis;
        assert!(!sweep.is_due(9, 10, at(0)));
        assert!(sweep.is_due(10, 10, at(1)));
        assert!(!sweep.is_due(99, 10, at(1_000)));
        assert!(!sweep.is_due(9, 10, at(1_001)));
        assert!(sweep.is_due(10, 10, at(1_001)));
    }
}
