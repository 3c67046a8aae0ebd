//! A model of the payment rules, explored exhaustively within bounds.
//!
//! [`Shop`] is a model for the `stateright` checker: an order with one session or several, one
//! after the other; the real state machine of the widget (`checkout`) in the tabs of each; the real
//! procedures and rules of the backend (`payments`); and both gateways. The network loses, repeats,
//! delays and reorders messages, the backend may crash between any two steps, a page may be
//! reloaded, and the shopper clicks, scans and pays whenever it is possible.
//!
//! Not modelled: durations. Any deadline may pass at any time, and the time itself has four phases.
//! Not modelled either: amounts and signatures, because every statement of a gateway matches. An
//! answer to a request that was given up is dropped, as the machine drops it by its number. At most
//! [`Bounds::strays`] requests that nobody waits for are under way; older ones are lost. A browser
//! uses one flow per wallet. A page that its browser has left is frozen until the shopper returns
//! to it, reloaded or restored. A return, a wallet's redirect with the payer and a bridge's
//! callback come at any time, or never; the result that a bridge reports is arbitrary. A page
//! answers at once and with yes, unless it may refuse: then late, with no, or by destroying the
//! widget. A key is taken whenever the tabs' lock is free, or never. The backend never stops
//! querying before the gateways' own limit has passed.

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
