//! Requests under way, the backend's work, and answers under way.

use contract::{Flow, PaymentMethod, PaymentStatus, RefundStatus, SessionStatus};
use payments::{Answer, Procedure, Product, Refusal, Step};

use crate::browser::Browser;

/// A request with its work and its answer, or a task of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// The caller that waits for it.
    pub from: From,
    /// The number of the session that it is about.
    pub session: u8,
    /// The stage that it has reached.
    pub at: At,
}

/// The caller of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum From {
    /// This tab.
    Tab(u8),
    /// A browser that returns from a wallet; it is redirected to the page after any answer.
    Wallet,
    /// No caller any more: the request was repeated by the network, or its tab gave it up. It may
    /// still arrive.
    Nobody,
    /// The backend's worker.
    Worker,
    /// The merchant's own server, which repeats the request until it has an answer.
    Merchant,
}

/// The stage of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// The request is on its way to the backend, or waits there for the session's lock.
    Asked(Ask),
    /// It is being executed; a crash ends it.
    Running(Job),
    /// The answer is on its way back.
    Answered(Reply),
}

/// A request, with payments and keys by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    Read,
    Start {
        method: PaymentMethod,
        browser: Browser,
        flow: Option<Flow>,
        key: u8,
    },
    /// A wallet has identified the payer of this payment; the browser brings the code.
    Authorized(u8),
    Refresh(u8),
    Check(u8),
    Cancel(u8),
    /// The merchant's own server opens a session of the order, whose amount has changed.
    Open,
}

impl Ask {
    /// True if it changes nothing.
    #[must_use]
    pub const fn is_reading(self) -> bool {
        matches!(self, Self::Read)
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The session.
    Session(Document),
    /// A session of the order was opened, under this number.
    Opened(u8),
    /// A refusal or failure, with its [`Problem`].
    Failed(Problem),
}

/// The session at the time of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Document {
    pub status: SessionStatus,
    pub revision: u32,
    pub payment: Option<Shown>,
    pub refund: Option<RefundStatus>,
    pub is_time_up: bool,
    pub is_ended_early: bool,
}

/// The payment of a [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown {
    pub no: u8,
    pub product: Product,
    pub status: PaymentStatus,
    pub action: Option<Shows>,
}

/// The kind of a payment's next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shows {
    /// The wallet identifies the payer.
    Oauth,
    /// The payment is made by its product.
    Product,
}

/// An error answer, of those of `merchant::error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The rules refuse it.
    Refused(Refusal),
    /// The wallet cannot be paid there.
    FlowUnavailable,
    /// The session's lock was not free in time.
    InProgress,
    /// The backend, or a proxy before it, failed before anything was done.
    Failed,
}

/// A procedure that is being executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The number of the session.
    pub session: u8,
    /// Decides the next step.
    pub procedure: Procedure,
    /// The current payment.
    pub no: Option<u8>,
    /// The payment to insert.
    pub draft: Option<Draft>,
    /// True if it tries a refund.
    pub is_refund: bool,
    /// The stage of the current step.
    pub pending: Pending,
}

/// A payment to insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draft {
    /// Its product.
    pub product: Product,
    /// The idempotency key.
    pub key: u8,
}

/// The stage of a procedure's step. Between two stages the backend may crash, and any other action
/// may happen: [`World::run_on`](crate::World::run_on) defines what is one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pending {
    /// The step is executed next.
    Do(Step),
    /// The answer to the step's gateway call has arrived.
    Heard(Step, Answer),
}

impl Task {
    /// Returns the session in its answer.
    #[must_use]
    pub const fn document(&self) -> Option<&Document> {
        match &self.at {
            At::Answered(Reply::Session(document)) => Some(document),
            _ => None,
        }
    }

    /// True if the task holds the lock of this session.
    #[must_use]
    pub fn is_locking(&self, session: u8) -> bool {
        match self.at {
            At::Running(job) => job.session == session && job.procedure.needs_lock(),
            At::Asked(_) | At::Answered(_) => false,
        }
    }
}
