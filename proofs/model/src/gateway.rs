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

/// The part of a payment that staff refund in the wallet's console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Share {
    /// None of it.
    #[default]
    Nothing,
    /// A part of it.
    Part,
    /// All of it.
    Whole,
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
    /// The part that staff have refunded in the wallet's console.
    pub console: Share,
    /// The backend's refund that was executed: of the whole, or of the rest.
    pub returned: Option<Amount>,
}

/// The amount of a refund of the backend's; each has a refund number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Amount {
    /// The whole payment.
    Whole,
    /// The rest of a payment that staff have refunded in part.
    Rest,
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
    /// This amount goes back, under the refund number of the amount.
    Refund(RefundCall, Amount),
}

impl Request {
    /// The call that a step is, where a refund is of this amount; none if it is none.
    #[must_use]
    pub const fn of(step: Step, amount: Amount) -> Option<Self> {
        match step {
            Step::Order => Some(Self::Order),
            Step::Query { .. } => Some(Self::Query),
            Step::Close => Some(Self::Close),
            Step::Refund(call) => Some(Self::Refund(call, amount)),
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
            Self::Refund(..) => Answer::Refund(RefundSignal::Unclear),
        }
    }
}

impl Order {
    /// An order that its gateway has not heard of.
    #[must_use]
    pub const fn new(product: Product) -> Self {
        Self {
            product,
            standing: Standing::Unknown,
            is_seen: false,
            console: Share::Nothing,
            returned: None,
        }
    }

    /// Carries out a request.
    pub fn carry_out(&mut self, request: Request) -> Answer {
        match request {
            Request::Order => Answer::Order(self.order()),
            Request::Query => Answer::Trade(Some(self.state())),
            Request::Close => Answer::Close(self.close()),
            Request::Refund(call, amount) => Answer::Refund(self.refund(call, amount)),
        }
    }

    /// The answer of a query.
    #[must_use]
    pub fn state(&self) -> TradeState {
        match self.standing {
            Standing::Unknown | Standing::Issued => TradeState::NotCreated,
            Standing::Open => TradeState::AwaitingPayer,
            // A9, B6: Alipay says the same of a trade of which a part went back.
            Standing::Captured if self.console == Share::Part && !self.is_alipay() => {
                TradeState::Refunded
            }
            Standing::Captured => TradeState::Paid,
            Standing::Closed => TradeState::Closed,
            // gateways.md B6: Alipay says the same of a trade that went back whole. That it also
            // has a time of payment is not relied on.
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

    fn refund(&mut self, call: RefundCall, amount: Amount) -> RefundSignal {
        if self.returned == Some(amount) {
            return RefundSignal::Succeeded;
        }
        // No gateway refunds more than is left.
        let is_left = match amount {
            Amount::Whole => self.console == Share::Nothing,
            Amount::Rest => self.console != Share::Whole,
        };
        match call {
            RefundCall::Query => RefundSignal::Missing,
            RefundCall::Send if self.standing == Standing::Captured && is_left => {
                self.standing = Standing::Refunded;
                self.returned = Some(amount);
                RefundSignal::Succeeded
            }
            RefundCall::Send => RefundSignal::Refused,
        }
    }

    /// True if staff may still refund it in the wallet's console.
    #[must_use]
    pub fn is_in_console(&self) -> bool {
        self.standing == Standing::Captured && self.console == Share::Nothing
    }

    /// Staff refund it in the wallet's console.
    pub fn refund_in_console(&mut self, share: Share) {
        self.console = share;
        if share == Share::Whole {
            self.standing = Standing::Refunded;
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
