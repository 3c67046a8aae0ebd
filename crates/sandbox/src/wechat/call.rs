//! A call of the API.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::chaos::Fault;

/// A request as it came over the wire: signatures are over exactly this.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The fault that chaos injects into a refund.
    pub(crate) fault: Option<Fault>,
}

impl Call {
    /// Path and query as sent, which is the second line of the signed message.
    pub(crate) fn url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The path's segment at `position`, decoded.
    pub(crate) fn segment(&self, position: usize) -> String {
        let raw = self.path.split('/').nth(position).unwrap_or_default();
        percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned()
    }
}
