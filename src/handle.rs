//! The exports: [`mount`] begins a checkout in a container, [`Handle`] steers it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use checkout::Event;
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::AppHandle;

use crate::app::{App, Msg};
use crate::driver;
use crate::host::{Host, member};
use crate::options::Options;
use crate::setup::{AppProps, Setup};

/// Takes what a checkout in `container`, a fresh element of the host's shadow root, needs. It goes
/// on with [`Handle::proceed`], each part in a task of its own, so that none keeps the page for long.
///
/// `options` is the strict form that `www/options.js` makes, `texts` the words of the
/// shopper's language by key, `prefetched` the `Response` of reading the session, which the
/// loader asked for while this module was on its way. A session that came with the page is in
/// `options.session`, as JSON.
///
/// # Errors
/// The name of an option that is not of the strict form.
#[wasm_bindgen]
pub fn mount(
    container: Element,
    host: Host,
    options: JsValue,
    texts: Object,
    prefetched: Option<Promise>,
) -> Result<Handle, JsValue> {
    #[cfg(debug_assertions)]
    tell_panics();
    let given = member(&options, "session").and_then(|session| session.as_string());
    let options = Rc::new(Options::read(&options, Some(texts)).map_err(JsValue::from_str)?);
    let given = RefCell::new(given.as_deref().and_then(driver::session));
    let setup = Setup { container, host, options, prefetched, given, begun: RefCell::default() };
    let prepared = RefCell::new(Some(AppProps { setup: Rc::new(setup) }));
    Ok(Handle { part: Cell::new(0), prepared, running: RefCell::new(None) })
}

/// A running checkout. Every method is safe to call at any time, also after `unmount`.
#[wasm_bindgen]
pub struct Handle {
    /// How many of the parts of [`Handle::proceed`] were done.
    part: Cell<u8>,
    prepared: RefCell<Option<AppProps>>,
    running: RefCell<Option<AppHandle<App>>>,
}

#[wasm_bindgen]
impl Handle {
    /// The next part: first the machine, which takes up what an earlier life of the page left
    /// and the session that came with it; then the app, with nothing to be seen; and then it is
    /// shown and begins. What it is told before the last has no effect.
    ///
    /// Whether there is a part after this one.
    pub fn proceed(&self) -> bool {
        let part = self.part.get();
        self.part.set(part.saturating_add(1));
        match part {
            0 => self.prepare(),
            1 => self.start(),
            _ => self.send(Msg::Show),
        }
        part < 2
    }

    /// Takes other options of the same session; `options.texts` brings other words.
    ///
    /// # Errors
    /// The name of an option that is not of the strict form. Nothing changes then.
    pub fn update(&self, options: &JsValue) -> Result<(), JsValue> {
        let options = Options::read(options, None).map_err(JsValue::from_str)?;
        self.send(Msg::Update(Rc::new(options)));
        Ok(())
    }

    /// As if the shopper pressed "pay".
    pub fn confirm(&self) {
        self.send(Msg::Confirm);
    }

    /// Calls the payment off.
    pub fn cancel(&self) {
        self.send(Msg::Happened(Event::CancelRequested));
    }

    /// Moves the focus to the screen's heading or its first field.
    pub fn focus(&self) {
        self.send(Msg::Focus);
    }

    /// Ends it: no timer, request, stream or listener survives.
    pub fn unmount(&self) {
        take(&self.prepared);
        // Taken out first, so that nothing called meanwhile finds it half gone.
        if let Some(app) = take(&self.running) {
            // In the next microtask: Yew creates a component that was destroyed before its
            // first render all the same, and would never destroy it.
            driver::later(move || app.destroy());
        }
    }

    fn prepare(&self) {
        if let Ok(prepared) = self.prepared.try_borrow()
            && let Some(AppProps { setup }) = &*prepared
        {
            setup.prepare();
        }
    }

    fn start(&self) {
        if let Some(props) = take(&self.prepared)
            && let Ok(mut running) = self.running.try_borrow_mut()
        {
            let container = props.setup.container.clone();
            *running = Some(yew::Renderer::<App>::with_root_and_props(container, props).render());
        }
    }

    fn send(&self, message: Msg) {
        if let Ok(running) = self.running.try_borrow()
            && let Some(app) = &*running
        {
            app.send_message(message);
        }
    }
}

fn take<T>(place: &RefCell<Option<T>>) -> Option<T> {
    place.try_borrow_mut().ok().and_then(|mut place| place.take())
}

/// A panic ends in a trap, which `www/loader.js` watches for: nothing is called into after it.
/// Its words cost kilobytes, so only builds for developers have them.
#[cfg(debug_assertions)]
fn tell_panics() {
    yew::set_custom_panic_hook(Box::new(|info| {
        web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
    }));
}
