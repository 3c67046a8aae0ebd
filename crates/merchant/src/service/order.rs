//! Submits the order of a payment to its gateway, for the first time or again.

use contract::{Flow, PaymentMethod, code};
use gateways::{Fen, Order};
use time::OffsetDateTime;

use super::Backend;
use crate::action::Action;
use crate::clock::calendar;
use crate::db::payments::PaymentRow;
use crate::db::sessions::SessionRow;
use crate::error::Error;
use crate::gateway::{CallError, OrderContext};
use crate::rules::{OrderAnswer, Product};

/// A gateway's answer to an order.
pub(crate) enum Ordered {
    /// Accepted; the action is for the shopper.
    Taken(Action),
    /// No answer, or an answer that asks for a retry.
    Unclear,
    /// Refused.
    Refused(CallError),
}

impl Ordered {
    pub(crate) const fn answer(&self) -> OrderAnswer {
        match self {
            Self::Taken(_) => OrderAnswer::Taken,
            Self::Unclear => OrderAnswer::Unclear,
            Self::Refused(_) => OrderAnswer::Refused,
        }
    }
}

/// Returns the code of [`contract::code`] for a payment whose order was refused.
pub(crate) fn failure_code(payment: &PaymentRow, error: &CallError) -> &'static str {
    if !error.is_configuration() {
        return code::GATEWAY_REJECTED;
    }
    tracing::error!(
        alarm = true, alarm.kind = "gateway_misconfigured",
        payment.method = %payment.payment_method,
        gateway.code = error.code(),
        settings = error.settings_to_check(),
        "the gateway refuses this configuration: {error}"
    );
    code::GATEWAY_MISCONFIGURED
}

impl Backend {
    /// Submits the order to its gateway.
    pub(crate) async fn order(
        &self,
        session: &SessionRow,
        payment: &PaymentRow,
    ) -> Result<Ordered, Error> {
        let context = self.order_context(session, payment)?;
        let error = match self.order_twice(&context).await? {
            Ok(action) => return Ok(Ordered::Taken(action)),
            Err(error) => error,
        };
        self.note_failure(payment, "order", &error)?;
        Ok(if error.is_undecided() { Ordered::Unclear } else { Ordered::Refused(error) })
    }

    /// Submits the order, and once more at once if the outcome is unknown.
    async fn order_twice(
        &self,
        order_context: &OrderContext<'_>,
    ) -> Result<Result<Action, CallError>, Error> {
        // It is part of a signature, which follows the real clock.
        let now = OffsetDateTime::now_utc();
        match self.gateways.order(order_context, now).await {
            Err(error) if error.is_worth_a_second_try() => {
                self.note_failure(order_context.payment, "order", &error)?;
                Ok(self.gateways.order(order_context, now).await)
            }
            answer => Ok(answer),
        }
    }

    fn order_context<'a>(
        &self,
        session: &SessionRow,
        payment: &'a PaymentRow,
    ) -> Result<OrderContext<'a>, Error> {
        let amount = Fen::new(payment.amount.value)
            .ok_or_else(|| Error::Internal(format!("{} has no orderable amount", payment.id)))?;
        let base = &self.settings.public_url;
        let onward = self.onward(session, payment);
        let is_alipays_page = payment.payment_method == PaymentMethod::Alipay
            && matches!(payment.product.flow(), Flow::Redirect)
            || payment.product == Product::PageFrame;
        let order = Order {
            out_trade_no: payment.out_trade_no.clone(),
            amount,
            description: session.description.clone(),
            reference: payment.reference.clone(),
            expires_at: calendar(payment.order_expires_at),
            notify_url: payment.notify_url.clone(),
            return_url: is_alipays_page.then(|| format!("{base}/v1/returns/alipay")),
            quit_url: (payment.product == Product::Wap).then(|| quit_url(&onward)).flatten(),
        };
        Ok(OrderContext {
            payment,
            order,
            onward,
            authorized_url: format!("{base}/v1/returns/{}_oauth", payment.payment_method),
            state: self.keys.oauth_state(&payment.id),
        })
    }

    /// Returns the address to which the shopper returns from a gateway's page.
    pub(crate) fn onward(&self, session: &SessionRow, payment: &PaymentRow) -> String {
        let onward = payment.return_url.clone().or_else(|| session.return_url.clone());
        onward.unwrap_or_else(|| self.hosted_url(&session.id))
    }
}

/// Returns the address behind "back" on Alipay's page for phones: without a fragment, which Alipay
/// does not take, and none if it is too long (gateways.md B5.2). The way back from a payment is
/// `return_url`, which leads on to the whole address.
fn quit_url(onward: &str) -> Option<String> {
    let (address, _) = onward.split_once('#').unwrap_or((onward, ""));
    (address.len() <= MAX_QUIT_URL_BYTES).then(|| address.to_owned())
}

const MAX_QUIT_URL_BYTES: usize = 400;
