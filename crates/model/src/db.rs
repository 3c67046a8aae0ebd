//! The backend's database: what a crash leaves. Each method is one transaction of
//! `merchant`'s `db`, with the real rules inside.

use contract::{PaymentStatus, RefundStatus, SessionStatus};
use payments::{Product, RefundSignal, RefundStanding, Refusal, Signal, Standing};

use crate::rules::Rules;

/// The row of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// What it is made with.
    pub product: Product,
    /// How it stands.
    pub status: PaymentStatus,
    /// The shopper is asked who pays; there is nothing to pay with yet.
    pub asks_payer: bool,
    /// Who pays is stored, for good.
    pub has_payer: bool,
    /// What the shopper pays with is stored.
    pub has_code: bool,
    /// Its capture is recorded.
    pub is_captured: bool,
    /// Its money goes back.
    pub refund: Option<Refund>,
    /// Its gateway is not asked any more.
    pub is_settled: bool,
    /// It is to be closed at its gateway.
    pub is_close_wanted: bool,
}

/// The row of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refund {
    /// How it stands.
    pub status: RefundStatus,
    /// Its amount counts against the payment.
    pub is_held: bool,
    /// A try was begun, perhaps by a process that did not live to see its end.
    pub is_tried: bool,
}

/// One session and its payments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Db {
    /// How the session stands.
    pub session: SessionStatus,
    /// Counts its visible changes.
    pub revision: u32,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
    /// Which idempotency key made or found which payment.
    pub keys: Vec<(u8, u8)>,
}

impl Payment {
    /// Whether it is under way.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.status.is_final()
    }

    /// Whether its gateway must know who pays, and does not.
    #[must_use]
    pub const fn is_payer_wanted(&self) -> bool {
        self.product.needs_payer() && !self.has_payer
    }

    /// Whether it is the session's kept payment.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.status == PaymentStatus::Succeeded
    }

    /// Whether its money is still to go back.
    #[must_use]
    pub fn is_refund_due(&self) -> bool {
        self.refund.is_some_and(|refund| refund.status == RefundStatus::Pending)
    }
}

impl Default for Db {
    fn default() -> Self {
        Self { session: SessionStatus::Open, revision: 1, payments: Vec::new(), keys: Vec::new() }
    }
}

impl Db {
    /// The payment under way.
    #[must_use]
    pub fn active(&self) -> Option<u8> {
        self.position(Payment::is_active)
    }

    /// The payment that the shopper sees: the kept one, else the active one, else the last.
    #[must_use]
    pub fn shown(&self) -> Option<u8> {
        let last = u8::try_from(self.payments.len()).ok().and_then(|count| count.checked_sub(1));
        self.position(Payment::is_kept).or_else(|| self.active()).or(last)
    }

    /// The payment of a number.
    #[must_use]
    pub fn payment(&self, no: u8) -> Option<&Payment> {
        self.payments.get(usize::from(no))
    }

    /// Which payment a key belongs to.
    #[must_use]
    pub fn of_key(&self, key: u8) -> Option<u8> {
        self.keys.iter().find(|(known, _)| *known == key).map(|(_, no)| *no)
    }

    /// The money that goes back by itself, as the shopper is told of it.
    #[must_use]
    pub fn refund(&self) -> Option<RefundStatus> {
        if self.payments.iter().any(Payment::is_refund_due) {
            return Some(RefundStatus::Pending);
        }
        self.payments.iter().find_map(|payment| payment.refund.map(|refund| refund.status))
    }

    fn position(&self, is_it: fn(&Payment) -> bool) -> Option<u8> {
        self.payments.iter().position(is_it).and_then(|no| u8::try_from(no).ok())
    }

