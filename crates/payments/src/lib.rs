//! The backend's core: every decision about payments and refunds. No I/O, no clock, no database.
//!
//! `merchant` executes what is decided here; its database writes each [`Change`] in one conditional
//! transaction, so that a race is decided here and not by the last writer. `proofs/model` runs
//! these same procedures and rules against every order of events.
//!
//! A [`Procedure`] is the order of steps of one call. The rules decide single answers: [`product`]
//! chooses the gateway's product, [`compare()`] turns a gateway's statement into a [`Signal`], and
//! [`change()`] is the only way in which a status changes. Refunds follow [`refund_first`],
//! [`after_refund`] and [`refundable`]. Once a day [`reconcile()`] compares the books with the
//! bills.

mod change;
mod compare;
mod delivery;
mod flow;
mod open;
mod procedure;
mod reconcile;
mod refund;
pub mod schedule;
mod start;

pub use change::{
    Alarm, Change, Ending, RefundDue, Signal, Standing, change, contradiction, expire,
};
pub use compare::{
    Comparison, Mismatch, Statement, TradeState, compare, compare_recipient, found_closed,
};
pub use delivery::{AfterDelivery, Delivery, after_delivery};
pub use flow::{Product, flows, is_payable, product};
pub use open::{Open, OpenSession, OrderState, open};
pub use procedure::{
    Answer, CloseAnswer, OrderAnswer, Procedure, Progress, Request, Situation, Step,
};
pub use reconcile::{Billed, Booked, Compared, Differing, EntryKey, reconcile};
pub use refund::{
    AfterRefund, RefundCall, RefundRefusal, RefundSignal, RefundStanding, Refundable, after_refund,
    may_be_renewed, refund_first, refundable,
};
pub use start::{
    Key, PaymentState, Refusal, Start, Starting, insert, is_cancelable, refresh, start,
};

#[cfg(test)]
mod tests;
