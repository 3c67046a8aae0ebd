//! The messages of the root component.

use std::rc::Rc;

use checkout::Event;

use crate::options::Options;

/// A message to [`crate::app::App`].
pub(crate) enum Message {
    /// An event for the machine.
    Event(Event),
    /// The page called `focus()`.
    Focus,
    /// The shopper wants the link to this session.
    CopyLink,
    /// True if the link is in the clipboard; false if the browser refused.
    LinkCopied(bool),
    /// The confirmation that the link was copied has been shown long enough.
    CopiedOver,
    /// The first screen is in the DOM; the effects that waited for it are performed.
    Rendered,
    /// The screen was painted; the effects that waited for that are performed.
    Painted,
    /// The page changed options.
    OptionsChanged(Rc<Options>),
}
