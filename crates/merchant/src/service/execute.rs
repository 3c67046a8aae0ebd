//! Executes the steps of a procedure with the database and the gateways.

use super::Backend;
use super::order::Ordered;
use crate::action::Action;
use crate::db::apply::Update;
use crate::db::idempotency::Request;
use crate::db::idle;
use crate::db::payments::{self, PaymentRow, Started};
use crate::db::record::RefundUpdate;
use crate::db::refunds::RefundRow;
use crate::db::sessions::{self, SessionRow};
use crate::error::Error;
use crate::gateway::Closing;
use crate::rules::{Answer, CloseAnswer, Progress, RefundSignal, Refusal, Signal, Situation, Step};

/// The data of one procedure's steps.
#[derive(Default)]
pub(crate) struct Execution {
    session_id: String,
    /// The current payment.
    payment_id: Option<String>,
    /// The payment to insert, and the request that makes it.
    draft: Option<(PaymentRow, Request)>,
    /// The code by which the wallet identifies the payer.
    payer_code: Option<String>,
    refund: Option<RefundRow>,
    /// The gateway's answer to the last order.
    ordered: Option<Ordered>,
    /// The outcome of the refund call; its signal is replaced by the one that is written.
    refund_update: Option<RefundUpdate>,
}

/// The session and the current payment, as stored.
pub(crate) struct Stored {
    pub(crate) session: SessionRow,
    pub(crate) payment: Option<PaymentRow>,
}

impl Execution {
    /// Returns the data of a procedure about a payment of a session, or about the session alone.
    pub(crate) fn of(session_id: &str, payment_id: Option<&str>) -> Self {
        Self {
            session_id: session_id.to_owned(),
            payment_id: payment_id.map(str::to_owned),
            ..Self::default()
        }
    }

    /// Adds the payment that [`Step::Insert`] inserts, and the request that makes it.
    pub(crate) fn with_draft(self, payment: PaymentRow, request: Request) -> Self {
        Self { draft: Some((payment, request)), ..self }
    }

    /// Adds the code with which [`Step::IdentifyPayer`] calls the wallet.
    pub(crate) fn with_payer_code(self, code: String) -> Self {
        Self { payer_code: Some(code), ..self }
    }

    /// Adds the refund that is tried.
    pub(crate) fn with_refund(self, refund: RefundRow) -> Self {
        Self { refund: Some(refund), ..self }
    }
}

impl Backend {
    /// Executes a procedure to its end. The caller holds the session's lock if the procedure needs
    /// it.
    pub(crate) async fn execute(
        &self,
        mut execution: Execution,
        mut stored: Stored,
        mut progress: Progress,
    ) -> Result<(), Error> {
        loop {
            let answer = match progress.step {
                Step::Done => return Ok(()),
                Step::Refuse(refusal) => return Err(refusal.into()),
                step => self.perform(&mut execution, &stored, step).await?,
            };
            stored = self.stored(&execution).await?;
            progress = progress.procedure.next(answer, self.situation(&stored));
        }
    }

    /// Reads the session and the current payment.
    pub(crate) async fn stored(&self, execution: &Execution) -> Result<Stored, Error> {
        let (session_id, payment_id) = (execution.session_id.clone(), execution.payment_id.clone());
        let stored = self.db.read(move |connection| {
            let Some(session) = sessions::find(connection, &session_id)? else { return Ok(None) };
            let payment = match &payment_id {
                Some(id) => payments::find(connection, id)?,
                None => None,
            };
            Ok(Some(Stored { session, payment }))
        });
        stored.await?.ok_or(Error::SessionNotFound)
    }

    /// Returns the situation for the rules.
    pub(crate) fn situation(&self, stored: &Stored) -> Situation {
        let now = self.clock.now();
        Situation {
            session: stored.session.status,
            is_time_up: self.is_time_up(&stored.session),
            late_ms: now.since_ms(stored.session.expires_at),
            payment: stored.payment.as_ref().map(|payment| payment.state(now)),
        }
    }