    /// `db::payments::start`: inserts a payment whose order no gateway has seen.
    ///
    /// # Errors
    /// What the rules say when something else was faster.
    pub fn start(
        &mut self,
        rules: &Rules,
        product: Product,
        key: u8,
        is_time_up: bool,
    ) -> Result<u8, Refusal> {
        (rules.insert)(self.session, is_time_up, self.active().is_some())?;
        let no = u8::try_from(self.payments.len()).unwrap_or(u8::MAX);
        self.payments.push(Payment {
            product,
            status: PaymentStatus::Processing,
            asks_payer: false,
            has_payer: false,
            has_code: false,
            is_captured: false,
            refund: None,
            is_settled: false,
            is_close_wanted: false,
        });
        self.keys.push((key, no));
        self.revision += 1;
        Ok(no)
    }

    /// `db::apply::apply`: what the rules make of news about a payment.
    pub fn apply(&mut self, rules: &Rules, no: u8, signal: Signal, is_time_up: bool) {
        let Some(before) = self.payment(no).copied() else { return };
        let kept = self.position(Payment::is_kept);
        let standing = Standing {
            payment: before.status,
            session: self.session,
            is_handed_out: before.has_code,
            is_captured: before.is_captured,
            is_paid_otherwise: kept.is_some_and(|kept| kept != no),
            is_time_up,
        };
        let change = (rules.change)(standing, signal);
        if change.is_overtaking {
            self.overtake(no);
        }
        let mut is_visible = change.payment.is_some() || change.session.is_some();
        let Some(payment) = self.payments.get_mut(usize::from(no)) else { return };
        payment.status = change.payment.unwrap_or(payment.status);
        payment.is_close_wanted = change.is_close_wanted.unwrap_or(payment.is_close_wanted);
        match signal {
            Signal::Captured | Signal::Refunded if !before.is_captured => {
                payment.is_captured = true;
                payment.refund = change.refund_due.map(|_| Refund {
                    status: RefundStatus::Pending,
                    is_held: true,
                    is_tried: false,
                });
                is_visible |= payment.refund.is_some();
            }
            Signal::Ordered if !before.status.is_final() => {
                // Nothing is ordered before it is known who pays.
                payment.asks_payer = payment.is_payer_wanted();
                payment.has_code = !payment.asks_payer;
                is_visible = true;
            }
            _ => {}
        }
        if change.is_settled && !before.is_settled {
            payment.is_settled = true;
            payment.is_close_wanted = false;
        }
        self.session = change.session.unwrap_or(self.session);
        self.revision += u32::from(is_visible);
    }

    /// `db::apply::overtake`: the session is paid, whatever else is under way ends.
    fn overtake(&mut self, paid: u8) {
        for (no, other) in self.payments.iter_mut().enumerate() {
            if no != usize::from(paid) && other.is_active() {
                other.status = PaymentStatus::Canceled;
                other.is_close_wanted = true;
            }
        }
    }

    /// `db::sessions::expire_idle`.
    pub fn expire_idle(&mut self, rules: &Rules, is_time_up: bool) {
        let has_active = self.active().is_some();
        if let Some(status) = (rules.expire)(self.session, has_active, is_time_up) {
            self.session = status;
            self.revision += 1;
        }
    }

    /// A try of the refund begins; answers how many were begun before.
    pub fn begin_refund(&mut self, no: u8) -> Option<u32> {
        let refund = self.payments.get_mut(usize::from(no))?.refund.as_mut()?;
        let tries = u32::from(refund.is_tried);
        refund.is_tried = true;
        Some(tries)
    }

    /// `db::refunds::record`: what the rules make of an update; answers whether it is pending.
    pub fn write_refund(&mut self, rules: &Rules, no: u8, signal: RefundSignal) -> bool {
        let payment = self.payments.get_mut(usize::from(no));
        let Some(refund) = payment.and_then(|payment| payment.refund.as_mut()) else {
            return false;
        };
        let standing = RefundStanding {
            status: refund.status,
            is_held: refund.is_held,
            is_owed: true,
            is_too_much: false,
            is_renewable: false,
        };
        let after = (rules.after_refund)(standing, signal);
        refund.is_held &= !after.is_released;
        if let Some(status) = after.status {
            refund.status = status;
            self.revision += 1;
        }
        refund.status == RefundStatus::Pending
    }
}
