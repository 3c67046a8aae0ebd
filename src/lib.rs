//! The widget: what the shopper sees of a checkout, and the browser at its edge.
//!
//! `checkout` decides; this crate shows its state with Yew and performs its effects. No rule
//! about a payment lives here. The custom element, its options and its styles are in `www/`;
//! the border between the two is [`mount`], [`Handle`] and [`Host`].
//!
//! The crate compiles natively too: for unit tests, and for the selector's templates.

mod app;
mod browser;
mod diagnosis;
mod effects;
mod handle;
mod host;
mod host_events;
mod lifetime;
mod message;
mod options;
mod order;
#[cfg(feature = "prerender")]
pub mod prerender;
mod texts;
mod view;

pub use handle::{Handle, mount};
pub use host::Host;
