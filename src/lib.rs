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
mod rehearsal;
mod report;
mod setup;
mod text;
mod view;

pub use handle::{Handle, mount};
pub use host::Host;

/// A third of the size of the standard library's; a checkout allocates little and seldom.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::GlobalTlsf<Small> = rlsf::GlobalTlsf::new();

/// Small code, and memory that is given back is one piece again.
#[cfg(target_family = "wasm")]
struct Small;

#[cfg(target_family = "wasm")]
impl rlsf::GlobalTlsfOptions for Small {
    const ENABLE_REALLOCATION: bool = false;
}
