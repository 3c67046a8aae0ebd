//! The sessions that the shop opens.

/// A session that the shop has opened for a shopper.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: String,
    pub(crate) secret: String,
    pub(crate) ends_at_ms: u64,
}
