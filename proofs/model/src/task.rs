//! Requests on their way, what the backend is doing, and answers on their way back.

use contract::{Flow, PaymentMethod, PaymentStatus, RefundStatus, SessionStatus};
use payments::{Answer, Procedure, Product, Refusal, Step};

use crate::browser::Browser;

/// One request and whatever comes of it, or one worker_task of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// The caller that waits for it.
    pub from: From,
    /// The number of the session that it is about.
    pub session: u8,
    /// Its progress.
    pub at: At,
}

/// The caller of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum From {
    /// This tab.
    Tab(u8),
    /// A browser on its way back from a wallet; whatever it is answered, the page comes next.
    Wallet,
    /// Nobody any more: it was repeated on its way, or its tab gave it up. It may still arrive.
    Nobody,
    /// The backend's worker.
    Worker,
    /// The merchant's own server, which asks again until it has its answer.
    Merchant,
}

/// The progress of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// On its way to the backend, or waiting there for the session's lock.
    Asked(Ask),
    /// Being carried out; a crash forgets it.
    Running(Job),
    /// On its way back.
    Answered(Reply),
}

/// A request; payments and keys by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    Read,
    Start {
        method: PaymentMethod,
        browser: Browser,
        flow: Option<Flow>,
        key: u8,
    },
    /// A wallet says who pays this payment; the browser brings it.
    Authorized(u8),
    Refresh(u8),
    Check(u8),
    Cancel(u8),
    /// The merchant's own server opens a session of the order, whose cart has changed.
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

/// The session as it was when it was drawn up.
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
    /// To let the wallet say who pays.
    Oauth,
    /// To pay, as its product is paid.
    Product,
}

/// An error answer; each is one of `merchant::error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The rules refuse it.
    Refused(Refusal),
    /// The wallet cannot be paid there.
    FlowUnavailable,
    /// The session's lock could not be had in time.
    InProgress,
    /// The backend, or something before it, failed before anything was done.
    Failed,
}

/// A procedure that is being carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The number of the session.
    pub session: u8,
    /// Decides what follows.
    pub procedure: Procedure,
    /// The payment at hand.
    pub no: Option<u8>,
    /// The payment that is to be inserted.
    pub draft: Option<Draft>,
    /// It tries a refund.
    pub is_refund: bool,
    /// Its progress.
    pub pending: Pending,
}

/// A payment that is to be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draft {
    /// Its product.
    pub product: Product,
    /// The idempotency key.
    pub key: u8,
}

/// The progress of a procedure. Between any two of them the backend may crash, and anything else may
/// happen: see [`World::run_on`](crate::World::run_on) for what is one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pending {
    /// The step is to be carried out.
    Do(Step),
    /// The answer to the step's gateway call has arrived.
    Heard(Step, Answer),
}

impl Task {
    /// The session that it carries back.
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
