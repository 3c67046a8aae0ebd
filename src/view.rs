//! The screens: one function component each, drawn from the machine's state and the texts.
//!
//! To add a screen: write its component beside the others, with typed props, and name it in
//! [`screen()`]. Texts come from the context ([`crate::texts::use_texts`]); what the shopper does
//! goes out as a `Callback<Event>`; what several screens share is in `parts`.

mod awaiting;
mod closing;
mod confirming;
mod countdown;
mod frame;
mod guide;
mod icon;
mod loading;
mod messages;
mod outcome;
mod parts;
mod qr_code;
mod scan;
mod screen;
mod selector;
mod starting;

pub(crate) use countdown::time_left_ms;
pub(crate) use frame::Frame;
pub(crate) use messages::{announcement, wallet_of};
pub(crate) use screen::{ScreenContext, screen};
#[cfg(feature = "prerender")]
pub(crate) use selector::Selector;
