//! Realizing a virtual dom on the actual DOM
//!
//! A bundle, borrowed from the mathematical meaning, is any structure over some base space.
//! In our case, the base space is the virtual dom we're trying to render.
//! In order to efficiently implement updates, and diffing, additional information has to be
//! kept around. This information is carried in the bundle.

mod blist;
mod bnode;
mod btag;
mod listener;

use web_sys::{Element, Node};

use crate::virtual_dom::VNode;
use bnode::BNode;

/// The node before which the next one is to be placed; at the end of the parent where there is
/// none. Nodes are placed from the last to the first.
type Slot = Option<Node>;

/// A Bundle.
///
/// Each component holds a bundle that represents a realised layout, designated by a [VNode].
pub(crate) struct Bundle(BNode);

impl Bundle {
    /// Creates a new bundle.
    pub(crate) const fn new() -> Self {
        Self(BNode::List(Vec::new()))
    }

    /// Applies a virtual dom layout to current bundle.
    pub(crate) fn reconcile(&mut self, parent: &Element, next_node: VNode) {
        self.0.reconcile(parent, &mut None, next_node);
    }

    /// Detaches current bundle.
    pub(crate) fn detach(self, parent: &Element) {
        self.0.detach(parent);
    }
}

/// Places a node, and makes it the slot for the one before it.
///
/// # Panics
/// Where the browser refuses: the page has torn our nodes out of their parent.
fn insert(parent: &Element, slot: &mut Slot, node: &Node) {
    parent.insert_before(node, slot.as_ref()).expect("failed to insert node");
    *slot = Some(node.clone());
}
