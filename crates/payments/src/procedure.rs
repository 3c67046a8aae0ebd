//! The procedures: what a call of a shopper, of the merchant or of the worker does, step by step.
//!
//! A [`Procedure`] is begun with a [`Request`] and hands out one [`Step`] after the other; whoever
//! runs it carries the step out and brings the [`Answer`], with the [`Situation`] as stored by then.
//! It ends with [`Step::Done`] or [`Step::Refuse`]. `merchant` carries the steps out at a database
//! and the gateways; `crates/model` runs the same procedures over modelled ones.
//!
//! A procedure holds nothing that a crash may lose: each one can be begun again at any time, and
//! what two of them write at once is decided by [`change()`](crate::change()).

mod begin;
mod next;

use contract::SessionStatus;

use crate::{Ending, Key, PaymentState, RefundCall, RefundSignal, Refusal, Signal, TradeState};

/// What a procedure is begun for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Start a payment. The payment at hand is the one that the key made, else the active one.
    Start {
        /// What is known of the request's idempotency key.
        key: Key,
        /// The payment at hand is made by the method and product that are asked for.
        is_same_method: bool,
    },
    /// Order a payment for the payer whom its wallet has just named.
    Authorize,
    /// Renew the code or address of a payment.
    Refresh,
    /// Ask the gateway now: "I have paid".
    Check,
    /// End a payment.
    Cancel,
    /// Expire a session whose time is up. The payment at hand is the active one.
    Expire,
    /// End a session whose order gets another one. The payment at hand is the active one.
    Replace,
    /// Do what the worker does for a payment that is due.
    Attend,
    /// Try a refund that was begun so many times before.
    Refund {
        /// The tries, counted before they are made.
        tries: u32,
    },
    /// Look up a payment that a bill has as paid and the books have not.
    Repair,
}

/// The session and the payment at hand, as stored when a step is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The session.
    pub session: SessionStatus,
    /// The session's `expires_at` lies in the past.
    pub is_time_up: bool,
    /// Milliseconds since the session's `expires_at`; negative before.
    pub late_ms: i64,
    /// The payment that the steps are about, if there is one.
    pub payment: Option<PaymentState>,
}

/// One step, to be carried out by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Insert the payment, decided once more by [`insert`](crate::insert) in the transaction that
    /// writes it; from then on it is the payment at hand. [`Answer::Inserted`].
    Insert,
    /// Ask the wallet who pays, and store the answer. [`Answer::Payer`].
    IdentifyPayer,
    /// Make the order at the gateway, identically each time: a gateway gives a fresh code for it
    /// and never a second trade (gateways.md A3.2). [`Answer::Order`].
    Order,
    /// Query the trade, compare the answer with the order ([`judge`](crate::judge())) and write the
    /// effect. [`Answer::Trade`].
    Query {
        /// What became of the payment if the trade is found closed.
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
    /// Write what was learnt about the refund ([`after_refund`](crate::after_refund)).
    /// [`Answer::RefundWritten`].
    WriteRefund(RefundSignal),
    /// The procedure has ended; the session as stored is the answer.
    Done,
    /// The procedure has ended, and the request is refused.
    Refuse(Refusal),
}

/// What a step brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Whether the payment was inserted.
    Inserted(Result<(), Refusal>),
    /// True if the payer is known.
    Payer(bool),
    /// What the gateway made of the order.
    Order(OrderAnswer),
    /// The state of the trade, whose effect is written; `None` without an answer that can be used.
    Trade(Option<TradeState>),
    /// What the gateway made of the close.
    Close(CloseAnswer),
    /// The signal is written.
    Written,
    /// What was learnt about the refund.
    Refund(RefundSignal),
    /// The refund is written.
    RefundWritten {
        /// It has not come to its end.
        is_pending: bool,
    },
}

/// What a gateway made of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderAnswer {
    /// It took it.
    Taken,
    /// It did not say, or is to be asked again; it may have taken it.
    Unclear,
    /// It refused. "Paid" and "closed" are refusals too.
    Refused,
}

/// What a gateway made of a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseAnswer {
    /// It cannot be paid any more.
    Closed,
    /// It does not have it yet, so there is nothing to close; its code may still be paid.
    NotCreated,
    /// An error, or nothing.
    Failed,
}

/// A request that is being carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Procedure {
    aim: Aim,
    stage: Stage,
}

/// A procedure and the step that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "the step must be carried out"]
pub struct Progress {
    /// To be called with the step's answer.
    pub procedure: Procedure,
    /// What to do.
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

/// What a procedure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Aim {
    /// Start a payment, once the other one has ended.
    Start,
    /// Order the payment at hand.
    Order,
    /// Tell the shopper what the gateway says.
    Check,
    /// End the payment, for the shopper.
    Cancel,
    /// Expire the session. The refusal is the answer if the gateway must be asked again first.
    Expire(Refusal),
    /// Cancel the session, whose order gets another one.
    Replace,
    /// Query for the worker.
    Watch,
    /// Close, for the worker, what has ended here.
    CloseEnded,
    /// Move a refund on.
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
    /// The query after a refused order: only it tells "paid" and "closed" from a refusal.
    QueryRefused,
    Close,
    /// The query after this close.
    QueryClosed(CloseAnswer),
    /// The end of a payment is written.
    WriteEnd,
    /// Nothing is known of how the payment ended, which is written.
    WriteUnclear,
    /// The last thing is written.
    WriteLast,
    ExpireSession,
    CancelSession,
    Query,
    Refund {
        call: RefundCall,
        /// The refund was refused; the query confirms that there is none.
        is_confirming: bool,
    },
    WriteRefund {
        /// The refund is asked for next, if it is still pending: the gateway knows none.
        is_send_next: bool,
    },
    Ended,
}

impl Aim {
    /// Why a payment ends that this procedure ends.
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
