//! Telling a gateway the order of a payment, for the first time or again.

use contract::{Flow, PaymentMethod, code};
use gateways::{Fen, Order};
use time::OffsetDateTime;

use super::Cashier;
use super::check::{Asked, note_failure};
use crate::action::Action;
use crate::clock::calendar;
use crate::db::apply::Update;
use crate::db::payments::PaymentRow;
use crate::db::sessions::SessionRow;
use crate::error::Error;
use crate::rules::{self, AfterOrder, AfterRefusal, Ending, OrderAnswer, Product};
use crate::wallets::{OrderContext, WalletError};

impl Cashier {
    /// Orders, and stores the code or address for the shopper. The caller holds the lock.
    ///
    /// The order is identical each time: gateways give a fresh code for it and never a second
    /// trade (gateways.md A3.2). An unknown outcome leaves the payment as it is, to be ordered
    /// again; a refusal ends it as `failed`, unless its old code may still be paid.
    pub(crate) async fn place(
        &self,
        session: &SessionRow,
        payment: &PaymentRow,
    ) -> Result<(), Error> {
        let answer = self.order_twice(&self.order_context(session, payment)?).await;
        let kind = match &answer {
            Ok(_) => OrderAnswer::Taken,
            Err(error) if error.is_undecided() => OrderAnswer::Unclear,
            Err(_) => OrderAnswer::Refused,
        };
        let error = match (rules::order(kind), answer) {
            (AfterOrder::HandOut, Ok(action)) => {
                let now = self.clock.now();
                let expires_at = Action::expiry(payment.product, session.expires_at, now);
                self.apply(&payment.id, Update::Ordered { action, expires_at }).await?;
                return Ok(());
            }
            (AfterOrder::Query, Err(error)) => error,
            (_, Err(error)) => {
                note_failure(payment, "order", &error);
                return Err(Error::GatewayUnavailable);
            }
            (_, Ok(_)) => return Err(Error::GatewayUnavailable),
        };
        note_failure(payment, "order", &error);
        let asked = match self.ask(payment, Ending::Expired).await? {
            Asked::Answered { state, outcome } => Some((state, outcome.payment.is_final())),
            Asked::Nothing => None,
        };
        let (state, has_ended) = asked.unzip();
        let is_handed_out = payment.is_handed_out();
        match rules::after_refusal(state, has_ended.unwrap_or_default(), is_handed_out) {
            AfterRefusal::AsItIs => return Ok(()),
            AfterRefusal::KeepCode => return Err(Error::GatewayRejected),
            AfterRefusal::Write(_) => {}
        }
        let failure_code = if error.is_configuration() {
            tracing::error!(
                alarm = true,
                payment.method = %payment.payment_method,
                gateway.code = error.code(),
                "the gateway refuses this configuration: {error}"
            );
            code::GATEWAY_MISCONFIGURED
        } else {
            code::GATEWAY_REJECTED
        };
        self.apply(&payment.id, Update::Refused { failure_code }).await?;
        Ok(())
    }

    /// Orders, and once more at once if the gateway did not say how it ended.
    async fn order_twice(&self, order_context: &OrderContext<'_>) -> Result<Action, WalletError> {
        // It goes into a signature, and these follow the real clock.
        let now = OffsetDateTime::now_utc();
        match self.wallets.order(order_context, now).await {
            Err(error) if error.is_worth_a_second_try() => {
                note_failure(order_context.payment, "order", &error);
                self.wallets.order(order_context, now).await
            }
            answer => answer,
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
            expires_at: calendar(payment.order_expires_at),
            notify_url: payment.notify_url.clone(),
            return_url: is_alipays_page.then(|| format!("{base}/v1/returns/alipay")),
            // gateways.md B5.2: at most 400.
            quit_url: (payment.product == Product::Wap && onward.len() <= 400)
                .then(|| onward.clone()),
        };
        Ok(OrderContext {
            payment,
            order,
            onward,
            authorized_url: format!("{base}/v1/returns/{}_oauth", payment.payment_method),
            state: self.keys.oauth_state(&payment.id),
        })
    }

    /// Where the shopper of a payment goes on to from a gateway's page.
    pub(crate) fn onward(&self, session: &SessionRow, payment: &PaymentRow) -> String {
        let onward = payment.return_url.clone().or_else(|| session.return_url.clone());
        onward.unwrap_or_else(|| self.hosted_url(&session.id))
    }
}
