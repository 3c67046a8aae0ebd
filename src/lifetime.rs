//! A flag that the handle, the app and its callbacks share: true once the app was unmounted.

use std::cell::Cell;
use std::rc::Rc;

/// The life of one mounted app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifetime {
    is_over: Rc<Cell<bool>>,
}

impl Lifetime {
    /// True if both belong to the same app.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.is_over, &other.is_over)
    }

    /// Ends it permanently.
    pub(crate) fn end(&self) {
        self.is_over.set(true);
    }

    /// True once the app was unmounted: nothing is performed any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }
}
