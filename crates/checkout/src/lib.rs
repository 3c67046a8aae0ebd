//! The checkout state machine: events in, state and effects out.
//!
//! [`Checkout`] decides everything about a payment that the page may decide. It does
//! no I/O, asks no clock, holds no randomness of its own and knows no browser: time is
//! an argument, the idempotency key arrives with the event that may use it, and what is
//! to be done is handed back as [`Effect`]s. Equal events give equal outcomes, so it is
//! tested natively and can be explored exhaustively.
//!
//! Three rules stand above all others:
//! success is shown only for a session that the backend calls complete;
//! an unknown outcome is asked about before anything is started again;
//! every state has a way forward.

mod action;
mod allowed;
mod clock;
mod config;
mod effect;
mod event;
#[cfg(not(target_family = "wasm"))]
mod explore;
mod fault;
mod follow;
mod leave;
mod machine;
mod network;
mod offer;
mod pay;
mod question;
mod shopper;
mod state;
mod timers;

pub use action::Action;
pub use allowed::{is_allowed_address, is_app_address, is_web_address};
pub use clock::{Millis, ServerClock};
pub use config::{Config, Intent};
pub use effect::{Call, Effect, Effects, HandledAction, HostEvent, Message, RequestId};
pub use event::{BridgeOutcome, Event};
#[cfg(not(target_family = "wasm"))]
pub use explore::Deadline;
pub use fault::Fault;
pub use machine::Checkout;
pub use offer::{Guide, Offer, offer};
pub use question::{PageQuestion, QuestionId};
pub use state::{
    Awaiting, Closing, Confirming, ConfirmingCause, Guiding, Notice, Selecting, Starting, State,
};

#[cfg(test)]
mod tests;
