//! The backend's database: the state that survives a crash. Each method is one transaction of
//! `merchant`'s `db`, with the real rules.

use contract::{PaymentStatus, RefundStatus, SessionStatus};
use payments::{
    Open, OpenSession, OrderState, Product, RefundSignal, RefundStanding, Refusal, Signal, Standing,
};

use crate::gateway::{Amount, Share};
use crate::rules::Rules;

/// The row of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// The number of its session.
    pub session: u8,
    /// Its product.
    pub product: Product,
    /// Its status.
    pub status: PaymentStatus,
    /// True if the shopper must first be identified by the wallet; there is nothing to pay yet.
    pub asks_payer: bool,
    /// True if the payer is stored, which never changes afterwards.
    pub has_payer: bool,
    /// True if the code or address of the payment is stored.
    pub has_code: bool,
    /// True if its capture is recorded.
    pub is_captured: bool,
    /// Its refund, if its money must be refunded.
    pub refund: Option<Refund>,
    /// The part that is recorded as refunded by staff.
    pub elsewhere: Share,
    /// True if its gateway is not queried any more.
    pub is_settled: bool,
    /// True if it must be closed at its gateway.
    pub is_close_wanted: bool,
}

/// The row of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refund {
    /// Its status.
    pub status: RefundStatus,
    /// Its amount.
    pub amount: Amount,
    /// True if its amount counts against the payment.
    pub is_held: bool,
    /// True if a try was begun, perhaps by a process that crashed before its end.
    pub is_tried: bool,
}

/// The row of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// Its status.
    pub status: SessionStatus,
    /// Counts its visible changes.
    pub revision: u32,
    /// True if the merchant's own server has ended it early.
    pub is_ended_early: bool,
}

/// One order: its sessions, and their payments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Db {
    /// Its sessions, oldest first.
    pub sessions: Vec<Session>,
    /// All payments, oldest first.
    pub payments: Vec<Payment>,
    /// The payment that each idempotency key made or returned.
    pub keys: Vec<(u8, u8)>,
}

impl Payment {
    /// True if it has no final status.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.status.is_final()
    }

    /// True if its gateway requires the payer, who is not known yet.
    #[must_use]
    pub const fn is_payer_wanted(&self) -> bool {
        self.product.needs_payer() && !self.has_payer
    }

    /// True if it is the session's kept payment.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.status == PaymentStatus::Succeeded
    }

    /// True if its refund is pending.
    #[must_use]
    pub fn is_refund_due(&self) -> bool {
        self.refund.is_some_and(|refund| refund.status == RefundStatus::Pending)
    }
}

impl Refund {
    const fn of(amount: Amount) -> Self {
        Self { status: RefundStatus::Pending, amount, is_held: true, is_tried: false }
    }
}

impl Session {
    const fn new() -> Self {
        Self { status: SessionStatus::Open, revision: 1, is_ended_early: false }
    }
}

impl Default for Db {
    fn default() -> Self {
        Self { sessions: vec![Session::new()], payments: Vec::new(), keys: Vec::new() }
    }
}

impl Db {
    /// The status of a session.
    #[must_use]
    pub fn status(&self, session: u8) -> SessionStatus {
        let session = self.sessions.get(usize::from(session));
        session.map_or(SessionStatus::Unknown, |session| session.status)
    }

    /// The number of a payment's session.
    #[must_use]
    pub fn session_of(&self, no: u8) -> u8 {
        self.payment(no).map_or(0, |payment| payment.session)
    }

    /// Returns the active payment of a session.
    #[must_use]
    pub fn active(&self, session: u8) -> Option<u8> {
        self.position(|payment| payment.session == session && payment.is_active())
    }

    /// Returns the payment that the shopper sees: the kept one, else the active one, else the last.
    #[must_use]
    pub fn shown(&self, session: u8) -> Option<u8> {
        let last = self.payments.iter().rposition(|payment| payment.session == session);
        let last = last.and_then(|no| u8::try_from(no).ok());
        self.position(|payment| payment.session == session && payment.is_kept())
            .or_else(|| self.active(session))
            .or(last)
    }

    /// Returns the payment with a number.
    #[must_use]
    pub fn payment(&self, no: u8) -> Option<&Payment> {
        self.payments.get(usize::from(no))
    }

    /// Returns the payment that a key belongs to.
    #[must_use]
    pub fn of_key(&self, key: u8) -> Option<u8> {
        self.keys.iter().find(|(known, _)| *known == key).map(|(_, no)| *no)
    }

    /// Returns the status of the owed refunds that the shopper is shown.
    #[must_use]
    pub fn refund(&self, session: u8) -> Option<RefundStatus> {
        // Money that staff have refunded counts as succeeded for the shopper.
        let status = |payment: &Payment| match payment.elsewhere {
            Share::Whole => payment.refund.map(|_| RefundStatus::Succeeded),
            Share::Part | Share::Nothing => payment.refund.map(|refund| refund.status),
        };
        let payments = self.payments.iter().filter(|payment| payment.session == session);
        let mut known = payments.filter_map(status);
        if known.clone().any(|status| status == RefundStatus::Pending) {
            return Some(RefundStatus::Pending);
        }
        known.next()
    }

    fn position(&self, is_it: impl FnMut(&Payment) -> bool) -> Option<u8> {
        self.payments.iter().position(is_it).and_then(|no| u8::try_from(no).ok())
    }

