//! Refunds: requested by the merchant, or owed for a late or second capture. Both are executed
//! alike.

use contract::{CreateRefund, PaymentMethod, Refund, RefundReason, RefundStatus};
use gateways::{AnswerKind, DepositBackState, RefundState};

use super::Backend;
use super::execute::Execution;
use crate::db::idempotency::{self, Known, MERCHANT, Request};
use crate::db::outbox::{self, Task};
use crate::db::record::{self, RefundOutcome, RefundUpdate};
use crate::db::refunds::{self, RefundRow};
use crate::db::{notifications, payments};
use crate::error::Error;
use crate::gateway::CallError;
use crate::identity::Identity;
use crate::rules::{
    self, Procedure, RefundCall, RefundRefusal, RefundSignal, Refundable, Request as Wanted,
    schedule,
};

/// The outcome of a refund request in the database.
enum Opened {
    Yes(Box<RefundRow>),
    Known(Known),
    NoPayment,
    Refused(RefundRefusal),
    /// The amount is not in the payment's currency.
    OtherCurrency,
}

impl Backend {
    /// Writes a refund that the merchant requests, and returns its id; the same request makes one
    /// refund. The worker executes it.
    pub(crate) async fn create_refund(
        &self,
        key: &str,
        body: &CreateRefund,
    ) -> Result<String, Error> {
        if body.reason.as_deref().is_some_and(|reason| !is_reason(reason)) {
            return Err(Error::Parameter {
                name: "reason",
                reason: "must be 1 to 80 bytes, not blank, no control characters".to_owned(),
            });
        }
        let request = Request::new(MERCHANT, key, body);
        let (body, context) = (body.clone(), self.write_context());
        let opened = self
            .db
            .write(move |transaction| {
                let known = idempotency::find(transaction, &request)?;
                if known != Known::New {
                    return Ok(Opened::Known(known));
                }
                let Some(payment) = payments::find(transaction, &body.payment_id)? else {
                    return Ok(Opened::NoPayment);
                };
                let amount = body.amount.as_ref();
                if amount.is_some_and(|amount| amount.currency != payment.amount.currency) {
                    return Ok(Opened::OtherCurrency);
                }
                let refundable = Refundable {
                    payment: payment.status,
                    captured: payment.amount.value,
                    held: refunds::held(transaction, &payment.id)?,
                    asked: amount.map(|amount| amount.value),
                };
                let amount = match rules::refundable(refundable) {
                    Ok(amount) => amount,
                    Err(refusal) => return Ok(Opened::Refused(refusal)),
                };
                let reason = RefundReason::RequestedByMerchant;
                let text = body.reason.as_deref();
                let refund = record::open(transaction, context, &payment, amount, reason, text)?;
                idempotency::remember(transaction, &request, &refund.id, context.now)?;
                Ok(Opened::Yes(Box::new(refund)))
            })
            .await?;
        match opened {
            Opened::Yes(refund) => {
                tracing::info!(refund.id = %refund.id, payment.id = %refund.payment_id, amount = refund.amount.value, "a refund was requested");
                Ok(refund.id)
            }
            Opened::Known(Known::Done(id)) => Ok(id),
            Opened::Known(_) => Err(Error::IdempotencyReused),
            Opened::NoPayment => Err(Error::RefundPaymentNotFound),
            Opened::OtherCurrency => Err(Error::Parameter {
                name: "amount",
                reason: "must be in the payment's currency".to_owned(),
            }),
            Opened::Refused(refusal) => Err(Error::NotRefundable(refusal)),
        }
    }

    /// Returns the refund for the merchant's own servers.
    pub(crate) async fn refund_document(&self, id: &str) -> Result<Refund, Error> {
        let id = id.to_owned();
        let refund = self.db.read(move |connection| refunds::find(connection, &id)).await?;
        refund.map(|refund| refund.document()).ok_or(Error::RefundNotFound)
    }

