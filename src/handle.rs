//! The exports: [`mount`] begins a checkout in a container, [`Handle`] controls it.

use std::cell::Cell;
use std::rc::Rc;

use checkout::Event;
use contract::Session;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;
use yew::AppHandle;
use yew::html::Scope;

use crate::app::{App, AppProps};
use crate::browser::json;
use crate::host::Host;
use crate::lifetime::Lifetime;
use crate::message::Message;
use crate::options::Options;

/// Begins a checkout in `container`, a fresh element of the host's shadow root.
///
/// `options` is the strict form that `www/options.js` makes, with `lang`, `dir` and `texts`,
/// which are pairs of a key and a text.
/// `prefetched` is a promise of the `Response` of reading the session, which the loader requested
/// while this module was loaded.
///
/// # Errors
/// Names an option that is not of the strict form.
#[wasm_bindgen]
pub fn mount(
    container: Element,
    host: Host,
    options: &JsValue,
    prefetched: Option<Promise>,
) -> Result<Handle, JsValue> {
    let options = Options::read(options).map_err(JsValue::from)?;
    // A preloaded session that cannot be read is ignored: the backend is asked in any case.
    let session = options.session.as_deref();
    let preloaded = session.and_then(|text| json::parse::<Session>(text).ok());
    let lifetime = Lifetime::default();
    let props = AppProps {
        container: container.clone(),
        host,
        options: Rc::new(options),
        preloaded,
        prefetched: prefetched.map(JsValue::from),
        lifetime: lifetime.clone(),
    };
    let app = yew::Renderer::<App>::with_root_and_props(container, props).render();
    Ok(Handle { scope: app.clone(), app: Cell::new(Some(app)), lifetime })
}

/// A running checkout. Every method is safe to call at any time, also after `unmount`.
#[wasm_bindgen]
pub struct Handle {
    scope: Scope<App>,
    app: Cell<Option<AppHandle<App>>>,
    lifetime: Lifetime,
}

#[wasm_bindgen]
impl Handle {
    /// Takes changed options of the same session.
    ///
    /// # Errors
    /// Names an option that is not of the strict form. Nothing changes then.
    pub fn update(&self, options: &JsValue) -> Result<(), JsValue> {
        let options = Options::read(options).map_err(JsValue::from)?;
        self.send(Message::OptionsChanged(Rc::new(options)));
        Ok(())
    }

    /// Does what a press on "pay" does. Returns the code of the error if that can start nothing.
    pub fn confirm(&self) -> Option<String> {
        // The component is borrowed, and not to be seen, while it handles an event.
        let refusal = self.scope.get_component().and_then(|app| app.pay_refusal());
        self.send(Message::Event(Event::PayRequested));
        refusal.map(|refusal| refusal.code().to_owned())
    }

    /// Calls the payment off.
    pub fn cancel(&self) {
        self.send(Message::Event(Event::CancelRequested));
    }

    /// Moves the focus to the screen's first field or its heading.
    pub fn focus(&self) {
        self.send(Message::Focus);
    }

    /// Ends the checkout: no timer, request, stream or listener is left, and no effect is
    /// performed from now on, not even by a call that is on the stack.
    pub fn unmount(&self) {
        self.lifetime.end();
        if let Some(app) = self.app.take() {
            // In the next microtask: Yew would create a component after all that is destroyed
            // before its first render, and never destroy it.
            spawn_local(async move { app.destroy() });
        }
    }

    fn send(&self, message: Message) {
        if !self.lifetime.is_over() {
            self.scope.send_message(message);
        }
    }
}
