//! Yew 0.23.0, cut down to what OpenCashier's widget uses: one struct component at the root of
//! an app, elements, texts and lists. `PATCH.md` says what is left out and what is done
//! differently. What is here has upstream's names and signatures, so that its user compiles
//! with upstream Yew as well.

#![deny(missing_debug_implementations, unsafe_code)]

extern crate self as yew;

mod app_handle;
mod callback;
mod dom_bundle;
pub mod html;
mod renderer;
pub mod scheduler;
pub mod virtual_dom;

pub use app_handle::AppHandle;
pub use callback::Callback;
pub use html::{Component, Context, Html, Properties};
pub use renderer::{Renderer, set_custom_panic_hook};
pub use virtual_dom::AttrValue;

/// What a component's file uses.
pub mod prelude {
    pub use crate::app_handle::AppHandle;
    pub use crate::callback::Callback;
    pub use crate::html::{Component, Context, Html, Properties};
    pub use crate::virtual_dom::AttrValue;
}
