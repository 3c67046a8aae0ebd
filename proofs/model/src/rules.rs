//! The procedures and rules that are explored: the real ones, or a broken variant of one.

use payments::{
    AfterRefund, Answer, Change, Ending, Mismatch, Open, OrderState, Procedure, Product, Progress,
    RefundSignal, RefundStanding, Refusal, Request, Signal, Situation, Standing, Statement,
};

use contract::{Environment, Flow, PaymentMethod, SessionStatus};

/// The backend's rules, and the behavior of widget and backend that a broken variant lacks.
/// [`Rules::default`] are the real ones.
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
    /// True if the widget makes one key per intent to pay.
    pub keeps_key: bool,
    /// True if the widget continues to send requests after an error.
    pub asks_after_error: bool,
    /// True if the backend orders a payment for its first payer only.
    pub orders_once: bool,
    /// True if the backend does not take a page's report of a bridge result for a capture.
    pub distrusts_bridge: bool,
    /// True if the widget obeys a refusal of the page, and does nothing after it was destroyed.
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
