//! This module contains the bundle implementation of a tag [BTag]

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::blist;
use super::bnode::BNode;
use super::listener::{self, BListener};
use super::{insert, Slot};
use crate::virtual_dom::{AttrValue, Attributes, Key, VTag, SVG_NAMESPACE};

/// The bundle implementation to [VTag]
pub(super) struct BTag {
    tag: AttrValue,
    children: Vec<BNode>,
    listeners: Vec<BListener>,
    attributes: Attributes,
    /// A reference to the DOM [`Element`].
    pub(super) element: Element,
    pub(super) key: Option<Key>,
}

impl BTag {
    pub(super) fn attach(parent: &Element, slot: &mut Slot, vtag: VTag) -> Self {
        let mut tag = Self {
            element: create_element(parent, &vtag.tag),
            tag: vtag.tag.clone(),
            children: Vec::new(),
            listeners: Vec::new(),
            attributes: Attributes::default(),
            key: vtag.key.clone(),
        };
        // Attributes and children before the element is inserted into the DOM.
        tag.reconcile(vtag);
        insert(parent, slot, &tag.element);
        tag
    }

    /// Whether this is a tag of the same type, which need not be recreated.
    pub(super) fn fits(&self, vtag: &VTag) -> bool {
        self.key == vtag.key && self.tag == vtag.tag
    }

    pub(super) fn reconcile(&mut self, vtag: VTag) {
        let element = &self.element;
        apply(element, &vtag.attributes, &self.attributes);
        self.attributes = vtag.attributes;
        listener::reconcile(element, &vtag.listeners, &mut self.listeners);
        // IMPORTANT! This parameter has to be set every time it's explicitly given
        // to prevent strange behaviour in the browser when the DOM changes
        if let Some(checked) = vtag.checked {
            element.unchecked_ref::<HtmlInputElement>().set_checked(checked);
        }
        blist::reconcile(element, &mut None, vtag.children, &mut self.children);
    }
}

/// Sets what differs, and removes what is not there any more.
fn apply(element: &Element, new: &Attributes, old: &Attributes) {
    let mut index = 0;
    while let Some((key, text)) = new.at(index) {
        if let Some(text) = text {
            if old.get(key) != Some(text) {
                element.set_attribute(key, text).expect("invalid attribute key");
            }
        }
        index += 1;
    }
    index = 0;
    while let Some((key, text)) = old.at(index) {
        if text.is_some() && new.get(key).is_none() {
            element.remove_attribute(key).expect("could not remove attribute");
        }
        index += 1;
    }
}

fn create_element(parent: &Element, tag: &str) -> Element {
    let document = parent.owner_document().expect("no document");
    let is_svg = tag == "svg" || parent.namespace_uri().as_deref() == Some(SVG_NAMESPACE);
    let namespace = if is_svg { SVG_NAMESPACE } else { HTML_NAMESPACE };
    document.create_element_ns(Some(namespace), tag).expect("can't create element for vtag")
}

/// Default namespace for html elements
const HTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";
