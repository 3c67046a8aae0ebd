//! Component scope module

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use web_sys::Element;

use super::component::Component;
use super::lifecycle::ComponentState;
use crate::callback::Callback;
use crate::scheduler::{self, Stage};

/// A context which allows sending messages to a component.
pub struct Scope<COMP: Component> {
    pub(super) inner: Rc<Inner<COMP>>,
}

/// What all copies of a scope share.
pub(super) struct Inner<COMP: Component> {
    pub(super) pending_messages: RefCell<Vec<COMP::Message>>,
    pub(super) state: RefCell<Option<ComponentState<COMP>>>,
    pub(super) is_destroyed: Cell<bool>,
    pub(super) host: Element,
    pub(super) props: Rc<COMP::Properties>,
}

impl<COMP: Component> fmt::Debug for Scope<COMP> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope<_>")
    }
}

impl<COMP: Component> Clone for Scope<COMP> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<COMP: Component> Scope<COMP> {
    pub(crate) fn new(host: Element, props: Rc<COMP::Properties>) -> Self {
        let inner = Inner {
            pending_messages: RefCell::new(Vec::new()),
            state: RefCell::new(None),
            is_destroyed: Cell::new(false),
            host,
            props,
        };
        Self { inner: Rc::new(inner) }
    }

    pub(crate) fn mount(&self) {
        scheduler::push(Stage::Create, self.inner.clone());
        scheduler::push(Stage::FirstRender, self.inner.clone());
    }

    pub(crate) fn destroy(&self) {
        scheduler::push(Stage::Destroy, self.inner.clone());
    }

    /// Send a message to the component.
    pub fn send_message<T: Into<COMP::Message>>(&self, msg: T) {
        self.inner.pending_messages.borrow_mut().push(msg.into());
        scheduler::push(Stage::Update, self.inner.clone());
    }

    /// Creates a `Callback` which will send a message to the linked
    /// component's update method when invoked.
    pub fn callback<F, IN, M>(&self, function: F) -> Callback<IN>
    where
        M: Into<COMP::Message>,
        F: Fn(IN) -> M + 'static,
    {
        let scope = self.clone();
        Callback::from(move |input| scope.send_message(function(input)))
    }
}
