//! Stands in for the subtrees of delegated listeners where each listener is on its own element.
//! (OpenCashier's patch, see PATCH.md.)

use web_sys::EventTarget as HtmlEventTarget;

/// Nothing has to be known of an app's host: the browser bubbles.
#[derive(Debug, Clone)]
pub struct BSubtree;

impl BSubtree {
    /// Create a bundle root at the specified host element
    pub fn create_root(_host_element: &HtmlEventTarget) -> Self {
        Self
    }
}