    /// `db::payments::start`: inserts a payment that has not been ordered at its gateway yet.
    ///
    /// # Errors
    /// The refusal of the rules if another request was faster.
    pub fn start(
        &mut self,
        rules: &Rules,
        session: u8,
        product: Product,
        key: u8,
        is_time_up: bool,
    ) -> Result<u8, Refusal> {
        (rules.insert)(self.status(session), is_time_up, self.active(session).is_some())?;
        let no = u8::try_from(self.payments.len()).unwrap_or(u8::MAX);
        self.payments.push(Payment {
            session,
            product,
            status: PaymentStatus::Processing,
            asks_payer: false,
            has_payer: false,
            has_code: false,
            is_captured: false,
            refund: None,
            elsewhere: Share::Nothing,
            is_settled: false,
            is_close_wanted: false,
        });
        self.keys.push((key, no));
        self.touch(session, None);
        Ok(no)
    }

    /// `db::apply::apply`: writes the changes that the rules derive from a signal.
    pub fn apply(&mut self, rules: &Rules, no: u8, signal: Signal, is_time_up: bool) {
        let Some(before) = self.payment(no).copied() else { return };
        // Over the whole order, which has one payment.
        let kept = self.position(Payment::is_kept);
        let standing = Standing {
            payment: before.status,
            session: self.status(before.session),
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
                payment.refund = change.refund_due.map(|_| Refund::of(Amount::Whole));
                is_visible |= payment.refund.is_some();
            }
            Signal::Ordered if !before.status.is_final() => {
                // The order is submitted only once the payer is known.
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
        if is_visible {
            self.touch(before.session, change.session);
        }
    }

    /// `db::sessions::touch`: a visible change of a session.
    fn touch(&mut self, session: u8, status: Option<SessionStatus>) {
        if let Some(session) = self.sessions.get_mut(usize::from(session)) {
            session.status = status.unwrap_or(session.status);
            session.revision += 1;
        }
    }

    /// `db::apply::overtake`: the session is paid, so every other active payment ends.
    fn overtake(&mut self, paid: u8) {
        let session = self.session_of(paid);
        for (no, other) in self.payments.iter_mut().enumerate() {
            if no != usize::from(paid) && other.session == session && other.is_active() {
                other.status = PaymentStatus::Canceled;
                other.is_close_wanted = true;
            }
        }
    }

    /// `db::sessions::expire_idle`.
    pub fn expire_idle(&mut self, rules: &Rules, session: u8, is_time_up: bool) {
        let has_active = self.active(session).is_some();
        if let Some(status) = (rules.expire)(self.status(session), has_active, is_time_up) {
            self.touch(session, Some(status));
        }
    }

    /// `db::sessions::cancel_idle`.
    pub fn cancel_idle(&mut self, session: u8) {
        if self.status(session) == SessionStatus::Open && self.active(session).is_none() {
            self.touch(session, Some(SessionStatus::Canceled));
        }
    }

    /// The session of the order that is open.
    #[must_use]
    pub fn open_session(&self) -> Option<u8> {
        let open = self.sessions.iter().position(|session| session.status == SessionStatus::Open);
        open.and_then(|no| u8::try_from(no).ok())
    }

    /// `service::create`: the decision of the rules about a request for another session of the
    /// order, whose amount has changed.
    #[must_use]
    pub fn decide_open(&self, rules: &Rules) -> Open {
        let is_complete = |session: &Session| session.status == SessionStatus::Complete;
        let changed =
            OpenSession { is_same_amount: false, is_secret_known: true, left_ms: LEFT_MS };
        (rules.open)(OrderState {
            is_paid: self.sessions.iter().any(is_complete),
            open: self.open_session().map(|_| changed),
        })
    }

    /// `db::sessions::insert`; returns its number.
    pub fn insert_session(&mut self) -> u8 {
        self.sessions.push(Session::new());
        u8::try_from(self.sessions.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }

    /// Counts a try of the refund; returns the number of earlier tries.
    pub fn begin_refund(&mut self, no: u8) -> Option<u32> {
        let refund = self.payments.get_mut(usize::from(no))?.refund.as_mut()?;
        let tries = u32::from(refund.is_tried);
        refund.is_tried = true;
        Some(tries)
    }

    /// `db::refunds::record`: writes the changes that the rules derive from an update; returns true
    /// if the refund is pending.
    pub fn write_refund(&mut self, rules: &Rules, no: u8, signal: RefundSignal) -> bool {
        let session = self.session_of(no);
        let Some(payment) = self.payments.get_mut(usize::from(no)) else { return false };
        let Some(refund) = payment.refund.as_mut() else { return false };
        let is_owed = payment.elsewhere != Share::Whole;
        let standing = RefundStanding {
            status: refund.status,
            is_held: refund.is_held,
            is_owed,
            is_too_much: is_owed
                && payment.elsewhere == Share::Part
                && refund.amount == Amount::Whole,
            is_renewable: false,
        };
        let after = (rules.after_refund)(standing, signal);
        refund.is_held &= !after.is_released;
        let status = after.status.unwrap_or(refund.status);
        refund.status = status;
        if after.is_renewed {
            *refund = Refund::of(Amount::Rest);
        }
        if after.status.is_some() {
            self.touch(session, None);
        }
        status == RefundStatus::Pending
    }

    /// `db::refunds::record_elsewhere`: records the part that staff have refunded.
    pub fn record_elsewhere(&mut self, no: u8, share: Share) {
        if let Some(payment) = self.payments.get_mut(usize::from(no)) {
            payment.elsewhere = share;
        }
    }
}

/// Remaining time of an open session: more than the minimum for which it is returned.
const LEFT_MS: i64 = 1_800_000;
