//! Alipay's trades, their codes and cashier pages (gateways.md B5, B6, G2.7).

use std::collections::{BTreeMap, HashMap};

use time::{Duration, OffsetDateTime};

use super::attempt::Attempt;
use super::due::{earlier, is_due};
use super::refund::{Refund, Refunds};
use super::view::{OrderView, RefundView, WaitingCode};
use crate::bounded::Bounded;
use crate::event::About;
use crate::wallet::{CodeError, Wallet};
use crate::{clock, random};

/// All orders that merchants made at Alipay.
#[derive(Debug, Default)]
pub(crate) struct Trades {
    by_number: BTreeMap<String, Trade>,
    codes: BTreeMap<String, Code>,
    cashiers: Bounded<Cashier>,
    /// The users of the buyer numbers that OAuth has given.
    buyers: Bounded<String>,
    by_trade: HashMap<String, String>,
    /// The time of the next change to settle.
    next_due: Option<OffsetDateTime>,
    /// Events of unpaid trades since they were last taken.
    unpaid_events: Vec<UnpaidEvent>,
}

/// An event of an unpaid trade, of which an application may want to be notified.
#[derive(Debug)]
pub(crate) struct UnpaidEvent {
    pub(crate) out_trade_no: String,
    pub(crate) notify_url: String,
    /// Opened or closed.
    pub(crate) about: About,
    /// The time-out of the trade.
    pub(crate) expires_at: OffsetDateTime,
}

/// One order; queries find it as a trade only once a buyer has opened it.
#[derive(Debug)]
pub(crate) struct Trade {
    pub(crate) out_trade_no: String,
    pub(crate) product: Product,
    pub(crate) subject: String,
    pub(crate) body: Option<String>,
    pub(crate) passback_params: Option<String>,
    /// In fen.
    pub(crate) total: i64,
    pub(crate) notify_url: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) state: TradeState,
    /// The number of captures.
    pub(crate) captures: u32,
    pub(crate) refunds: Refunds,
    pub(crate) attempts: Vec<Attempt>,
}

/// The API that ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    Precreate,
    Page,
    Wap,
    /// `trade.create`, for a page inside the app.
    Create,
}

impl Product {
    /// The name of the API in the books.
    fn name(self) -> &'static str {
        match self {
            Self::Precreate => "precreate",
            Self::Page => "page",
            Self::Wap => "wap",
            Self::Create => "create",
        }
    }
}

/// The state of a trade. A query does not find `Unopened` and `Lapsed`: no buyer has opened them.
#[derive(Debug, Clone)]
pub(crate) enum TradeState {
    Unopened,
    Lapsed,
    Waiting(Opened),
    Success(Opened, OffsetDateTime),
    Closed(Opened),
}

/// The facts of a trade that a buyer has opened.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) trade_no: String,
    pub(crate) buyer_id: String,
    pub(crate) user: String,
    pub(crate) at: OffsetDateTime,
}

/// A payment QR code; several of one order may be alive.
#[derive(Debug)]
struct Code {
    out_trade_no: String,
    made_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

/// A cashier page that a browser may open.
#[derive(Debug, Clone)]
pub(crate) struct Cashier {
    pub(crate) out_trade_no: String,
    pub(crate) product: Product,
    pub(crate) return_url: Option<String>,
    /// The target of "back" in the wap cashier.
    pub(crate) quit_url: Option<String>,
    /// The code that a framed cashier shows in place of a page of its own.
    pub(crate) code: Option<String>,
}

impl Trades {
    pub(crate) fn by_number(&self, out_trade_no: &str) -> Option<&Trade> {
        self.by_number.get(out_trade_no)
    }

    pub(crate) fn by_number_mut(&mut self, out_trade_no: &str) -> Option<&mut Trade> {
        self.by_number.get_mut(out_trade_no)
    }

    /// The number of the trade that a `trade_no` belongs to.
    pub(crate) fn number_of(&self, trade_no: &str) -> Option<String> {
        self.by_trade.get(trade_no).cloned()
    }

