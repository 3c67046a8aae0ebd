//! The parts that several screens share.

mod button;
mod icon;
mod leave;
mod link;
mod text;

pub(super) use button::{Button, ButtonState, on_click};
pub(super) use icon::{Emblem, Icon, IconKind, Spinner, style_name};
pub(super) use leave::{SwitchButton, WaysOut};
pub(super) use link::{CopyLink, Link};
pub(super) use text::{Heading, Hint, NoticeLine, Paragraph};
