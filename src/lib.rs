//! The widget: what the shopper sees of a checkout, and the browser at its edge.
//!
//! `checkout` decides, this crate shows and performs: [`mount`] renders the machine's
//! state with Yew into a `<div>` of the custom element, and the driver carries out its
//! effects. No rule about a payment lives here. The element itself, its options and its
//! styles are `www/`; the border between the two is [`mount`], [`Handle`] and [`Host`].
//!
//! The crate compiles for the host too, so that its pure parts are tested natively.

mod app;
mod driver;
mod handle;
mod host;
mod options;
mod poison;
mod report;
mod text;
mod view;

pub use handle::{Handle, mount};
pub use host::Host;
