//! The screens: one function component each, drawn from the machine's state and the texts.
//!
//! To add a screen: write its component beside the others, with props for what it shows, and choose
//! it in [`screen()`]. Texts come from the context ([`crate::texts::use_texts`]); what the shopper
//! does goes out as a `Callback<Event>`; what several screens share is in `parts`.

mod closing;
mod confirming;
mod countdown;
mod elsewhere;
mod frame;
mod guide;
mod loading;
mod messages;
mod outcome;
mod parts;
mod progress;
mod qr_code;
mod scan;
mod scan_code;
mod screen;
mod selector;
mod succeeded;
mod wallet_row;

pub(crate) use frame::Frame;
pub(crate) use messages::{announcement, wallet_of};
#[cfg(feature = "prerender")]
pub(crate) use progress::Progress;
pub(crate) use screen::{ScreenInput, screen};
#[cfg(feature = "prerender")]
pub(crate) use selector::Selector;
