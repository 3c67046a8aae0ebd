//! This module contains Yew's implementation of a reactive virtual DOM.

mod attributes;
mod key;
mod listeners;
mod vlist;
mod vnode;
mod vtag;
mod vtext;

pub use attributes::{AttributeOrProperty, Attributes};
pub use key::Key;
pub use listeners::{Listener, ListenerKind};
pub use vlist::VList;
pub use vnode::VNode;
pub use vtag::VTag;
pub(crate) use vtag::SVG_NAMESPACE;
pub use vtext::VText;

/// Attribute value
pub type AttrValue = implicit_clone::unsync::IString;
