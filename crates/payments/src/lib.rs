//! The backend's core: every decision about payments and refunds. No I/O, no clock, no database.
//!
//! `merchant` reads, calls a function here to decide, and performs the decision; its database
//! writes each [`Change`] in one conditional transaction, so that a race is decided here and not
//! by who comes last. `crates/model` checks these same functions against every order of events.
//!
//! In the order of a payment's life: [`product`], [`start()`], [`order`], [`refresh`], [`check`],
//! [`end`], [`attend`]; [`judge()`] turns what a gateway says into a [`Signal`], and [`change()`] is
//! the only way in which a status changes. Money that goes back follows `refund`:
//! [`refund_first`], [`after_refund`], [`refundable`]. Once a day [`reconcile()`] compares the books.

mod attend;
mod change;
mod close;
mod flow;
mod judge;
mod order;
mod reconcile;
mod refund;
pub mod schedule;
mod start;

pub use attend::{Checking, ExpiryGrace, WorkerAction, attend, check, expiry_grace};
pub use change::{
    Alarm, Change, Ending, RefundDue, Signal, Standing, change, contradiction, expire,
};
pub use close::{
    AfterClose, CloseAnswer, EndStep, Ended, after_close, after_worker_close, end, ended,
    is_query_needed,
};
pub use flow::{Product, flows, is_payable, product};
pub use judge::{Comparison, Mismatch, Statement, TradeState, found_closed, judge};
pub use order::{AfterOrder, AfterRefusal, OrderAnswer, after_refusal, order};
pub use reconcile::{Billed, Booked, Compared, Differing, reconcile};
pub use refund::{
    AfterRefund, RefundCall, RefundRefusal, RefundSignal, RefundStanding, Refundable, after_refund,
    may_be_renewed, refund_first, refundable,
};
pub use start::{
    Key, PaymentState, Refusal, Start, Starting, after_closing, insert, is_cancelable, refresh,
    start,
};

#[cfg(test)]
mod tests;
