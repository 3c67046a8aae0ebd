//! The step that follows an answer.

use contract::SessionStatus;

use super::begin::{expire_watched, must_expire};
use super::{Aim, Answer, CloseAnswer, OrderAnswer, Procedure, Progress, Situation, Stage, Step};
use crate::{Ending, RefundCall, RefundSignal, Refusal, Signal, TradeState};

impl Procedure {
    /// Continues with the answer to the last step, in the situation as stored since.
    pub fn next(self, answer: Answer, at: Situation) -> Progress {
        match (self.stage, answer) {
            (Stage::Insert, Answer::Inserted(Ok(()))) => self.order(),
            (Stage::Insert, Answer::Inserted(Err(refusal))) => self.refuse(refusal),
            (Stage::IdentifyPayer, Answer::Payer(true)) => self.order(),
            (Stage::IdentifyPayer, Answer::Payer(false)) => {
                self.refuse(Refusal::GatewayUnavailable)
            }
            (Stage::Order, Answer::Order(answer)) => self.ordered(answer),
            (Stage::QueryRefused, Answer::Trade(state)) => self.refused(state, at),
            (Stage::Close, Answer::Close(close)) => self.closed(close, at),
            (Stage::QueryClosed(close), Answer::Trade(state)) => self.after_close(close, state, at),
            (Stage::WriteEnd, Answer::Written) => self.ended(at),
            (Stage::WriteUnclear, Answer::Written) => match self.aim {
                Aim::Expire(refusal) => self.refuse(refusal),
                _ => self.done(),
            },
            (Stage::WriteLast | Stage::ExpireSession | Stage::CancelSession, Answer::Written) => {
                self.done()
            }
            (Stage::Query, Answer::Trade(None)) if self.aim == Aim::Check => {
                self.refuse(Refusal::GatewayUnavailable)
            }
            // Its time ended during the query: it is closed at once, not at its next due time.
            (Stage::Query, Answer::Trade(_)) if self.aim == Aim::Watch && must_expire(at) => {
                expire_watched(at)
            }
            (Stage::Query, Answer::Trade(_)) => self.done(),
            (Stage::Refund { call, is_confirming }, Answer::Refund(signal)) => {
                self.refund_answered(call, is_confirming, signal)
            }
            (
                Stage::WriteRefund { is_send_next: true },
                Answer::RefundWritten { is_pending: true },
            ) => {
                let (call, is_confirming) = (RefundCall::Send, false);
                self.proceed(Stage::Refund { call, is_confirming }, Step::Refund(call))
            }
            (Stage::WriteRefund { .. }, Answer::RefundWritten { .. }) => self.done(),
            // An answer to another step: the caller is faulty.
            (_, _) => self.refuse(Refusal::OutOfStep),
        }
    }

    fn ordered(self, answer: OrderAnswer) -> Progress {
        match answer {
            OrderAnswer::Taken => self.proceed(Stage::WriteLast, Step::Write(Signal::Ordered)),
            // Unknown is not failed: the payment stays, to be ordered again.
            OrderAnswer::Unclear => self.refuse(Refusal::GatewayUnavailable),
            OrderAnswer::Refused => {
                self.proceed(Stage::QueryRefused, Step::Query { if_closed: Ending::Expired })
            }
        }
    }

    /// Continues after the query of a refused order.
    fn refused(self, state: Option<TradeState>, at: Situation) -> Progress {
        let is_final = at.payment.is_some_and(|payment| payment.status.is_final());
        let is_handed_out = at.payment.is_some_and(|payment| payment.is_handed_out);
        match state {
            // The state that the query found is written, and is the outcome.
            Some(TradeState::Paid | TradeState::Refunded | TradeState::Closed) => self.done(),
            Some(_) if is_final => self.done(),
            // The shopper's old code may still be paid: the payment stays.
            _ if is_handed_out => self.refuse(Refusal::GatewayRejected),
            _ => self.proceed(Stage::WriteLast, Step::Write(Signal::Refused)),
        }
    }

    fn closed(self, close: CloseAnswer, at: Situation) -> Progress {
        // gateways.md A4.2: any error from close means query, then act on the state.
        let is_query_needed = match close {
            CloseAnswer::Failed => true,
            // gateways.md A4.2: "closed" does not prove that the order existed.
            CloseAnswer::Closed => true,
            CloseAnswer::NotCreated => false,
        };
        if is_query_needed {
            let if_closed = self.aim.ending();
            self.proceed(Stage::QueryClosed(close), Step::Query { if_closed })
        } else {
            self.after_close(close, None, at)
        }
    }

