//! The procedures: the steps of a call by a shopper, by the merchant or by the worker.
//!
//! A [`Procedure`] begins with a [`Request`] and returns one [`Step`] after the other; the caller
//! executes the step and passes the [`Answer`], with the [`Situation`] as stored by then.
//! It ends with [`Step::Done`] or [`Step::Refuse`]. `merchant` executes the steps with a database
//! and the gateways; `proofs/model` runs the same procedures with modelled ones.
//!
//! A procedure holds nothing that a crash may lose: each one can begin again at any time, and
//! conflicting writes of two procedures are decided by [`change()`](crate::change()).

mod begin;
mod next;

use contract::SessionStatus;

use crate::{Ending, Key, PaymentState, RefundCall, RefundSignal, Refusal, Signal, TradeState};

/// The request that a procedure serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Start a payment. The current payment is the one that the key made, else the active one.
    Start {
        /// The state of the request's idempotency key.
        key: Key,
        /// True if the current payment has the requested method and product.
        is_same_method: bool,
    },
    /// Submit the order of a payment whose wallet has just identified the payer.
    Authorize,
    /// Renew the code or address of a payment.
    Refresh,
    /// Query the gateway now: "I have paid".
    Check,
    /// Cancel a payment.
    Cancel,
    /// Expire a session whose time is up. The current payment is the active one.
    Expire,
    /// Cancel a session whose order gets another one. The current payment is the active one.
    Replace,
    /// Do the worker's due work for a payment.
    Attend,
    /// Try a refund.
    Refund {
        /// The number of earlier tries, each counted before it is made.
        tries: u32,
    },
    /// Query a payment that is paid on a bill and not in the books.
    Repair,
}

/// The session and the current payment, as stored when a step is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The session's status.
    pub session: SessionStatus,
    /// True if the session's `expires_at` lies in the past.
    pub is_time_up: bool,
    /// Milliseconds since the session's `expires_at`; negative before.
    pub late_ms: i64,
    /// The payment that the steps are about, if there is one.
    pub payment: Option<PaymentState>,
}

/// One step, to be executed by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Insert the payment, checked again by [`insert`](crate::insert) in the transaction that
    /// writes it; from then on it is the current payment. [`Answer::Inserted`].
    Insert,
    /// Ask the wallet for the payer, and store the answer. [`Answer::Payer`].
    IdentifyPayer,
    /// Submit the order to the gateway, identically each time: a gateway returns a fresh code for
    /// it and never a second trade (gateways.md A3.2). [`Answer::Order`].
    Order,
    /// Query the trade, compare the answer with the order ([`compare`](crate::compare())) and write the
    /// effect. [`Answer::Trade`].
    Query {
        /// The reason to record if the trade is found closed.
        if_closed: Ending,
    },
    /// Close the trade. [`Answer::Close`].
    Close,
    /// Write the effect of a signal ([`change`](crate::change())). [`Answer::Written`].
    Write(Signal),
    /// Expire the session if its time is up and nobody is paying ([`expire`](crate::expire)).
    /// [`Answer::Written`].
    ExpireSession,
    /// Cancel the session if it is open and nobody is paying. [`Answer::Written`].
    CancelSession,
    /// Call the gateway about the refund. [`Answer::Refund`].
    Refund(RefundCall),
    /// Write the outcome of the refund call ([`after_refund`](crate::after_refund)).
    /// [`Answer::RefundWritten`].
    WriteRefund(RefundSignal),
    /// The procedure has ended; the session as stored is the answer.
    Done,
    /// The procedure has ended, and the request is refused.
    Refuse(Refusal),
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The payment was inserted, or the reason against it.
    Inserted(Result<(), Refusal>),
    /// True if the payer is known.
    Payer(bool),
    /// The gateway's answer to the order.
    Order(OrderAnswer),
    /// The state of the trade, whose effect is written; `None` without a usable answer.
    Trade(Option<TradeState>),
    /// The gateway's answer to the close.
    Close(CloseAnswer),
    /// The signal is written.
    Written,
    /// The outcome of the refund call.
    Refund(RefundSignal),
    /// The refund is written.
    RefundWritten {
        /// True if the refund has no final status yet.
        is_pending: bool,
    },
}

/// A gateway's answer to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderAnswer {
    /// Accepted.
    Taken,
    /// No answer, or an answer that asks for a retry; the gateway may have the order.
    Unclear,
    /// Refused; "paid" and "closed" are refusals, too.
    Refused,
}

/// A gateway's answer to a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseAnswer {
    /// Closed: it cannot be paid any more.
    Closed,
    /// The gateway does not have the order yet; its code may still be paid.
    NotCreated,
    /// An error, or no answer.
    Failed,
}

/// A request in progress, between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Procedure {
    aim: Aim,
    stage: Stage,
}

/// A procedure and the step that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "the step must be carried out"]
pub struct Progress {
    /// The procedure to continue with the step's answer.
    pub procedure: Procedure,
    /// The step to execute.
    pub step: Step,
}

impl Procedure {
    /// True if its caller holds the session's lock, so that no other call is between two steps.
    #[must_use]
    pub const fn needs_lock(self) -> bool {
        !matches!(self.aim, Aim::Check | Aim::Refund | Aim::Repair)
    }

    const fn proceed(self, stage: Stage, step: Step) -> Progress {
        Progress { procedure: Self { stage, ..self }, step }
    }

    const fn done(self) -> Progress {
        self.proceed(Stage::Ended, Step::Done)
    }

    const fn refuse(self, refusal: Refusal) -> Progress {
        self.proceed(Stage::Ended, Step::Refuse(refusal))
    }
}

/// The purpose of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Aim {
    /// Start a payment, once the other one has ended.
    Start,
    /// Submit the order of the current payment.
    Order,
    /// Return the gateway's state to the shopper.
    Check,
    /// End the payment, for the shopper.
    Cancel,
    /// Expire the session. Refused with this if the gateway must be queried again first.
    Expire(Refusal),
    /// Cancel the session, whose order gets another one.
    Replace,
    /// Query for the worker.
    Watch,
    /// Close an ended payment, for the worker.
    CloseEnded,
    /// Try a refund.
    Refund,
    /// Find a capture that a bill has.
    Repair,
}

/// The step whose answer a procedure waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Insert,
    IdentifyPayer,
    Order,
    /// The query after a refused order: only it distinguishes "paid" and "closed" from a refusal.
    QueryRefused,
    Close,
    /// The query after this close.
    QueryClosed(CloseAnswer),
    /// Writes the end of a payment.
    WriteEnd,
    /// Writes that the payment's outcome is unknown.
    WriteUnclear,
    /// The last write.
    WriteLast,
    ExpireSession,
    CancelSession,
    Query,
    Refund {
        call: RefundCall,
        /// True if the refund was refused, and the query confirms that there is none.
        is_confirming: bool,
    },
    WriteRefund {
        /// True if the gateway has no such refund: it is sent next, if it is still pending.
        is_send_next: bool,
    },
    Ended,
}

impl Aim {
    /// The reason for which this procedure ends a payment.
    const fn ending(self) -> Ending {
        match self {
            Self::Start | Self::Cancel | Self::Replace | Self::CloseEnded => Ending::Canceled,
            Self::Order
            | Self::Check
            | Self::Expire(_)
            | Self::Watch
            | Self::Refund
            | Self::Repair => Ending::Expired,
        }
    }
}

#[cfg(test)]
mod tests;
