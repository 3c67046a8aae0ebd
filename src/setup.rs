//! What is made before the app: everything that it is mounted with, and its machine.

use std::cell::RefCell;
use std::rc::Rc;

use checkout::{Checkout, Effects, Event, Intent};
use contract::Session;
use js_sys::Promise;
use web_sys::Element;
use yew::Properties;

use crate::driver::{self, clock};
use crate::host::Host;
use crate::options::Options;

/// What a checkout is mounted with.
pub(crate) struct Setup {
    pub(crate) container: Element,
    pub(crate) host: Host,
    pub(crate) options: Rc<Options>,
    pub(crate) prefetched: Option<Promise>,
    /// The session that came with the page, until the machine has it.
    pub(crate) given: RefCell<Option<Session>>,
    /// Until the app takes it.
    pub(crate) begun: RefCell<Option<Begun>>,
}

impl Setup {
    /// Makes the machine, in a task before the first render.
    pub(crate) fn prepare(&self) {
        let begun = Begun::new(&self.options, self.given.take());
        self.begun.replace(Some(begun));
    }
}

/// A machine and what it wants done first.
pub(crate) struct Begun {
    pub(crate) checkout: Checkout,
    pub(crate) effects: Effects,
    pub(crate) remembered: Option<Intent>,
    pub(crate) is_visible: bool,
}

impl Begun {
    /// Begins a checkout; `given` is the session that came with the page.
    pub(crate) fn new(options: &Options, given: Option<Session>) -> Self {
        let kept = driver::kept(options);
        let remembered = kept.remembered.clone();
        let is_visible = driver::is_visible();
        let config = options.config(kept, is_visible, driver::seed());
        let (mut checkout, mut effects) = Checkout::new(config, clock::now());
        if let Some(session) = given {
            // Before the first render, which then shows the selector at once.
            let more = checkout.handle(clock::now(), Event::Given(Box::new(session)));
            effects.0.extend(more.0);
        }
        Self { checkout, effects, remembered, is_visible }
    }
}

/// One setup for the life of an app; what changes later comes as [`crate::app::Msg::Update`].
#[derive(Properties)]
pub(crate) struct AppProps {
    pub(crate) setup: Rc<Setup>,
}

impl PartialEq for AppProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.setup, &other.setup)
    }
}
