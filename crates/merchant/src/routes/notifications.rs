//! `/v1/notifications`: the gateways' calls.

pub(super) mod alipay;
pub(super) mod wechat_pay;

use contract::PaymentMethod;
use gateways::NotificationError;

use crate::error::Error;
use crate::service::Backend;

/// Logs a notification that fails verification, with a limit because anybody can send one.
pub(super) fn log_unverified(backend: &Backend, method: PaymentMethod, error: &NotificationError) {
    if let Some(suppressed) = backend.warnings.allow(backend.clock.uptime()) {
        tracing::warn!(payment.method = %method, suppressed, "a notification failed verification: {error}");
    }
}

/// Logs a notification that was not acknowledged.
pub(super) fn log_refused(backend: &Backend, method: PaymentMethod, error: &Error) {
    if error.is_outage() {
        return;
    }
    let code = error.code();
    if error.status().is_server_error() {
        tracing::error!(payment.method = %method, problem.code = code, "a notification could not be handled: {error}");
    } else if !matches!(error, Error::NotificationUnverified)
        && let Some(suppressed) = backend.warnings.allow(backend.clock.uptime())
    {
        tracing::warn!(payment.method = %method, problem.code = code, suppressed, "a notification was refused: {error}");
    }
}
