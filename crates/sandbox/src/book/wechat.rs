//! WeChat Pay's orders and their codes (gateways.md A3.2, A9).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::attempt::Attempt;
use super::due::{earlier, is_due};
use super::refund::{Refund, Refunds};
use super::view::{OrderView, RefundView, WaitingCode};
use crate::bounded::Bounded;
use crate::wallet::{CodeError, Wallet};
use crate::{clock, random};

/// All WeChat Pay orders. Every code ever shown leads to its order.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    by_number: BTreeMap<String, Order>,
    codes: HashMap<String, String>,
    by_transaction: HashMap<String, String>,
    /// The order that a refund number belongs to: it is unique per merchant (gateways.md A10).
    by_refund: HashMap<String, String>,
    /// The users of the openids that OAuth has given.
    openids: Bounded<String>,
    /// The time of the next change to settle.
    next_due: Option<OffsetDateTime>,
}

/// One order. `code` is the only one that works; earlier ones are superseded.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) product: Product,
    pub(crate) out_trade_no: String,
    /// The first request as received: a repetition must equal it.
    pub(crate) request: Value,
    pub(crate) description: String,
    pub(crate) notify_url: String,
    pub(crate) attach: Option<String>,
    pub(crate) device_id: Option<String>,
    /// In fen.
    pub(crate) total: i64,
    pub(crate) created_at: OffsetDateTime,
    /// The last moment to pay; the order stays open after it.
    pub(crate) pay_before: OffsetDateTime,
    pub(crate) state: OrderState,
    pub(crate) code: String,
    pub(crate) code_made_at: OffsetDateTime,
    /// True if an H5 page has passed the order to the wallet app.
    pub(crate) is_open: bool,
    /// The user who scanned first, or whom the order names: nobody else can pay.
    pub(crate) user: Option<String>,
    /// The number of captures.
    pub(crate) captures: u32,
    pub(crate) refunds: Refunds,
    pub(crate) attempts: Vec<Attempt>,
}

/// The API that ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Product {
    Native,
    H5,
    Jsapi,
}

/// Unpaid, paid or closed.
#[derive(Debug, Clone)]
pub(crate) enum OrderState {
    NotPay,
    Success(Paid),
    Closed,
}

/// The facts of a payment.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    pub(crate) transaction_id: String,
    pub(crate) openid: String,
    pub(crate) at: OffsetDateTime,
}

impl Orders {
    pub(crate) fn by_number(&self, out_trade_no: &str) -> Option<&Order> {
        self.by_number.get(out_trade_no)
    }

    pub(crate) fn by_number_mut(&mut self, out_trade_no: &str) -> Option<&mut Order> {
        self.by_number.get_mut(out_trade_no)
    }

    pub(crate) fn by_transaction(&self, transaction_id: &str) -> Option<&Order> {
        self.by_number.get(self.by_transaction.get(transaction_id)?)
    }

    /// The order that a refund number was used for.
    pub(crate) fn by_refund(&self, number: &str) -> Option<&Order> {
        self.by_number.get(self.by_refund.get(number)?)
    }

    /// Remembers an openid that OAuth gives to the merchant.
    pub(crate) fn know_openid(&mut self, openid: String, user: &str) {
        self.openids.insert(openid, user.to_owned());
    }

    /// Returns the user of an openid, if OAuth ever gave it.
    pub(crate) fn user_of(&self, openid: &str) -> Option<String> {
        self.openids.get(openid).cloned()
    }

    /// True if no more orders are accepted.
    pub(crate) fn is_full(&self) -> bool {
        self.by_number.len() >= MAX_ORDERS
    }

    /// Captures the money for an order that [`Self::scan`] accepted.
    pub(crate) fn capture(&mut self, out_trade_no: &str, paid: Paid) -> Option<&Order> {
        let order = self.by_number.get_mut(out_trade_no)?;
        self.by_transaction.insert(paid.transaction_id.clone(), out_trade_no.to_owned());
        order.state = OrderState::Success(paid);
        order.captures = order.captures.saturating_add(1);
        Some(order)
    }

