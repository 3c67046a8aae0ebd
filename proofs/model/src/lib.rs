//! The payment rules, explored to the end.
//!
//! [`Shop`] is a model for the `stateright` checker: an order with one session or, one after the
//! other, several, the real state machine of the widget (`checkout`) in the tabs of each, the real procedures and rules of the backend (`payments`), and
//! both gateways, over a network that loses,
//! repeats, delays and reorders, with crashes between any two steps of the backend, reloads of
//! a page, and a shopper who clicks, scans and pays whenever it is possible.
//!
//! Left out on purpose: durations. Any deadline may pass at any time, and time itself
//! has four phases. Amounts and signatures: every statement of a gateway matches. An answer
//! that is not awaited any more is dropped, as the machine drops it by its number. At most
//! [`Bounds::strays`] requests that nobody waits for are on their way; older ones are lost.
//! Of the flows each browser has its own: a page that a browser has left is frozen until the shopper
//! is back, by loading it anew or as it was; a return, a wallet's word of who pays and a bridge's
//! word come at any time, or never; the word of a bridge may be any, whatever was paid.
//! A page answers at once and with yes, unless it may refuse: then late, with no, or by destroying
//! the widget; the key comes whenever the tabs' lock is free, or never.
//! The backend never stops watching before the gateways' own limit has passed.

mod act;
mod action;
mod backend;
mod browser;
mod db;
mod drive;
mod gateway;
mod properties;
mod report;
mod rules;
mod settle;
mod shop;
mod tab;
mod task;
mod wire;
mod world;

pub use action::{Action, CallFault, Click};
pub use browser::{Away, Browser};
pub use properties::{ACTIVE, CAPTURED, DUE, KEPT, OBEYS, ONE_SESSION, SETTLES, WATCHED, WAY_ON};
pub use report::{Report, Trace, explore, refute};
pub use rules::Rules;
pub use settle::Unsettled;
pub use shop::{Bounds, Shop};
pub use world::{Left, Phase, World};
