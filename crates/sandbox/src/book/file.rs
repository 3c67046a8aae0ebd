//! Bill files that wait for their download.

use time::{Duration, OffsetDateTime};

use crate::clock;

/// A file that waits for its download.
#[derive(Debug, Clone)]
pub(crate) struct BillFile {
    pub(crate) bytes: bytes::Bytes,
    made_at: OffsetDateTime,
}

impl BillFile {
    pub(crate) fn new(bytes: Vec<u8>, made_at: OffsetDateTime) -> Self {
        Self { bytes: bytes.into(), made_at }
    }

    /// True if its address still works.
    pub(crate) fn is_alive(&self, now: OffsetDateTime, life: Duration) -> bool {
        now < clock::after(self.made_at, life)
    }
}
