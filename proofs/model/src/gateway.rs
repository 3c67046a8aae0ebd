//! Both gateways, as far as one order depends on them (gateways.md parts A and B).

use contract::PaymentMethod;
use payments::{
    Answer, CloseAnswer, OrderAnswer, Product, RefundCall, RefundSignal, Step, TradeState,
};

/// The state of an order at its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The gateway does not have the order.
    Unknown,
    /// Alipay returned a code or a page, but has no trade before it is scanned or opened
    /// (gateways.md B5.2).
    Issued,
    /// The order can be paid.
    Open,
    /// Paid.
    Captured,
    /// Closed unpaid.
    Closed,
    /// Paid, and refunded.
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
    /// The product by which it was ordered.
    pub product: Product,
    /// Its status.
    pub standing: Standing,
    /// True if its code was shown, or its page or sheet was opened: a shopper can still pay it
    /// later.
    pub is_seen: bool,
    /// The part that staff have refunded in the wallet's console.
    pub console: Share,
    /// The backend's refund that was executed: of the whole, or of the rest.
    pub returned: Option<Amount>,
}

/// The amount of a refund by the backend; each amount has its own refund number.
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
    /// Submit this order, identical each time.
    Order,
    /// Query its state.
    Query,
    /// Close it.
    Close,
    /// Send or query a refund of this amount, under the refund number of the amount.
    Refund(RefundCall, Amount),
}

impl Request {
    /// Returns the call of a step, with `amount` for a refund; `None` if the step calls no gateway.
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

    /// Returns the result of a call without a usable answer.
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
    /// Returns an order that its gateway does not have.
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

    /// Executes a request.
    pub fn carry_out(&mut self, request: Request) -> Answer {
        match request {
            Request::Order => Answer::Order(self.order()),
            Request::Query => Answer::Trade(Some(self.state())),
            Request::Close => Answer::Close(self.close()),
            Request::Refund(call, amount) => Answer::Refund(self.refund(call, amount)),
        }
    }

    /// Returns the state that a query finds.
    #[must_use]
    pub fn state(&self) -> TradeState {
        match self.standing {
            Standing::Unknown | Standing::Issued => TradeState::NotCreated,
            Standing::Open => TradeState::AwaitingPayer,
            // gateways.md A9, B6: Alipay reports a partly refunded trade as paid.
            Standing::Captured if self.console == Share::Part && !self.is_alipay() => {
                TradeState::Refunded
            }
            Standing::Captured => TradeState::Paid,
            Standing::Closed => TradeState::Closed,
            // gateways.md B6: Alipay reports a wholly refunded trade as closed. The model does not
            // rely on the time of payment, which it also has.
            Standing::Refunded if self.is_alipay() => TradeState::Closed,
            Standing::Refunded => TradeState::Refunded,
        }
    }

    fn order(&mut self) -> OrderAnswer {
        match self.standing {
            // gateways.md B5.2: the backend signs the address itself, whatever the trade's status
            // is.
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
            // gateways.md B5.4: an unscanned order cannot be closed, and its code stays payable.
            Standing::Unknown | Standing::Issued if self.is_alipay() => CloseAnswer::NotCreated,
            Standing::Open => {
                self.standing = Standing::Closed;
                CloseAnswer::Closed
            }
            // gateways.md A4.2: WeChat Pay answers "closed" for a closed order, and for an unknown
            // one, too. Alipay does neither.
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

    /// Returns the notifications that its gateway may send (gateways.md A8, B8), now or late.
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

    /// True if the shopper's money was captured, refunded or not.
    #[must_use]
    pub fn was_captured(&self) -> bool {
        matches!(self.standing, Standing::Captured | Standing::Refunded)
    }

    /// Returns the next state that the shopper's wallet causes: it scans, then pays.
    #[must_use]
    pub fn next_by_wallet(&self) -> Option<Standing> {
        match self.standing {
            Standing::Issued if self.is_seen => Some(Standing::Open),
            Standing::Open if self.is_seen => Some(Standing::Captured),
            _ => None,
        }
    }
}
