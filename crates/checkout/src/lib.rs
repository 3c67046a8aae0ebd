//! The checkout state machine: events in, state and effects out.
//!
//! [`Checkout`] decides everything about a payment that the page may decide. It does
//! no I/O, asks no clock, holds no randomness of its own and knows no browser: time is
//! an argument, the page's answers and the idempotency key arrive as [`Event`]s, and every
//! call returns [`Effect`]s. Equal events give equal outcomes, so it is tested natively and
//! can be explored exhaustively.
//!
//! Three rules come before all others:
//! success is shown only for a session that the backend calls complete;
//! an unknown outcome is asked about before anything is started again;
//! every state has a way forward.

mod action;
mod allowed_addresses;
mod answer;
mod clock;
mod config;
mod effect;
mod event;
mod fault;
mod host_event;
mod left_payment;
mod machine;
mod network;
mod notice;
mod offer;
mod question;
mod state;
mod timers;

pub use action::Action;
pub use allowed_addresses::{is_allowed_address, is_app_address, is_web_address};
pub use answer::{PROBLEM_MEDIA_TYPE, has_media_type};
pub use clock::{Millis, ServerClock};
pub use config::{Config, Intent};
pub use effect::{Call, Effect, Effects, RequestId};
pub use event::{BridgeOutcome, Event};
pub use fault::Fault;
pub use host_event::{HandledAction, HostEvent};
#[cfg(any(test, feature = "explore"))]
pub use machine::Deadline;
pub use machine::{Checkout, PayRefusal};
pub use notice::{Message, Notice};
pub use offer::{Guide, Offer, RowHint, offer};
pub use question::{PageQuestion, QuestionId};
pub use state::{
    Awaiting, Closing, Confirming, ConfirmingCause, Guiding, Origin, Selecting, Starting, State,
};

#[cfg(test)]
mod tests;
