//! This module contains fragments implementation.

use super::VNode;

/// This struct represents a fragment of the Virtual DOM tree.
#[derive(Debug, Default)]
pub struct VList {
    /// The list of child [VNode]s
    pub(crate) children: Vec<VNode>,
}

impl From<Vec<VNode>> for VList {
    fn from(children: Vec<VNode>) -> Self {
        Self { children }
    }
}
