//! The screens: one function each, drawn from the machine's state and the texts.
//!
//! To add a screen: write its function beside the others and call it in [`screen()`]. Its input is
//! the [`ScreenContext`] and what the machine's state holds; what the shopper does goes out as a
//! `Callback<Event>`; what several screens share is in `parts`.
//!
//! Screens have neither state nor hooks, and [`crate::app`] renders them with new callbacks each
//! time. So they are no function components: each would add about 650 bytes to what a shopper
//! downloads, and none would be skipped by a comparison of its props.

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
mod succeeded;

pub(crate) use countdown::time_left_ms;
pub(crate) use frame::{FrameInput, frame};
pub(crate) use messages::{announcement, wallet_of};
pub(crate) use screen::{ScreenContext, screen};
#[cfg(feature = "prerender")]
pub(crate) use selector::{SelectorInput, selector};
#[cfg(feature = "prerender")]
pub(crate) use starting::Progress;
