//! The books of backend and gateways, read after the run has settled.

mod backend;
mod gateways;
mod ledger;

pub(crate) use backend::{ledger, left};
pub(crate) use gateways::orders;
pub(crate) use ledger::{Ledger, Order, PaymentEntry, RefundEntry, SessionEntry};