    /// Assigns a buyer, which creates the trade; another buyer is refused.
    pub(crate) fn open(
        &mut self,
        out_trade_no: &str,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<&mut Trade, CodeError> {
        let trade = self.by_number.get_mut(out_trade_no).ok_or(CodeError::Unknown)?;
        if trade.open(user, now)? {
            self.unpaid_events.extend(trade.unpaid_event(About::Opened));
        }
        if let Some(opened) = trade.opened() {
            self.by_trade.insert(opened.trade_no.clone(), out_trade_no.to_owned());
        }
        Ok(trade)
    }

    /// Closes a trade that waits for its buyer.
    pub(crate) fn close(&mut self, out_trade_no: &str, now: OffsetDateTime) {
        let Some(trade) = self.by_number.get_mut(out_trade_no) else { return };
        if let TradeState::Waiting(opened) = &trade.state {
            trade.state = TradeState::Closed(opened.clone());
            self.unpaid_events.extend(trade.unpaid_event(About::Closed(now)));
        }
    }

    /// Takes the events of unpaid trades since the last time.
    pub(crate) fn take_unpaid_events(&mut self) -> Vec<UnpaidEvent> {
        std::mem::take(&mut self.unpaid_events)
    }

    /// Stores an accepted refund of a trade.
    pub(crate) fn add_refund(&mut self, out_trade_no: &str, refund: Refund) {
        let Some(trade) = self.by_number.get_mut(out_trade_no) else { return };
        self.next_due = earlier(self.next_due, Some(refund.due));
        trade.refunds.add(refund);
    }

    pub(crate) fn add(&mut self, trade: Trade) {
        self.next_due = earlier(self.next_due, trade.next_due());
        self.by_number.insert(trade.out_trade_no.clone(), trade);
    }

    /// True if no more orders or codes are accepted.
    pub(crate) fn is_full(&self) -> bool {
        self.by_number.len() >= MAX_TRADES || self.codes.len() >= MAX_CODES
    }

    /// Stores a buyer's number that OAuth gives to the merchant.
    pub(crate) fn know_buyer(&mut self, number: String, user: &str) {
        self.buyers.insert(number, user.to_owned());
    }

    /// Returns the user of a buyer's number, if OAuth ever gave it.
    pub(crate) fn user_of(&self, number: &str) -> Option<String> {
        self.buyers.get(number).cloned()
    }

    /// A new QR code for an order. Earlier ones keep working: Alipay invalidates no code.
    pub(crate) fn new_code(
        &mut self,
        out_trade_no: &str,
        now: OffsetDateTime,
        expires_at: OffsetDateTime,
    ) -> String {
        let code = format!("https://qr.alipay.com/ba{}", random::lower_alphanumerics(18));
        let kept = Code { out_trade_no: out_trade_no.to_owned(), made_at: now, expires_at };
        self.codes.insert(code.clone(), kept);
        code
    }

    /// A new cashier page for an order; returns its secret name.
    pub(crate) fn new_cashier(&mut self, cashier: Cashier) -> String {
        self.cashiers.insert_new(cashier)
    }

    pub(crate) fn cashier(&self, token: &str) -> Option<Cashier> {
        self.cashiers.get(token).cloned()
    }

    /// True if the code is one of Alipay's.
    pub(crate) fn knows_code(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }

    /// The trade behind a code, which the first scan creates and gives to `user`.
    pub(crate) fn scan(
        &mut self,
        code: &str,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<&mut Trade, CodeError> {
        let code = self.codes.get(code).ok_or(CodeError::Unknown)?;
        self.by_number.get(&code.out_trade_no).ok_or(CodeError::Unknown)?.payable()?;
        if now >= code.expires_at {
            return Err(CodeError::Expired);
        }
        let out_trade_no = code.out_trade_no.clone();
        self.open(&out_trade_no, user, now)
    }

    /// Expires or closes trades whose time has passed (gateways.md B5.2), and ends refunds.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        if !is_due(self.next_due, now) {
            return;
        }
        for trade in self.by_number.values_mut() {
            trade.refunds.settle(now);
        }
        for trade in self.by_number.values_mut().filter(|trade| now >= trade.expires_at) {
            trade.state = match std::mem::replace(&mut trade.state, TradeState::Unopened) {
                TradeState::Unopened => TradeState::Lapsed,
                TradeState::Waiting(opened) => {
                    self.unpaid_events.extend(trade.unpaid_event(About::Closed(trade.expires_at)));
                    TradeState::Closed(opened)
                }
                state => state,
            };
        }
        self.next_due = self.by_number.values().filter_map(Trade::next_due).min();
    }

