//! The first step of each procedure.

use contract::{PaymentStatus, SessionStatus};

use super::{Aim, Procedure, Progress, Request, Situation, Stage, Step};
use crate::{
    Key, Refusal, Signal, Start, Starting, found_closed, is_cancelable, refresh, refund_first,
    start,
};

impl Procedure {
    /// Begins the procedure of a request, in the situation as stored.
    pub fn begin(request: Request, at: Situation) -> Progress {
        match request {
            Request::Start { key, is_same_method } => begin_start(key, is_same_method, at),
            Request::Authorize => begin_authorize(at),
            Request::Refresh => begin_refresh(at),
            Request::Check => begin_check(at),
            Request::Cancel => begin_cancel(at),
            Request::Expire => of(Aim::Expire(Refusal::StillOpen)).expire(at),
            Request::Replace => {
                let is_active = at.payment.is_some_and(|payment| !payment.status.is_final());
                let replace = of(Aim::Replace);
                if is_active { replace.end(at) } else { replace.ended(at) }
            }
            Request::Attend => begin_attend(at),
            Request::Refund { tries } => {
                let call = refund_first(tries);
                let stage = Stage::Refund { call, is_confirming: false };
                of(Aim::Refund).proceed(stage, Step::Refund(call))
            }
            Request::Repair => match at.payment {
                Some(payment) if !payment.is_captured => of(Aim::Repair).query(at),
                _ => of(Aim::Repair).done(),
            },
        }
    }

    /// Expires the session: ends the active payment first.
    pub(super) fn expire(self, at: Situation) -> Progress {
        if at.payment.is_some_and(|payment| !payment.status.is_final()) {
            self.end(at)
        } else {
            self.proceed(Stage::ExpireSession, Step::ExpireSession)
        }
    }

    /// Ends the current payment: closes it at the gateway, then queries it, then writes the outcome
    /// (gateways.md A9).
    pub(super) fn end(self, at: Situation) -> Progress {
        if at.payment.is_some_and(|payment| payment.is_handed_out) {
            return self.proceed(Stage::Close, Step::Close);
        }
        // Its code was never shown, so it cannot be paid. The gateway may have the order:
        // the worker closes it, and the shopper does not wait for that.
        self.proceed(Stage::WriteEnd, Step::Write(Signal::GivenUp(self.aim.ending())))
    }

    pub(super) const fn order(self) -> Progress {
        self.proceed(Stage::Order, Step::Order)
    }

    fn query(self, at: Situation) -> Progress {
        let if_closed = match self.aim {
            Aim::Check | Aim::Watch => found_closed(at.is_time_up),
            aim => aim.ending(),
        };
        self.proceed(Stage::Query, Step::Query { if_closed })
    }

    fn go_on(self, start: Start, at: Situation) -> Progress {
        match start {
            Start::AsItIs => self.done(),
            Start::OrderAgain => self.order(),
            Start::CloseFirst => self.end(at),
            Start::Make => self.proceed(Stage::Insert, Step::Insert),
            Start::Refuse(refusal) => self.refuse(refusal),
        }
    }
}

const fn of(aim: Aim) -> Procedure {
    Procedure { aim, stage: Stage::Ended }
}

fn begin_start(key: Key, is_same_method: bool, at: Situation) -> Progress {
    let Situation { session, is_time_up, payment, .. } = at;
    let start = start(Starting { session, is_time_up, key, payment, is_same_method });
    let aim = if start == Start::OrderAgain { Aim::Order } else { Aim::Start };
    of(aim).go_on(start, at)
}

fn begin_authorize(at: Situation) -> Progress {
    let is_wanted = at.payment.is_some_and(|payment| !payment.is_handed_out);
    if refreshed(at) == Start::OrderAgain && is_wanted {
        of(Aim::Order).proceed(Stage::IdentifyPayer, Step::IdentifyPayer)
    } else {
        // The return may be a replay; the page shows the stored state.
        of(Aim::Order).done()
    }
}

fn begin_refresh(at: Situation) -> Progress {
    of(Aim::Order).go_on(refreshed(at), at)
}

fn refreshed(at: Situation) -> Start {
    let Some(payment) = at.payment else { return Start::Refuse(Refusal::PaymentClosed) };
    refresh(at.session, at.is_time_up, payment.status, payment.is_captured)
}

fn begin_check(at: Situation) -> Progress {
    let is_captured = at.payment.is_some_and(|payment| payment.is_captured);
    match at.session {
        _ if is_captured => of(Aim::Check).done(),
        SessionStatus::Complete => of(Aim::Check).done(),
        // The last query: the shopper gets the outcome now, and does not wait for the worker.
        SessionStatus::Open if at.is_time_up => {
            of(Aim::Expire(Refusal::GatewayUnavailable)).expire(at)
        }
        _ => of(Aim::Check).query(at),
    }
}

fn begin_cancel(at: Situation) -> Progress {
    let status = at.payment.map_or(PaymentStatus::Unknown, |payment| payment.status);
    if at.payment.is_some() && is_cancelable(status) {
        of(Aim::Cancel).end(at)
    } else {
        of(Aim::Cancel).done()
    }
}

/// True if the payment is active and its session's time is up.
pub(super) fn must_expire(at: Situation) -> bool {
    at.is_time_up && at.payment.is_some_and(|payment| !payment.status.is_final())
}

/// Expires the session, for the worker.
pub(super) fn expire_watched(at: Situation) -> Progress {
    of(Aim::Expire(Refusal::StillOpen)).expire(at)
}

fn begin_attend(at: Situation) -> Progress {
    match at.payment {
        None => of(Aim::Watch).done(),
        Some(_) if must_expire(at) => expire_watched(at),
        Some(payment) if payment.is_close_wanted => {
            of(Aim::CloseEnded).proceed(Stage::Close, Step::Close)
        }
        Some(_) => of(Aim::Watch).query(at),
    }
}