    /// Keeps an accepted refund of an order.
    pub(crate) fn add_refund(&mut self, out_trade_no: &str, refund: Refund) {
        let Some(order) = self.by_number.get_mut(out_trade_no) else { return };
        self.by_refund.insert(refund.number.clone(), out_trade_no.to_owned());
        self.next_due = earlier(self.next_due, Some(refund.due));
        order.refunds.add(refund);
    }

    /// Stores a new order with its code.
    pub(crate) fn add(&mut self, order: Order) {
        self.codes.insert(order.code.clone(), order.out_trade_no.clone());
        self.next_due = earlier(self.next_due, order.next_due());
        self.by_number.insert(order.out_trade_no.clone(), order);
    }

    /// A fresh code for an order; the one before stops working (gateways.md A3.2).
    pub(crate) fn renew_code(&mut self, out_trade_no: &str, now: OffsetDateTime) -> Option<String> {
        if self.codes.len() >= MAX_CODES {
            return None;
        }
        let order = self.by_number.get_mut(out_trade_no)?;
        order.code = order.product.new_code(now);
        order.code_made_at = now;
        order.is_open = false;
        self.codes.insert(order.code.clone(), order.out_trade_no.clone());
        Some(order.code.clone())
    }

    /// True if the code is, or was, one that the wallet app can read.
    pub(crate) fn knows_code(&self, code: &str) -> bool {
        let order = self.codes.get(code).and_then(|number| self.by_number.get(number));
        order.is_some_and(Order::is_in_wallet)
    }

    /// The order of a code of one of these products, whatever its state is.
    pub(crate) fn by_code(&self, code: &str, product: Product) -> Option<&Order> {
        let order = self.by_number.get(self.codes.get(code)?)?;
        (order.product == product).then_some(order)
    }

    /// Passes an H5 page's order to the wallet app of `user`.
    pub(crate) fn open(
        &mut self,
        code: &str,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<OrderView, CodeError> {
        let order = self.scan(code, user, now)?;
        order.is_open = true;
        Ok(order.view())
    }

    /// The unpaid order that `user` may pay by `code`; the first scan binds the user.
    pub(crate) fn scan(
        &mut self,
        code: &str,
        user: &str,
        now: OffsetDateTime,
    ) -> Result<&mut Order, CodeError> {
        let number = self.codes.get(code).ok_or(CodeError::Unknown)?;
        let order = self.by_number.get_mut(number).ok_or(CodeError::Unknown)?;
        order.payable(code, now)?;
        match &order.user {
            Some(bound) if bound != user => return Err(CodeError::OtherUser),
            Some(_) => {}
            None => order.user = Some(user.to_owned()),
        }
        Ok(order)
    }

    /// Closes what has been unpaid for seven days (gateways.md A3.2), and ends refunds.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        if !is_due(self.next_due, now) {
            return;
        }
        for order in self.by_number.values_mut() {
            let old = now >= clock::after(order.created_at, UNPAID_LIFE);
            if old && matches!(order.state, OrderState::NotPay) {
                order.state = OrderState::Closed;
            }
            order.refunds.settle(now);
        }
        self.next_due = self.by_number.values().filter_map(Order::next_due).min();
    }

    pub(crate) fn waiting_codes(&self, now: OffsetDateTime) -> Vec<WaitingCode> {
        let payable =
            self.by_number.values().filter(|order| order.payable(&order.code, now).is_ok());
        payable.filter(|order| order.is_in_wallet()).map(Order::waiting_code).collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Order> {
        self.by_number.values()
    }

    pub(crate) fn views(&self) -> Vec<OrderView> {
        self.by_number.values().map(Order::view).collect()
    }
}

impl Order {
    /// The facts of its payment.
    pub(crate) fn paid(&self) -> Option<&Paid> {
        match &self.state {
            OrderState::Success(paid) => Some(paid),
            _ => None,
        }
    }

    /// The current code, and the only user who may pay by it.
    pub(crate) fn live_code(&self) -> (String, Option<String>) {
        (self.code.clone(), self.user.clone())
    }

    /// Returns the time at which it next changes by itself.
    fn next_due(&self) -> Option<OffsetDateTime> {
        let end = matches!(self.state, OrderState::NotPay)
            .then(|| clock::after(self.created_at, UNPAID_LIFE));
        earlier(end, self.refunds.next_due())
    }

