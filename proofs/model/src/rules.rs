//! The procedures and rules that are explored: those that ship, or one of them broken on purpose.

use payments::{
    AfterRefund, Answer, Change, Ending, Mismatch, Open, OrderState, Procedure, Product, Progress,
    RefundSignal, RefundStanding, Refusal, Request, Signal, Situation, Standing, Statement,
};

use contract::{Environment, Flow, PaymentMethod, SessionStatus};

/// The backend's rules, and the habits of widget and backend that a broken variant lacks.
/// [`Rules::default`] is what ships.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each entry is the function of `payments` of that name")]
pub struct Rules {
    pub begin: fn(Request, Situation) -> Progress,
    pub next: fn(Procedure, Answer, Situation) -> Progress,
    pub product: fn(PaymentMethod, Environment, Option<Flow>, &[Product]) -> Option<Product>,
    pub insert: fn(SessionStatus, bool, bool) -> Result<(), Refusal>,
    pub found_closed: fn(bool) -> Ending,
    pub judge: fn(Statement, Ending) -> Result<Signal, Mismatch>,
    pub change: fn(Standing, Signal) -> Change,
    pub expire: fn(SessionStatus, bool, bool) -> Option<SessionStatus>,
    pub after_refund: fn(RefundStanding, RefundSignal) -> AfterRefund,
    pub open: fn(OrderState) -> Open,
    /// The widget mints its key once per intent to pay.
    pub keeps_key: bool,
    /// The widget goes on asking after an error.
    pub asks_after_error: bool,
    /// The backend orders a payment for the first word of who pays, and no other.
    pub orders_once: bool,
    /// The backend takes nothing for paid that a page says of a bridge.
    pub distrusts_bridge: bool,
    /// The widget does nothing that the page refused, and nothing after it was destroyed.
    pub obeys_page: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            begin: Procedure::begin,
            next: Procedure::next,
            product: payments::product,
            insert: payments::insert,
            found_closed: payments::found_closed,
            judge: payments::compare,
            change: payments::change,
            expire: payments::expire,
            after_refund: payments::after_refund,
            open: payments::open,
            keeps_key: true,
            asks_after_error: true,
            orders_once: true,
            distrusts_bridge: true,
            obeys_page: true,
        }
    }
}
