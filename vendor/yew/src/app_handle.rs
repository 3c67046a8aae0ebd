//! [AppHandle] contains the state Yew keeps to bootstrap a component in an isolated scope.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use web_sys::Element;

use crate::html::{Component, Scope};

/// An instance of an application.
pub struct AppHandle<COMP: Component> {
    /// `Scope` holder
    scope: Scope<COMP>,
}

impl<COMP: Component> fmt::Debug for AppHandle<COMP> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppHandle<_>")
    }
}

impl<COMP: Component> AppHandle<COMP> {
    pub(crate) fn mount_with_props(host: Element, props: Rc<COMP::Properties>) -> Self {
        clear_element(&host);
        let scope = Scope::new(host, props);
        scope.mount();
        Self { scope }
    }

    /// Schedule the app for destruction
    pub fn destroy(self) {
        self.scope.destroy();
    }
}

impl<COMP: Component> Deref for AppHandle<COMP> {
    type Target = Scope<COMP>;

    fn deref(&self) -> &Self::Target {
        &self.scope
    }
}

/// Removes anything from the given element.
fn clear_element(host: &Element) {
    host.set_text_content(None);
}