    /// Tries a due refund: sends it, or first queries the outcome of an earlier try. Its number
    /// stays the same, so that a gateway executes it once, whatever crashes meanwhile.
    pub(crate) async fn try_refund(&self, task: &Task) -> Result<(), Error> {
        let id = task.subject.clone();
        let refund = self.db.read(move |connection| refunds::find(connection, &id)).await?;
        let Some(refund) = refund.filter(|refund| refund.status == RefundStatus::Pending) else {
            let (task, now) = (task.clone(), self.clock.now());
            return Ok(self.db.single(move |one| outbox::finish(one, &task, now)).await?);
        };
        let execution =
            Execution::of(&refund.session_id, Some(&refund.payment_id)).with_refund(refund.clone());
        let stored = self.stored(&execution).await?;
        let wanted = Wanted::Refund { tries: task.attempts.saturating_sub(1) };
        let progress = Procedure::begin(wanted, self.situation(&stored));
        // Planned again also after an error, which would be retried every minute without an alarm.
        let executed = self.execute(execution, stored, progress).await;
        let id = refund.id.clone();
        let after = self.db.read(move |connection| refunds::find(connection, &id)).await?;
        let now = self.clock.now();
        let is_overdue = schedule::is_refund_overdue(now.since_ms(refund.created_at));
        if is_overdue && after.is_some_and(|refund| refund.is_pending()) {
            tracing::error!(
                alarm = true, alarm.kind = "refund_overdue",
                refund.id = %refund.id,
                payment.id = %refund.payment_id,
                refund.attempts = task.attempts,
                "a refund is still pending after a day; it is retried"
            );
        }
        let (task, wait_ms) = (task.clone(), schedule::refund_retry_ms(task.attempts));
        self.db.single(move |one| outbox::again(one, &task, now, wait_ms)).await?;
        executed.map(|_| ())
    }

    /// Writes the effect of a refund's notification, which was opened with the keys of `recipient`.
    /// It may be acknowledged only after this returns `Ok`; replays change nothing.
    pub(crate) async fn refund_notified(
        &self,
        method: PaymentMethod,
        recipient: &Identity,
        notification_id: &str,
        stated: &gateways::Refund,
    ) -> Result<(), Error> {
        let (trade, number) = (stated.out_trade_no.clone(), stated.out_refund_no.clone());
        let refund = self
            .db
            .read(move |connection| refunds::find_by_number(connection, &trade, &number))
            .await?;
        let Some(refund) = refund.filter(|refund| refund.payment_method == method) else {
            if self.is_refund_of_another_order(&stated.out_refund_no).await? {
                tracing::error!(alarm = true, alarm.kind = "refund_contradiction", payment.method = %method, "a notification names a refund of ours for another order");
                return Err(Error::NotificationRefused);
            }
            return self
                .refunded_elsewhere(method, &stated.out_trade_no, &stated.out_refund_no)
                .await
                .map(|_| ());
        };
        let ordered = refund.identity.as_ref().unwrap_or(recipient);
        if ordered.merchant_id != recipient.merchant_id {
            tracing::error!(alarm = true, alarm.kind = "refund_contradiction", refund.id = %refund.id, "another merchant was notified of a refund than made its order");
            return Err(Error::NotificationRefused);
        }
        let Some(update) = compare(&refund, stated) else {
            return Err(Error::NotificationRefused);
        };
        let id = notification_id.to_owned();
        let (number, now) = (refund.out_trade_no.clone(), self.clock.now());
        self.db
            .write(move |tx| notifications::note(tx, method, &id, &number, now).map(|_| ()))
            .await?;
        self.record_refund(&refund.id, update).await.map(|_| ())
    }

    async fn is_refund_of_another_order(&self, out_refund_no: &str) -> Result<bool, Error> {
        let number = out_refund_no.to_owned();
        let is_ours = self.db.read(move |connection| refunds::is_ours(connection, &number));
        Ok(is_ours.await?)
    }

    /// Calls the gateway about a refund.
    pub(crate) async fn call_refund(&self, call: RefundCall, refund: &RefundRow) -> RefundUpdate {
        let stated = match call {
            RefundCall::Send => self.gateways.refund(refund).await,
            RefundCall::Query => self.gateways.query_refund(refund).await,
        };
        match stated {
            Ok(stated) => {
                log_deposit_back(refund, &stated);
                compare(refund, &stated).unwrap_or_else(|| plain(RefundSignal::Unclear))
            }
            Err(error) => {
                tracing::warn!(
                    refund.id = %refund.id,
                    payment.id = %refund.payment_id,
                    payment.method = %refund.payment_method,
                    gateway.call = ?call,
                    gateway.code = error.code(),
                    "a gateway call failed: {error}"
                );
                if let CallError::MissingIdentity(missing) = &error {
                    self.alarm_missing(missing);
                }
                let failure_code = Some(error.code().to_owned());
                RefundUpdate { failure_code, ..plain(signal_of(call, &error)) }
            }
        }
    }

