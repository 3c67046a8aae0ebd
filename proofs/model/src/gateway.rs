//! Both gateways, as far as one order can tell (gateways.md, parts A and B).

use contract::PaymentMethod;
use payments::{
    Answer, CloseAnswer, OrderAnswer, Product, RefundCall, RefundSignal, Step, TradeState,
};

/// The state of an order at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It has never heard of it.
    Unknown,
    /// Alipay gave out a code or a page, but has no trade before it is scanned or opened
    /// (gateways.md B5.2).
    Issued,
    /// It waits for the shopper's money.
    Open,
    /// Paid.
    Captured,
    /// Closed unpaid.
    Closed,
    /// Paid, and the money went back.
    Refunded,
}

/// An order at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// By what it was ordered.
    pub product: Product,
    /// Its status.
    pub standing: Standing,
    /// Its code was on a screen, its page or sheet was opened: whoever saw it can pay it, long
    /// after it is gone.
    pub is_seen: bool,
}

/// A request of the backend to a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Take this order, identical each time.
    Order,
    /// Query its state.
    Query,
    /// Close it.
    Close,
    /// All of it goes back, under the payment's one refund number.
    Refund(RefundCall),
}

impl Request {
    /// The call that a step is; none if it is none.
    #[must_use]
    pub const fn of(step: Step) -> Option<Self> {
        match step {
            Step::Order => Some(Self::Order),
            Step::Query { .. } => Some(Self::Query),
            Step::Close => Some(Self::Close),
            Step::Refund(call) => Some(Self::Refund(call)),
            _ => None,
        }
    }

    /// The answer of a call that got none, or "system busy".
    #[must_use]
    pub const fn unanswered(self) -> Answer {
        match self {
            Self::Order => Answer::Order(OrderAnswer::Unclear),
            Self::Query => Answer::Trade(None),
            Self::Close => Answer::Close(CloseAnswer::Failed),
            Self::Refund(_) => Answer::Refund(RefundSignal::Unclear),
        }
    }
}

impl Order {
    /// An order that its gateway has not heard of.
    #[must_use]
    pub const fn new(product: Product) -> Self {
        Self { product, standing: Standing::Unknown, is_seen: false }
    }

    /// Carries out a request.
    pub fn carry_out(&mut self, request: Request) -> Answer {
        match request {
            Request::Order => Answer::Order(self.order()),
            Request::Query => Answer::Trade(Some(self.state())),
            Request::Close => Answer::Close(self.close()),
            Request::Refund(call) => Answer::Refund(self.refund(call)),
        }
    }

    /// The answer of a query.
    #[must_use]
    pub fn state(&self) -> TradeState {
        match self.standing {
            Standing::Unknown | Standing::Issued => TradeState::NotCreated,
            Standing::Open => TradeState::AwaitingPayer,
            Standing::Captured => TradeState::Paid,
            Standing::Closed => TradeState::Closed,
            // gateways.md B6: Alipay says the same of a trade that went back whole.
            Standing::Refunded if self.is_alipay() => TradeState::Closed,
            Standing::Refunded => TradeState::Refunded,
        }
    }

    fn order(&mut self) -> OrderAnswer {
        match self.standing {
            // B5.2: its address is signed by us, whatever has become of the trade.
            Standing::Open | Standing::Captured | Standing::Closed | Standing::Refunded
                if self.product == Product::Wap =>
            {
                OrderAnswer::Taken
            }
            Standing::Unknown => {
                self.standing = if self.is_alipay() { Standing::Issued } else { Standing::Open };
                OrderAnswer::Taken
            }
            Standing::Issued | Standing::Open => OrderAnswer::Taken,
            Standing::Captured | Standing::Closed | Standing::Refunded => OrderAnswer::Refused,
        }
    }

    fn close(&mut self) -> CloseAnswer {
        match self.standing {
            // B5.4: what was not scanned cannot be closed, and its code stays payable.
            Standing::Unknown | Standing::Issued if self.is_alipay() => CloseAnswer::NotCreated,
            Standing::Open => {
                self.standing = Standing::Closed;
                CloseAnswer::Closed
            }
            // A4.2: WeChat Pay closes again what is closed, and says so of what it does not know, too;
            // Alipay does neither.
            Standing::Closed | Standing::Unknown if !self.is_alipay() => CloseAnswer::Closed,
            _ => CloseAnswer::Failed,
        }
    }

    fn refund(&mut self, call: RefundCall) -> RefundSignal {
        match (call, self.standing) {
            (RefundCall::Send, Standing::Captured | Standing::Refunded) => {
                self.standing = Standing::Refunded;
                RefundSignal::Succeeded
            }
            (RefundCall::Send, _) => RefundSignal::Refused,
            (RefundCall::Query, Standing::Refunded) => RefundSignal::Succeeded,
            (RefundCall::Query, _) => RefundSignal::Missing,
        }
    }

    fn is_alipay(&self) -> bool {
        self.product.method() == PaymentMethod::Alipay
    }

    /// The notifications that its gateway may send (gateways.md A8, B8), now or late.
    #[must_use]
    pub fn notifications(&self) -> &'static [TradeState] {
        match self.standing {
            Standing::Captured => &[TradeState::Paid],
            Standing::Refunded if self.is_alipay() => &[TradeState::Paid, TradeState::Closed],
            Standing::Refunded => &[TradeState::Paid],
            Standing::Closed if self.is_alipay() => &[TradeState::Closed],
            Standing::Unknown | Standing::Issued | Standing::Open | Standing::Closed => &[],
        }
    }

    /// True if its gateway closes it when its time is up: Alipay does, WeChat Pay only after days.
    #[must_use]
    pub fn closes_by_itself(&self) -> bool {
        self.is_alipay() && self.standing == Standing::Open
    }

    /// True if it took the shopper's money, given back or not.
    #[must_use]
    pub fn was_captured(&self) -> bool {
        matches!(self.standing, Standing::Captured | Standing::Refunded)
    }

    /// The next state that the shopper's wallet brings about: it scans, then pays.
    #[must_use]
    pub fn next_by_wallet(&self) -> Option<Standing> {
        match self.standing {
            Standing::Issued if self.is_seen => Some(Standing::Open),
            Standing::Open if self.is_seen => Some(Standing::Captured),
            _ => None,
        }
    }
}
