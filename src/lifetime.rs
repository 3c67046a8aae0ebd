//! A flag that the handle, the app and its callbacks share: true once the app was unmounted.

use std::cell::Cell;
use std::rc::Rc;

/// The life of one mounted app.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lifetime {
    is_over: Rc<Cell<bool>>,
}

impl Lifetime {
    /// Ends it for good.
    pub(crate) fn end(&self) {
        self.is_over.set(true);
    }

    /// True once the app was unmounted: nothing is performed any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }
}
