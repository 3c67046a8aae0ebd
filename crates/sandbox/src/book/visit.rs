//! Browsers on H5 pages.

/// A browser's visit of the H5 page of an order.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) prepay_id: String,
    pub(crate) user: String,
    pub(crate) redirect_url: Option<String>,
}
