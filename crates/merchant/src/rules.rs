//! Every decision about payments and refunds. Pure: no clock, no database, no gateway.
//!
//! The services read, ask a function here what to do, and carry it out; the database writes each
//! [`Change`] in one conditional transaction, so that a race is decided here and not by who
//! comes last. `crates/model` checks these same functions against every order of events.
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
mod start;

pub use attend::{Checking, Duty, Patience, attend, check, patience};
pub use change::{
    Alarm, Change, Ending, RefundDue, Signal, Standing, change, contradiction, expire,
};
pub use close::{
    AfterClose, CloseAnswer, EndStep, Ended, after_close, after_worker_close, end, ended,
    is_query_needed,
};
pub use flow::{Product, flows, is_payable, product};
pub use gateways::TradeState;
pub use judge::{Mismatch, Said, Statement, found_closed, judge};
pub use order::{AfterOrder, AfterRefusal, OrderAnswer, after_refusal, order};
pub use reconcile::{Billed, Booked, Compared, Differing, reconcile};
pub use refund::{
    AfterRefund, RefundCall, RefundRefusal, RefundSignal, RefundStanding, Refundable, after_refund,
    may_be_renewed, refund_first, refundable,
};
pub use start::{
    Key, Refusal, Start, Starting, Under, after_closing, insert, is_cancelable, refresh, start,
};

#[cfg(test)]
mod tests;
