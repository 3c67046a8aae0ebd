//! Repairs what a bill shows and the books do not have: a capture, a refund's end, a refund made
//! elsewhere.

use contract::{BillDifference, BillEntry, PaymentMethod};

use super::Backend;
use super::execute::Execution;
use crate::db::reconciliations::Books;
use crate::db::record::MadeElsewhere;
use crate::db::refunds::{self, RefundRow};
use crate::error::Error;
use crate::rules::{Differing, Procedure, Request, Step};

impl Backend {
    /// Repairs a difference by querying the gateway: a capture that we do not have, a refund of
    /// ours without a final status, a refund made elsewhere. Returns true if it was written.
    pub(super) async fn repair(
        &self,
        method: PaymentMethod,
        differing: &Differing,
        books: &Books,
    ) -> Result<bool, Error> {
        let id = books.id(&differing.key());
        match (differing.difference, differing.entry, id) {
            (BillDifference::OtherKind, BillEntry::Payment, Some(id)) => {
                self.repair_capture(&id).await
            }
            (BillDifference::OtherKind, BillEntry::Refund, Some(id)) => {
                self.repair_refund(&id).await
            }
            (BillDifference::MissingHere, BillEntry::Refund, None) => {
                self.repair_elsewhere(method, differing).await
            }
            _ => Ok(false),
        }
    }

    async fn repair_capture(&self, payment_id: &str) -> Result<bool, Error> {
        let Some(payment) = self.payment(payment_id).await? else { return Ok(false) };
        let execution = Execution::of(&payment.session_id, Some(payment_id));
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Repair, self.situation(&stored));
        if progress.step == Step::Done {
            return Ok(false);
        }
        self.execute(execution, stored, progress).await?;
        let after = self.payment(payment_id).await?;
        Ok(after.is_some_and(|payment| payment.is_captured()))
    }

    async fn repair_refund(&self, refund_id: &str) -> Result<bool, Error> {
        let find = async || {
            let id = refund_id.to_owned();
            self.db.read(move |connection| refunds::find(connection, &id)).await
        };
        let Some(refund) = find().await?.filter(RefundRow::is_pending) else { return Ok(false) };
        let execution =
            Execution::of(&refund.session_id, Some(&refund.payment_id)).with_refund(refund.clone());
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Request::Refund { tries: 1 }, self.situation(&stored));
        self.execute(execution, stored, progress).await?;
        Ok(find().await?.is_some_and(|refund| !refund.is_pending()))
    }

    /// Handles a refund on the bill that is not ours, of an order that is.
    async fn repair_elsewhere(
        &self,
        method: PaymentMethod,
        differing: &Differing,
    ) -> Result<bool, Error> {
        let (order, number) = (&differing.order, &differing.number);
        let payment = self.payment_of_order(method, order).await?;
        let (Some(payment), Some(value)) = (payment, differing.there) else { return Ok(false) };
        if number.is_empty() {
            // Without a number it could be recorded twice.
            return Ok(false);
        }
        let recorded = if payment.is_captured() {
            let made = MadeElsewhere {
                out_refund_no: number.clone(),
                amount_value: value,
                gateway_refund_id: None,
            };
            self.record_elsewhere(&payment, made).await
        } else {
            // A bill is not signed: only the gateway's answer proves that it was paid.
            self.refunded_elsewhere(method, order, number).await
        };
        match recorded {
            // The capture could not be queried: the difference stays, with its alarm.
            Err(
                Error::GatewayUnavailable | Error::MissingIdentity(_) | Error::NotificationRefused,
            ) => Ok(false),
            recorded => recorded,
        }
    }
}
