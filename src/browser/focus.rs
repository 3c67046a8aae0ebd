//! The focus inside the widget's container.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition, ShadowRoot};

/// Returns the element in `container` that has the focus.
pub(crate) fn focused_within(container: &Element) -> Option<HtmlElement> {
    let focused = match container.get_root_node().dyn_into::<ShadowRoot>() {
        Ok(shadow) => shadow.active_element(),
        Err(_) => web_sys::window()?.document()?.active_element(),
    };
    focused.filter(|focused| container.contains(Some(focused)))?.dyn_into().ok()
}

/// Moves the focus to the first element in `container` that matches the first of `selectors` that
/// any matches.
pub(crate) fn move_to(container: &Element, selectors: &[&str]) {
    let find = |selector: &&str| container.query_selector(selector).ok().flatten();
    let target = selectors.iter().find_map(find);
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        // Fails only for an element that is not on the screen any more.
        target.focus().ok();
    }
}

/// Scrolls as little as needed to show the element in `container` that matches `selector`.
pub(crate) fn reveal(container: &Element, selector: &str) {
    if let Some(target) = container.query_selector(selector).ok().flatten() {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        target.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
