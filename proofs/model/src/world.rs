//! The whole state: tabs, network, backend, database and gateways.

use std::collections::BTreeMap;
use std::sync::Arc;

use checkout::Intent;

use crate::Bounds;
use crate::db::Db;
use crate::gateway::{Order, Request};
use crate::tab::{Line, Tab};
use crate::task::{At, Document, From, Shown, Shows, Task};

/// Everything that determines the possible actions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The phase of the time.
    pub phase: Phase,
    /// The pages.
    pub tabs: Vec<Arc<Tab>>,
    /// Their streams.
    pub lines: Vec<Line>,
    /// The intent to pay that the tabs of a session share, by the session.
    pub shared: BTreeMap<u8, Intent>,
    /// Requests and the backend's work, in a fixed order.
    pub tasks: Vec<Task>,
    /// The backend's database.
    pub db: Db,
    /// The orders at their gateways, by the number of their payment.
    pub orders: Vec<Order>,
    /// Calls that timed out in the backend and have not reached their gateway yet.
    pub late: Vec<(u8, Request)>,
    /// Idempotency keys minted so far.
    pub keys: u8,
    /// The remaining budgets.
    pub left: Left,
}

/// The phase of the time. Durations do not matter, only what has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The session may be paid.
    Open,
    /// The session's time is up; gateways may still take money.
    TimeUp,
    /// The backend's grace period is over, too; gateways may still take money.
    GraceOver,
    /// No gateway takes money any more. The backend still queries.
    TooLate,
}

/// The budgets. They make the state space finite, except for the time, whose phases are few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Left {
    /// Messages lost, repeated, refused or late, failed gateway calls, broken streams.
    pub faults: u8,
    /// Crashes of the backend.
    pub crashes: u8,
    /// Reloads of a page.
    pub reloads: u8,
    /// The shopper's actions in the widget.
    pub clicks: u8,
    /// Early ends by the merchant's server.
    pub ends: u8,
    /// Questions that the page refuses, or answers by destroying the widget.
    pub hides: u8,
    /// Questions that the page refuses, or answers by destroying the widget.
    pub refusals: u8,
    /// Sessions that the merchant's server opens for the same order.
    pub opens: u8,
    /// Refunds that staff make in a wallet's console.
    pub consoles: u8,
}

impl Phase {
    /// Returns the next phase.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::TimeUp),
            Self::TimeUp => Some(Self::GraceOver),
            Self::GraceOver => Some(Self::TooLate),
            Self::TooLate => None,
        }
    }

    /// Returns the milliseconds since the session's end.
    #[must_use]
    pub const fn late_ms(self) -> i64 {
        match self {
            Self::Open => -1_800_000,
            Self::TimeUp => 0,
            Self::GraceOver => 660_000,
            Self::TooLate => 3_600_000,
        }
    }
}

impl World {
    /// Returns one line for a trace.
    #[must_use]
    pub fn summary(&self) -> String {
        let tabs = self.tabs.iter().zip(&self.lines).map(|(tab, line)| {
            let waits = if tab.checkout.awaited().is_some() { "?" } else { "" };
            let away = tab.away.map(|away| format!(" {away:?}")).unwrap_or_default();
            format!("{}: {}{waits} {line:?}{away}", tab.session, tab.state().name())
        });
        let payments = self.db.payments.iter().zip(&self.orders).map(|(payment, order)| {
            let refund = payment.refund.map(|refund| refund.status.as_str()).unwrap_or_default();
            let settled = if payment.is_settled { " settled" } else { "" };
            format!(
                "{}: {} {}{settled} {refund} / {:?}",
                payment.session,
                payment.product.as_str(),
                payment.status,
                order.standing
            )
        });
        let tabs: Vec<_> = tabs.collect();
        let payments: Vec<_> = payments.collect();
        let sessions: Vec<_> = self.db.sessions.iter().map(|session| session.status).collect();
        format!("[{:?} {sessions:?}] {tabs:?} {payments:?}", self.phase)
    }

    /// True if the session's time is up on the server's clock.
    #[must_use]
    pub fn is_time_up(&self, session: u8) -> bool {
        let session = self.db.sessions.get(usize::from(session));
        self.phase > Phase::Open || session.is_some_and(|session| session.is_ended_early)
    }

    /// True if a task holds the session's lock.
    #[must_use]
    pub fn is_locked(&self, bounds: &Bounds, session: u8) -> bool {
        bounds.locks && self.tasks.iter().any(|task| task.is_locking(session))
    }

    /// Returns the session as a browser receives it.
    #[must_use]
    pub fn document(&self, session: u8) -> Document {
        let row = self.db.sessions.get(usize::from(session));
        let is_open = self.db.status(session) == contract::SessionStatus::Open;
        let is_payable = is_open && !self.is_time_up(session);
        let payment = self.db.shown(session).and_then(|no| {
            let payment = self.db.payment(no)?;
            let is_waiting = payment.status == contract::PaymentStatus::RequiresAction;
            Some(Shown {
                no,
                product: payment.product,
                status: payment.status,
                action: match payment {
                    _ if !is_payable || !is_waiting => None,
                    crate::db::Payment { has_code: true, .. } => Some(Shows::Product),
                    crate::db::Payment { asks_payer: true, .. } => Some(Shows::Oauth),
                    _ => None,
                },
            })
        });
        Document {
            status: self.db.status(session),
            revision: row.map_or(0, |row| row.revision),
            payment,
            refund: self.db.refund(session),
            is_time_up: self.phase > Phase::Open,
            is_ended_early: row.is_some_and(|row| row.is_ended_early),
        }
    }

    /// True if the tab's request is still on its way, there or back.
    #[must_use]
    pub fn is_answer_coming(&self, tab: u8) -> bool {
        self.tasks.iter().any(|task| task.from == From::Tab(tab))
    }

    /// Removes the caller of the tab's request. The request continues, unless it only reads.
    pub fn give_up(&mut self, tab: u8, strays: usize) {
        for task in &mut self.tasks {
            if task.from == From::Tab(tab) {
                task.from = From::Nobody;
            }
        }
        self.forget_pointless(strays);
    }

    /// Drops requests without a caller that have no effect, and strays beyond the bound.
    pub fn forget_pointless(&mut self, strays: usize) {
        self.tasks.retain(|task| {
            let is_pointless = match task.at {
                At::Asked(ask) => ask.is_reading(),
                At::Answered(_) => true,
                At::Running(_) => false,
            };
            task.from != From::Nobody || !is_pointless
        });
        let is_stray = |task: &Task| task.from == From::Nobody && matches!(task.at, At::Asked(_));
        while self.tasks.iter().filter(|task| is_stray(task)).count() > strays {
            let Some(first) = self.tasks.iter().position(is_stray) else { return };
            self.tasks.remove(first);
        }
    }
}
