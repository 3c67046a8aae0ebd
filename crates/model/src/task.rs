//! Requests on their way, what the backend is doing, and answers on their way back.

use contract::{Flow, PaymentMethod, PaymentStatus, RefundStatus, SessionStatus};
use payments::{Answer, Procedure, Product, Refusal, Step};

use crate::place::Place;

/// One request and whatever comes of it, or one errand of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// Who waits for it.
    pub from: From,
    /// How far it is.
    pub at: At,
}

/// Who waits for a task.
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
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// On its way to the backend, or waiting there for the session's lock.
    Asked(Ask),
    /// Being carried out; a crash forgets it.
    Running(Job),
    /// On its way back.
    Answered(Reply),
}

/// What a tab asks; payments and keys by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    Read,
    Start {
        method: PaymentMethod,
        place: Place,
        flow: Option<Flow>,
        key: u8,
    },
    /// A wallet says who pays this payment; the browser brings it.
    Authorized(u8),
    Refresh(u8),
    Check(u8),
    Cancel(u8),
}

impl Ask {
    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_reading(self) -> bool {
        matches!(self, Self::Read)
    }
}

/// What a tab is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The session.
    Session(Document),
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

/// What the shopper is asked to do for a payment.
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
    /// Decides what follows.
    pub procedure: Procedure,
    /// The payment at hand.
    pub no: Option<u8>,
    /// The payment that is to be inserted.
    pub draft: Option<Draft>,
    /// It tries a refund.
    pub is_refund: bool,
    /// How far it is.
    pub pending: Pending,
}

/// A payment that is to be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draft {
    /// What it is made with.
    pub product: Product,
    /// The idempotency key.
    pub key: u8,
}

/// How far a procedure is. Between any two of them the backend may crash, and anything else may
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

    /// Whether the task holds the session's lock.
    #[must_use]
    pub fn is_locking(&self) -> bool {
        match self.at {
            At::Running(job) => job.procedure.needs_lock(),
            At::Asked(_) | At::Answered(_) => false,
        }
    }
}
