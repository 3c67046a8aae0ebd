//! The entry point.

use std::fmt;
use std::panic::PanicHookInfo;
use std::rc::Rc;

use web_sys::Element;

use crate::app_handle::AppHandle;
use crate::html::Component;

/// Set a custom panic hook. Here none is set where this is not called.
pub fn set_custom_panic_hook(hook: Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>) {
    std::panic::set_hook(hook);
}

/// The Yew Renderer.
///
/// This is the main entry point of a Yew application.
#[must_use = "Renderer does nothing unless render() is called."]
pub struct Renderer<COMP: Component> {
    root: Element,
    props: COMP::Properties,
}

impl<COMP: Component> fmt::Debug for Renderer<COMP> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renderer<_>")
    }
}

impl<COMP: Component> Renderer<COMP> {
    /// Creates a [Renderer] that renders into a custom root with custom properties.
    pub fn with_root_and_props(root: Element, props: COMP::Properties) -> Self {
        Self { root, props }
    }

    /// Renders the application.
    pub fn render(self) -> AppHandle<COMP> {
        AppHandle::<COMP>::mount_with_props(self.root, Rc::new(self.props))
    }
}