    /// Continues after the close, and after its query if one was needed.
    fn after_close(self, close: CloseAnswer, state: Option<TradeState>, at: Situation) -> Progress {
        let ending = self.aim.ending();
        let is_paid = state.is_some() && at.session == SessionStatus::Complete;
        if is_paid && self.aim != Aim::CloseEnded {
            return self.ended(at);
        }
        let signal = match (close, state) {
            // Its code may still be paid: gateways.md A4.2, B5.4. The worker keeps querying it.
            (CloseAnswer::NotCreated, _)
            | (CloseAnswer::Closed | CloseAnswer::Failed, Some(TradeState::NotCreated)) => {
                Signal::Abandoned(ending)
            }
            // The signed "closed" counts, even if the query failed.
            (CloseAnswer::Closed, _) => Signal::Closed(ending),
            (CloseAnswer::Failed, Some(TradeState::Closed | TradeState::Refunded))
                if self.aim != Aim::CloseEnded =>
            {
                Signal::Closed(ending)
            }
            (CloseAnswer::Failed, _) => return self.not_closed(at),
        };
        let stage = if self.aim == Aim::CloseEnded { Stage::WriteLast } else { Stage::WriteEnd };
        self.proceed(stage, Step::Write(signal))
    }

    /// Continues after a close that failed: the state is unknown, or it can still be paid.
    fn not_closed(self, at: Situation) -> Progress {
        match self.aim {
            Aim::Expire(_) if at.late_ms < EXPIRY_GRACE_MS => {
                self.proceed(Stage::WriteUnclear, Step::Write(Signal::Unclear))
            }
            // The session expires without the gateway's answer; the worker keeps closing and
            // querying, and a capture that is found later is refunded.
            Aim::Expire(_) => {
                self.proceed(Stage::WriteEnd, Step::Write(Signal::GivenUp(Ending::Expired)))
            }
            Aim::CloseEnded => {
                let is_overdue = at
                    .payment
                    .is_some_and(|payment| payment.is_close_wanted && payment.is_close_overdue);
                if is_overdue {
                    self.proceed(Stage::WriteLast, Step::Write(Signal::NeverClosed))
                } else {
                    // The state that the query found is written; an open payment is closed later.
                    self.done()
                }
            }
            // A payment beside it could take money twice.
            _ => self.refuse(Refusal::StillOpen),
        }
    }

    /// Continues once the end of the payment, unpaid or paid, is written.
    pub(super) fn ended(self, at: Situation) -> Progress {
        match self.aim {
            Aim::Replace if at.session == SessionStatus::Complete => {
                self.refuse(Refusal::OrderPaid)
            }
            Aim::Replace => self.proceed(Stage::CancelSession, Step::CancelSession),
            Aim::Start if at.session != SessionStatus::Complete => {
                self.proceed(Stage::Insert, Step::Insert)
            }
            Aim::Expire(_) => self.proceed(Stage::ExpireSession, Step::ExpireSession),
            _ => self.done(),
        }
    }

    fn refund_answered(
        self,
        call: RefundCall,
        is_confirming: bool,
        signal: RefundSignal,
    ) -> Progress {
        let write = |signal, is_send_next| {
            self.proceed(Stage::WriteRefund { is_send_next }, Step::WriteRefund(signal))
        };
        match (call, signal) {
            // The answer of an error is not signed, and may come from a proxy before the gateway.
            // If it were believed and wrong, the money could go back twice.
            (RefundCall::Send, RefundSignal::Refused) => {
                let (call, is_confirming) = (RefundCall::Query, true);
                self.proceed(Stage::Refund { call, is_confirming }, Step::Refund(call))
            }
            (RefundCall::Query, RefundSignal::Missing) if is_confirming => {
                write(RefundSignal::Refused, false)
            }
            (RefundCall::Query, RefundSignal::Missing) => write(signal, true),
            (_, signal) => write(signal, false),
        }
    }
}

/// Time after its end for which a session waits for its gateway before it expires without.
pub(super) const EXPIRY_GRACE_MS: i64 = 10 * 60_000;