    async fn perform(
        &self,
        execution: &mut Execution,
        stored: &Stored,
        step: Step,
    ) -> Result<Answer, Error> {
        let payment = || stored.payment.as_ref().ok_or(Error::PaymentNotFound);
        Ok(match step {
            Step::Insert => Answer::Inserted(self.insert(execution).await?),
            Step::IdentifyPayer => Answer::Payer(self.identify_payer(execution, payment()?).await?),
            Step::Order => {
                let ordered = self.order(&stored.session, payment()?).await?;
                let answer = ordered.answer();
                execution.ordered = Some(ordered);
                Answer::Order(answer)
            }
            Step::Query { if_closed } => Answer::Trade(self.query(payment()?, if_closed).await?),
            Step::Close => Answer::Close(self.close(payment()?).await?),
            Step::Write(signal) => {
                let update = self.update(execution, stored, signal);
                self.apply(&payment()?.id, update).await?;
                Answer::Written
            }
            Step::ExpireSession => {
                self.expire_idle(&stored.session.id).await?;
                Answer::Written
            }
            Step::CancelSession => {
                self.cancel_idle(&stored.session.id).await?;
                Answer::Written
            }
            Step::Refund(call) => {
                let refund = execution.refund.as_ref().ok_or(Error::RefundNotFound)?;
                let mut update = self.call_refund(call, refund).await;
                let refusal = execution.refund_update.take().and_then(|update| update.failure_code);
                update.failure_code = update.failure_code.or(refusal);
                let signal = update.signal;
                execution.refund_update = Some(update);
                Answer::Refund(signal)
            }
            Step::WriteRefund(signal) => {
                let is_pending = self.write_refund(execution, signal).await?;
                Answer::RefundWritten { is_pending }
            }
            Step::Done | Step::Refuse(_) => Answer::Written,
        })
    }

    /// Returns the update to write for a signal, with the data of earlier steps.
    fn update(&self, execution: &mut Execution, stored: &Stored, signal: Signal) -> Update {
        match (signal, execution.ordered.take(), &stored.payment) {
            (Signal::Ordered, Some(Ordered::Taken(action)), Some(payment)) => {
                let now = self.clock.now();
                let expires_at = Action::expiry(payment.product, stored.session.expires_at, now);
                Update::Ordered { action, expires_at }
            }
            (Signal::Refused, Some(Ordered::Refused(error)), Some(payment)) => {
                Update::Refused { failure_code: super::order::failure_code(payment, &error) }
            }
            (signal, ..) => Update::Plain(signal),
        }
    }

    async fn insert(&self, execution: &mut Execution) -> Result<Result<(), Refusal>, Error> {
        let Some((payment, request)) = execution.draft.take() else {
            return Err(Error::Internal("a payment without a draft was to be inserted".to_owned()));
        };
        execution.payment_id = Some(payment.id.clone());
        let session_id = payment.session_id.clone();
        let now = self.clock.now();
        let started = self.db.write(move |tx| payments::start(tx, &payment, &request, now)).await?;
        Ok(match started {
            Started::Yes(revision) => {
                self.hub.publish(&session_id, revision);
                Ok(())
            }
            Started::No(refusal) => Err(refusal),
        })
    }

    async fn identify_payer(
        &self,
        execution: &mut Execution,
        payment: &PaymentRow,
    ) -> Result<bool, Error> {
        if payment.payer.is_some() {
            return Ok(true);
        }
        let Some(code) = execution.payer_code.take() else { return Ok(false) };
        let payer = match self.gateways.payer(payment, &code).await {
            Ok(payer) => payer,
            Err(error) => {
                self.note_failure(payment, "oauth", &error)?;
                return Ok(false);
            }
        };
        let id = payment.id.clone();
        let stored = self.db.write(move |tx| payments::set_payer(tx, &id, &payer)).await?;
        Ok(stored.is_some())
    }

    /// Closes the trade at its gateway.
    async fn close(&self, payment: &PaymentRow) -> Result<CloseAnswer, Error> {
        Ok(match self.gateways.close(payment).await {
            Ok(Closing::Closed) => CloseAnswer::Closed,
            Ok(Closing::NotCreated) => CloseAnswer::NotCreated,
            Err(error) => {
                self.note_failure(payment, "close", &error)?;
                CloseAnswer::Failed
            }
        })
    }

    /// Expires the session if its time is up and nobody is paying.
    async fn expire_idle(&self, session_id: &str) -> Result<(), Error> {
        let (id, context) = (session_id.to_owned(), self.write_context());
        let revision = self.db.write(move |tx| idle::expire(tx, &id, context)).await?;
        if let Some(revision) = revision {
            self.hub.publish(session_id, revision);
        }
        Ok(())
    }

    /// Cancels the session if it is open and nobody is paying.
    async fn cancel_idle(&self, session_id: &str) -> Result<(), Error> {
        let id = session_id.to_owned();
        let revision = self.db.write(move |tx| idle::cancel(tx, &id)).await?;
        if let Some(revision) = revision {
            tracing::info!(
                session.id = session_id,
                "a session was replaced by another of its order"
            );
            self.hub.publish(session_id, revision);
        }
        Ok(())
    }

    async fn write_refund(
        &self,
        execution: &Execution,
        signal: RefundSignal,
    ) -> Result<bool, Error> {
        let refund = execution.refund.as_ref().ok_or(Error::RefundNotFound)?;
        let update = execution.refund_update.clone().unwrap_or_default();
        let outcome = self.record_refund(&refund.id, RefundUpdate { signal, ..update }).await?;
        Ok(outcome.refund.is_pending())
    }
}
