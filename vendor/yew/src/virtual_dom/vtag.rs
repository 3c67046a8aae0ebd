//! This module contains the implementation of a virtual element node [VTag].

use std::rc::Rc;

use super::{AttrValue, Attributes, Key, Listener, VNode};

/// SVG namespace string used for creating svg elements
pub(crate) const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// A type for a virtual
/// [Element](https://developer.mozilla.org/en-US/docs/Web/API/Element)
/// representation.
#[derive(Debug)]
pub struct VTag {
    pub(crate) tag: AttrValue,
    pub(crate) children: Vec<VNode>,
    /// The `checked` property of an input, which its attribute only sets at first.
    pub(crate) checked: Option<bool>,
    /// List of attached listeners.
    pub(crate) listeners: Box<[Option<Rc<dyn Listener>>]>,
    /// List of attributes.
    pub attributes: Attributes,
    /// What tells this element from its siblings.
    pub key: Option<Key>,
}

impl VTag {
    /// Creates a new [VTag] instance with `tag` name (cannot be changed later in DOM).
    pub fn new(tag: impl Into<AttrValue>) -> Self {
        Self {
            tag: tag.into(),
            children: Vec::new(),
            checked: None,
            listeners: Box::default(),
            attributes: Attributes::default(),
            key: None,
        }
    }

    /// Add multiple [VNode] children.
    pub fn add_children(&mut self, children: impl IntoIterator<Item = VNode>) {
        self.children.extend(children);
    }

    /// Sets `checked` property of an
    /// [InputElement](https://developer.mozilla.org/en-US/docs/Web/HTML/Element/input).
    /// (Does not affect the value of the node's attribute).
    pub fn set_checked(&mut self, value: bool) {
        self.checked = Some(value);
    }

    /// Set event listeners on the [VTag]'s  [Element](web_sys::Element)
    pub fn set_listeners(&mut self, listeners: Box<[Option<Rc<dyn Listener>>]>) {
        self.listeners = listeners;
    }
}
