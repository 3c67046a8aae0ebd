//! The log of failed gateway calls and refused notifications, and the alarm for orders of an
//! identity that is not configured.

use contract::PaymentMethod;

use super::Backend;
use crate::db::payments::{self, PaymentRow};
use crate::error::Error;
use crate::gateway::CallError;
use crate::identity::MissingIdentity;
use crate::rules::Mismatch;

impl Backend {
    /// Logs a failed gateway call about a payment; the caller decides its effect.
    ///
    /// # Errors
    /// [`Error::MissingIdentity`] if the gateway could not be called: then nothing may be decided,
    /// and the payment does not change.
    pub(crate) fn note_failure(
        &self,
        payment: &PaymentRow,
        call: &str,
        error: &CallError,
    ) -> Result<(), Error> {
        tracing::warn!(
            session.id = %payment.session_id,
            payment.id = %payment.id,
            payment.method = %payment.payment_method,
            gateway.call = call,
            gateway.code = error.code(),
            "a gateway call failed: {error}"
        );
        if let CallError::MissingIdentity(missing) = error {
            self.alarm_missing(missing);
            return Err(Error::MissingIdentity(missing.clone()));
        }
        Ok(())
    }

    /// Logs a verified notification of an order that is not ours, and returns its refusal. Limited:
    /// a gateway signs the notifications of all its merchants, and each can send its own to us.
    pub(crate) fn refuse_unknown_order(&self, method: PaymentMethod) -> Error {
        if let Some(suppressed) = self.warnings.allow(self.clock.uptime()) {
            tracing::warn!(payment.method = %method, suppressed, "a notification names an order that is not ours");
        }
        Error::NotificationRefused
    }

    /// Logs a verified notification that contradicts the order, and returns its refusal. Limited,
    /// too.
    pub(crate) fn refuse_contradiction(&self, payment: &PaymentRow, mismatch: &Mismatch) -> Error {
        if let Some(suppressed) = self.warnings.allow(self.clock.uptime()) {
            tracing::error!(
                alarm = true, alarm.kind = "payment_contradiction",
                session.id = %payment.session_id,
                payment.id = %payment.id,
                suppressed,
                "a signed notification contradicts the order: {mismatch}"
            );
        }
        Error::NotificationRefused
    }

    /// Raises the alarm for an identity that is not configured, once an hour.
    pub(crate) fn alarm_missing(&self, missing: &MissingIdentity) {
        if self.missing_identities.allow(missing, self.clock.uptime()) {
            tracing::error!(
                alarm = true, alarm.kind = "identity_missing",
                payment.method = %missing.method,
                "orders cannot be queried, closed or refunded: {missing}"
            );
        }
    }

    /// Raises the alarm for each identity that open payments or pending refunds need and that is
    /// not configured.
    pub(crate) async fn check_identities(&self) -> Result<(), Error> {
        for (method, identity) in self.db.read(payments::identities_in_use).await? {
            if let Err(missing) = self.gateways.identity_of(method, identity.as_ref()) {
                self.alarm_missing(&missing);
            }
        }
        Ok(())
    }
}