    /// Writes an update of a refund, and notifies the waiting streams.
    pub(crate) async fn record_refund(
        &self,
        id: &str,
        update: RefundUpdate,
    ) -> Result<RefundOutcome, Error> {
        let (id, context, signal) = (id.to_owned(), self.write_context(), update.signal);
        let outcome = self.db.write(move |tx| record::update(tx, context, &id, &update)).await?;
        let refund = &outcome.refund;
        if outcome.after.is_alarming {
            tracing::error!(
                alarm = true, alarm.kind = "refund_needs_merchant",
                refund.id = %refund.id,
                payment.id = %refund.payment_id,
                refund.status = %refund.status,
                gateway.code = refund.failure_code,
                "a refund needs the merchant: {signal:?}"
            );
        }
        if outcome.after.status.is_some() {
            tracing::info!(
                refund.id = %refund.id,
                payment.id = %refund.payment_id,
                refund.status = %refund.status,
                "a refund has ended"
            );
        }
        if outcome.after.is_renewed {
            tracing::warn!(
                refund.id = %refund.id,
                payment.id = %refund.payment_id,
                "the gateway closed a refund; it is sent again under another number"
            );
        }
        if let Some(revision) = outcome.revision {
            self.hub.publish(&refund.session_id, revision);
        }
        Ok(outcome)
    }
}

/// True if both wallets can show it in full: WeChat Pay accepts 80 bytes (gateways.md A10).
fn is_reason(text: &str) -> bool {
    text.len() <= 80 && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// Logs the answer of the payer's bank to a refund. A returned refund has still left the merchant,
/// so it stays succeeded; the operator may have to inform the payer.
fn log_deposit_back(refund: &RefundRow, stated: &gateways::Refund) {
    let Some(bank) = &stated.deposit_back else { return };
    if bank.state == DepositBackState::Returned {
        tracing::warn!(
            alarm = true, alarm.kind = "refund_returned",
            refund.id = %refund.id,
            payment.id = %refund.payment_id,
            bank.amount = bank.amount.map(gateways::Fen::value),
            "the payer's bank returned a refund; Alipay is said to credit the payer's balance instead"
        );
    } else {
        tracing::info!(refund.id = %refund.id, bank.state = ?bank.state, "a refund goes to a bank card");
    }
}

/// Returns the update that a verified refund means; `None` if it contradicts our refund.
fn compare(refund: &RefundRow, stated: &gateways::Refund) -> Option<RefundUpdate> {
    let is_missing = stated.state == RefundState::NotFound;
    let is_ours = stated.out_refund_no == refund.out_refund_no
        && (stated.out_trade_no == refund.out_trade_no || is_missing)
        && stated.amount.is_none_or(|amount| amount.value() == refund.amount.value);
    if !is_ours {
        tracing::error!(
            alarm = true, alarm.kind = "refund_contradiction",
            refund.id = %refund.id,
            payment.id = %refund.payment_id,
            "the gateway's answer contradicts the refund"
        );
        return None;
    }
    let (signal, failure_code) = match stated.state {
        RefundState::NotFound => (RefundSignal::Missing, None),
        RefundState::Processing => (RefundSignal::Processing, None),
        RefundState::Succeeded => (RefundSignal::Succeeded, None),
        RefundState::Closed => (RefundSignal::Closed, Some("CLOSED")),
        RefundState::Abnormal => (RefundSignal::Abnormal, Some("ABNORMAL")),
        RefundState::Unknown => (RefundSignal::Unclear, None),
    };
    Some(RefundUpdate {
        gateway_refund_id: stated.refund_id.clone(),
        failure_code: failure_code.map(str::to_owned),
        ..plain(signal)
    })
}

fn plain(signal: RefundSignal) -> RefundUpdate {
    RefundUpdate { signal, gateway_refund_id: None, failure_code: None }
}

/// Returns the signal of an error. Only a send can be refused: a failed query proves nothing.
fn signal_of(call: RefundCall, error: &CallError) -> RefundSignal {
    let kind = match error {
        CallError::Gateway(error) if error.is_misconfiguration() => return RefundSignal::Hindered,
        CallError::Gateway(error) => error.kind(),
        CallError::NotConfigured | CallError::MissingIdentity(_) => return RefundSignal::Hindered,
        CallError::Incomplete => None,
    };
    match (call, kind) {
        (_, Some(AnswerKind::InsufficientBalance)) => RefundSignal::Hindered,
        (RefundCall::Query, _) => RefundSignal::Unclear,
        (RefundCall::Send, _) if error.is_undecided() => RefundSignal::Unclear,
        // The number is used with another amount, which must not happen: money may have moved.
        (RefundCall::Send, Some(AnswerKind::OrderMismatch)) => RefundSignal::Abnormal,
        (RefundCall::Send, _) => RefundSignal::Refused,
    }
}
