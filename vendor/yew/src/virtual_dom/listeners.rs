//! Event listeners of virtual elements.

use std::fmt;

/// The [Listener] trait is an universal implementation of an event listener
/// which is used to bind Rust-listener to JS-listener (DOM).
pub trait Listener {
    /// Returns the name of the event
    fn kind(&self) -> ListenerKind;

    /// Handles an event firing
    fn handle(&self, event: web_sys::Event);

    /// Makes the event listener passive. Here no listener is: this is never asked.
    fn passive(&self) -> bool;
}

impl fmt::Debug for dyn Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().type_name())
    }
}

/// Supported kinds of DOM event listeners
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListenerKind(&'static str);

#[allow(missing_docs)]
impl ListenerKind {
    pub const onchange: Self = Self("change");
    pub const onclick: Self = Self("click");
    pub const onsubmit: Self = Self("submit");

    /// The name of the event.
    pub fn type_name(&self) -> &'static str {
        self.0
    }
}
