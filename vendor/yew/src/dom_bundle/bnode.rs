//! This module contains the bundle version of an abstract node [BNode]

use std::mem;

use web_sys::{Element, Node};

use super::blist;
use super::btag::BTag;
use super::{insert, Slot};
use crate::virtual_dom::{AttrValue, Key, VNode};

/// The bundle implementation to [VNode].
pub(super) enum BNode {
    /// A bind between `VTag` and `Element`.
    Tag(Box<BTag>),
    /// A bind between `VText` and `TextNode`.
    Text(AttrValue, Node),
    /// A holder for a list of other nodes, from the last to the first.
    List(Vec<BNode>),
}

impl BNode {
    /// Get the key of the underlying node
    pub(super) fn key(&self) -> Option<&Key> {
        match self {
            Self::Tag(tag) => tag.key.as_ref(),
            Self::Text(..) | Self::List(_) => None,
        }
    }

    /// Writes a new node that has no ancestor.
    pub(super) fn attach(parent: &Element, slot: &mut Slot, node: VNode) -> Self {
        match node {
            VNode::VTag(vtag) => Self::Tag(Box::new(BTag::attach(parent, slot, *vtag))),
            VNode::VText(vtext) => {
                let document = parent.owner_document().expect("no document");
                let node = Node::from(document.create_text_node(&vtext.text));
                insert(parent, slot, &node);
                Self::Text(vtext.text, node)
            }
            VNode::VList(vlist) => {
                let mut children = Vec::new();
                blist::reconcile(parent, slot, vlist.children, &mut children);
                Self::List(children)
            }
        }
    }

    /// Patches what is there, or puts something else in its place.
    pub(super) fn reconcile(&mut self, parent: &Element, slot: &mut Slot, next: VNode) {
        match (next, &mut *self) {
            (VNode::VTag(vtag), Self::Tag(tag)) if tag.fits(&vtag) => {
                *slot = Some(tag.element.clone().into());
                tag.reconcile(*vtag);
            }
            (VNode::VText(vtext), Self::Text(text, node)) => {
                if *text != vtext.text {
                    node.set_node_value(Some(&vtext.text));
                    *text = vtext.text;
                }
                *slot = Some(node.clone());
            }
            (VNode::VList(vlist), this) => {
                // 'Forcefully' pretend the existing node is a list. Creates a
                // singleton list if it isn't already.
                if !matches!(this, Self::List(_)) {
                    let only = mem::replace(this, Self::List(Vec::new()));
                    *this = Self::List(vec![only]);
                }
                if let Self::List(children) = this {
                    blist::reconcile(parent, slot, vlist.children, children);
                }
            }
            (next, this) => {
                let ancestor = mem::replace(this, Self::attach(parent, slot, next));
                ancestor.detach(parent);
            }
        }
    }

    /// Remove self from parent. Listeners of what is inside go with it.
    pub(super) fn detach(self, parent: &Element) {
        match self {
            // A node that is not there any more, the page has removed.
            Self::Tag(tag) => drop(parent.remove_child(&tag.element)),
            Self::Text(_, node) => drop(parent.remove_child(&node)),
            Self::List(children) => children.into_iter().for_each(|child| child.detach(parent)),
        }
    }

    /// Moves what is there into another place of the same parent.
    pub(super) fn shift(&self, parent: &Element, slot: &mut Slot) {
        match self {
            Self::Tag(tag) => insert(parent, slot, &tag.element),
            Self::Text(_, node) => insert(parent, slot, node),
            Self::List(children) => children.iter().for_each(|child| child.shift(parent, slot)),
        }
    }
}
