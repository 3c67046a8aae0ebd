//! Browsers on H5 pages.

/// What a browser brought along.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) prepay_id: String,
    pub(crate) user: String,
    pub(crate) redirect_url: Option<String>,
}
