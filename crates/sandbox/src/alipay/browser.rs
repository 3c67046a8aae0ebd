//! The user agent of a browser.

use http::{HeaderMap, header};

/// Returns the `User-Agent` of a browser.
pub(super) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}