    pub(crate) fn waiting_codes(&self, now: OffsetDateTime) -> Vec<WaitingCode> {
        let live = self.codes.iter().filter(|(_, code)| now < code.expires_at);
        live.filter_map(|(text, code)| {
            let trade = self.by_number.get(&code.out_trade_no)?;
            trade.payable().ok()?;
            Some(WaitingCode {
                code: text.clone(),
                wallet: Wallet::Alipay,
                amount: trade.total,
                description: trade.subject.clone(),
                out_trade_no: trade.out_trade_no.clone(),
                created_at: clock::api(code.made_at),
            })
        })
        .collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Trade> {
        self.by_number.values()
    }

    pub(crate) fn views(&self) -> Vec<OrderView> {
        self.by_number.values().map(Trade::view).collect()
    }
}

impl Trade {
    /// Assigns a buyer; returns true if that created the trade.
    fn open(&mut self, user: &str, now: OffsetDateTime) -> Result<bool, CodeError> {
        self.payable()?;
        match &self.state {
            TradeState::Waiting(opened) if opened.user != user => Err(CodeError::OtherUser),
            TradeState::Waiting(_) => Ok(false),
            _ => {
                self.state = TradeState::Waiting(Opened {
                    trade_no: format!("{}22001{}", clock::date_digits(now), random::digits(15)),
                    buyer_id: crate::wallet::buyer_id(user),
                    user: user.to_owned(),
                    at: now,
                });
                Ok(true)
            }
        }
    }

    /// The event for the application, if it gave an address for notifications.
    fn unpaid_event(&self, about: About) -> Option<UnpaidEvent> {
        Some(UnpaidEvent {
            out_trade_no: self.out_trade_no.clone(),
            notify_url: self.notify_url.clone()?,
            about,
            expires_at: self.expires_at,
        })
    }

    /// Takes the money for a trade that its buyer has open.
    pub(crate) fn capture(&mut self, now: OffsetDateTime) {
        if let TradeState::Waiting(opened) = &self.state {
            self.state = TradeState::Success(opened.clone(), now);
            self.captures = self.captures.saturating_add(1);
        }
    }

    /// True if the whole payment has gone back, which closes a trade (gateways.md B6).
    pub(crate) fn is_refunded(&self) -> bool {
        self.paid_at().is_some() && self.refunds.refunded() >= self.total
    }

    /// Returns the time at which it next changes by itself.
    fn next_due(&self) -> Option<OffsetDateTime> {
        let open = matches!(self.state, TradeState::Unopened | TradeState::Waiting(_));
        earlier(open.then_some(self.expires_at), self.refunds.next_due())
    }

    /// Returns the facts of the trade, if a buyer has opened it.
    pub(crate) fn opened(&self) -> Option<&Opened> {
        match &self.state {
            TradeState::Unopened | TradeState::Lapsed => None,
            TradeState::Waiting(opened)
            | TradeState::Success(opened, _)
            | TradeState::Closed(opened) => Some(opened),
        }
    }

    /// The gateway's name of the state, if a query finds the trade.
    pub(crate) fn trade_status(&self) -> Option<&'static str> {
        match self.state {
            TradeState::Unopened | TradeState::Lapsed => None,
            TradeState::Waiting(_) => Some("WAIT_BUYER_PAY"),
            TradeState::Success(..) if self.is_refunded() => Some("TRADE_CLOSED"),
            TradeState::Success(..) => Some("TRADE_SUCCESS"),
            TradeState::Closed(_) => Some("TRADE_CLOSED"),
        }
    }

    /// Returns the time of the payment.
    pub(crate) fn paid_at(&self) -> Option<OffsetDateTime> {
        match self.state {
            TradeState::Success(_, at) => Some(at),
            _ => None,
        }
    }

    fn payable(&self) -> Result<(), CodeError> {
        match self.state {
            TradeState::Unopened | TradeState::Waiting(_) => Ok(()),
            TradeState::Lapsed => Err(CodeError::Expired),
            TradeState::Success(..) => Err(CodeError::Paid),
            TradeState::Closed(_) => Err(CodeError::Closed),
        }
    }

    pub(crate) fn view(&self) -> OrderView {
        OrderView {
            wallet: Wallet::Alipay,
            gateway: Wallet::Alipay,
            product: self.product.name(),
            out_trade_no: self.out_trade_no.clone(),
            transaction_id: self.opened().map(|opened| opened.trade_no.clone()),
            state: self.trade_status().unwrap_or("NOT_CREATED"),
            amount: self.total,
            captures: self.captures,
            captured: self.total.saturating_mul(i64::from(self.captures)),
            refunded: self.refunds.refunded(),
            refunds: self.refunds.iter().map(RefundView::of).collect(),
            currency: "CNY",
            description: self.subject.clone(),
            notify_url: self.notify_url.clone(),
            created_at: clock::api(self.created_at),
            expires_at: clock::api(self.expires_at),
            paid_at: self.paid_at().map(clock::api),
            notifications: self.attempts.clone(),
        }
    }
}

/// The longest that a QR code works, whatever its trade's time-out (gateways.md B5.2).
pub(crate) const CODE_LIFE: Duration = Duration::hours(2);
/// Limits of what is kept in memory.
const MAX_TRADES: usize = 200_000;
const MAX_CODES: usize = 400_000;
