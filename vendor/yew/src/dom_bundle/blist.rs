//! This module contains fragments bundles

use web_sys::Element;

use super::bnode::BNode;
use super::Slot;
use crate::virtual_dom::VNode;

/// Diff and patch child lists, from the last child to the first.
///
/// Where all have keys, a child is patched with the one of its key, wherever that stands; else
/// with the one in its place.
pub(super) fn reconcile(
    parent: &Element,
    slot: &mut Slot,
    lefts: Vec<VNode>,
    rights: &mut Vec<BNode>,
) {
    let is_keyed = lefts.iter().all(|left| left.key().is_some())
        && rights.iter().all(|right| right.key().is_some());
    let count = lefts.len();
    for (index, left) in lefts.into_iter().rev().enumerate() {
        if is_keyed {
            let place = rights.iter().skip(index).position(|right| right.key() == left.key());
            match place {
                Some(0) => {}
                Some(distance) => {
                    let right = rights.remove(index + distance);
                    // Its own slot is found again when it is patched.
                    right.shift(parent, &mut slot.clone());
                    rights.insert(index, right);
                }
                None => {
                    rights.insert(index, BNode::attach(parent, slot, left));
                    continue;
                }
            }
        }
        match rights.get_mut(index) {
            Some(right) => right.reconcile(parent, slot, left),
            None => rights.push(BNode::attach(parent, slot, left)),
        }
    }
    for right in rights.drain(count..) {
        right.detach(parent);
    }
}