    /// The gateway's word for the state: `REFUND` after the first refund, partial or not
    /// (gateways.md A9).
    pub(crate) fn trade_state(&self) -> &'static str {
        match self.state {
            OrderState::NotPay => "NOTPAY",
            OrderState::Success(_) if self.refunds.refunded() > 0 => "REFUND",
            OrderState::Success(_) => "SUCCESS",
            OrderState::Closed => "CLOSED",
        }
    }

    /// True if the wallet app can show it without a page's help.
    fn is_in_wallet(&self) -> bool {
        self.product == Product::Native || self.is_open
    }

    /// The lifetime of the code (gateways.md A3.2): shorter for an H5 address that was not opened.
    fn code_life(&self) -> Duration {
        if self.product == Product::H5 && !self.is_open { H5_LIFE } else { CODE_LIFE }
    }

    fn payable(&self, code: &str, now: OffsetDateTime) -> Result<(), CodeError> {
        match self.state {
            OrderState::Success(_) => return Err(CodeError::Paid),
            OrderState::Closed => return Err(CodeError::Closed),
            OrderState::NotPay => {}
        }
        if self.code != code {
            return Err(CodeError::Superseded);
        }
        if now >= clock::after(self.code_made_at, self.code_life()) || now > self.pay_before {
            return Err(CodeError::Expired);
        }
        Ok(())
    }

    fn waiting_code(&self) -> WaitingCode {
        WaitingCode {
            code: self.code.clone(),
            wallet: Wallet::WechatPay,
            amount: self.total,
            description: self.description.clone(),
            out_trade_no: self.out_trade_no.clone(),
            created_at: clock::api(self.code_made_at),
        }
    }

    pub(crate) fn view(&self) -> OrderView {
        let paid = self.paid();
        OrderView {
            wallet: Wallet::WechatPay,
            gateway: Wallet::WechatPay,
            product: self.product.name(),
            out_trade_no: self.out_trade_no.clone(),
            transaction_id: paid.map(|paid| paid.transaction_id.clone()),
            state: self.trade_state(),
            amount: self.total,
            captures: self.captures,
            captured: self.total.saturating_mul(i64::from(self.captures)),
            refunded: self.refunds.refunded(),
            refunds: self.refunds.iter().map(RefundView::of).collect(),
            currency: "CNY",
            description: self.description.clone(),
            notify_url: Some(self.notify_url.clone()),
            created_at: clock::api(self.created_at),
            expires_at: clock::api(self.pay_before),
            paid_at: paid.map(|paid| clock::api(paid.at)),
            notifications: self.attempts.clone(),
        }
    }
}

impl Product {
    /// The name of the API in the books and in paths.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::H5 => "h5",
            Self::Jsapi => "jsapi",
        }
    }

    /// The gateway's name (gateways.md A8).
    pub(crate) fn trade_type(self) -> &'static str {
        match self {
            Self::Native => "NATIVE",
            Self::H5 => "MWEB",
            Self::Jsapi => "JSAPI",
        }
    }

    /// A `code_url` or `prepay_id` of the real shape (gateways.md G1.8).
    pub(crate) fn new_code(self, now: OffsetDateTime) -> String {
        match self {
            Self::Native => format!("weixin://wxpay/bizpayurl?pr={}", random::alphanumerics(9)),
            Self::H5 | Self::Jsapi => {
                format!("wx{}{}", clock::time_digits(now), random::lower_hex(20))
            }
        }
    }
}

/// The lifetime of a `code_url` and a `prepay_id` (gateways.md A3.2).
const CODE_LIFE: Duration = Duration::hours(2);
/// The lifetime of an `h5_url`.
const H5_LIFE: Duration = Duration::minutes(5);
/// The age at which WeChat Pay closes unpaid orders, and the latest moment to pay.
pub(crate) const UNPAID_LIFE: Duration = Duration::days(7);
/// Limits of what is kept in memory.
const MAX_ORDERS: usize = 200_000;
const MAX_CODES: usize = 400_000;
