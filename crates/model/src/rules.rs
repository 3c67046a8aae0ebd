//! The rules that are explored: the real ones, or one of them broken on purpose.

use payments as real;
use payments::{
    AfterClose, AfterOrder, AfterRefund, AfterRefusal, Change, Checking, CloseAnswer, EndStep,
    Ended, Ending, ExpiryGrace, Mismatch, OrderAnswer, Product, RefundCall, RefundSignal,
    RefundStanding, Refusal, Signal, Standing, Start, Starting, Statement, TradeState,
    WorkerAction,
};

use contract::{Environment, Flow, PaymentMethod, PaymentStatus, SessionStatus};

/// What the backend decides by, one entry per function of `payments`, and the habits of
/// widget and backend that a broken variant lacks. [`Rules::default`] is what ships.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each entry is the function of payments of that name")]
pub struct Rules {
    pub product: fn(PaymentMethod, Environment, Option<Flow>, &[Product]) -> Option<Product>,
    pub start: fn(Starting) -> Start,
    pub after_closing: fn(Ended) -> Start,
    pub insert: fn(SessionStatus, bool, bool) -> Result<(), Refusal>,
    pub refresh: fn(SessionStatus, bool, PaymentStatus, bool) -> Start,
    pub is_cancelable: fn(PaymentStatus) -> bool,
    pub order: fn(OrderAnswer) -> AfterOrder,
    pub after_refusal: fn(Option<TradeState>, bool, bool) -> AfterRefusal,
    pub check: fn(SessionStatus, bool, bool) -> Checking,
    pub attend: fn(PaymentStatus, bool, bool) -> WorkerAction,
    pub expiry_grace: fn(i64) -> ExpiryGrace,
    pub end: fn(bool, Ending) -> EndStep,
    pub is_query_needed: fn(CloseAnswer) -> bool,
    pub after_close: fn(CloseAnswer, Option<TradeState>, SessionStatus, Ending) -> AfterClose,
    pub ended: fn(SessionStatus) -> Ended,
    pub after_worker_close: fn(CloseAnswer, Option<TradeState>, bool) -> Option<Signal>,
    pub found_closed: fn(bool) -> Ending,
    pub judge: fn(Statement, Ending) -> Result<Signal, Mismatch>,
    pub change: fn(Standing, Signal) -> Change,
    pub expire: fn(SessionStatus, bool, bool) -> Option<SessionStatus>,
    pub refund_first: fn(u32) -> RefundCall,
    pub after_refund: fn(RefundStanding, Option<RefundCall>, RefundSignal) -> AfterRefund,
    /// The widget mints its key once per intent to pay.
    pub keeps_key: bool,
    /// The widget goes on asking after an error.
    pub asks_after_error: bool,
    /// The backend orders a payment for the first word of who pays, and no other.
    pub orders_once: bool,
    /// The backend takes nothing for paid that a page says of a bridge.
    pub distrusts_bridge: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            product: real::product,
            start: real::start,
            after_closing: real::after_closing,
            insert: real::insert,
            refresh: real::refresh,
            is_cancelable: real::is_cancelable,
            order: real::order,
            after_refusal: real::after_refusal,
            check: real::check,
            attend: real::attend,
            expiry_grace: real::expiry_grace,
            end: real::end,
            is_query_needed: real::is_query_needed,
            after_close: real::after_close,
            ended: real::ended,
            after_worker_close: real::after_worker_close,
            found_closed: real::found_closed,
            judge: real::judge,
            change: real::change,
            expire: real::expire,
            refund_first: real::refund_first,
            after_refund: real::after_refund,
            keeps_key: true,
            asks_after_error: true,
            orders_once: true,
            distrusts_bridge: true,
        }
    }
}
