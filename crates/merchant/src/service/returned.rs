//! Handles a browser that a gateway sent back. It proves nothing; it only triggers a query.

use std::time::Duration;

use super::{Backend, Shared, to_the_end};
use crate::db::payments;
use crate::error::Error;
use crate::limits::Limited;
use crate::rules;

impl Backend {
    /// Queries the payment, within [`QUERY_TIMEOUT`], and returns the address to redirect to.
    pub(crate) async fn returned(self: &Shared, out_trade_no: String) -> Result<String, Error> {
        let payment = self
            .db
            .read(move |connection| payments::find_by_out_trade_no(connection, &out_trade_no))
            .await?
            .ok_or(Error::PaymentNotFound)?;
        let session = self.session(&payment.session_id).await?;
        let onward = self.onward(&session, &payment);
        // A return can be replayed: it shares the limit of the button "I have paid".
        let may_ask = self.limits.take(Limited::Check, &payment.id, self.clock.uptime()).is_ok();
        if may_ask && !payment.is_captured() {
            let if_closed = rules::found_closed(self.is_time_up(&session));
            let backend = Shared::clone(self);
            let asking =
                to_the_end(async move { backend.query(&payment, if_closed).await.map(|_| ()) });
            // The page polls: an answer after the timeout is shown there.
            if let Ok(Err(error)) = tokio::time::timeout(QUERY_TIMEOUT, asking).await {
                tracing::warn!("a query after a return failed: {error}");
            }
        }
        Ok(onward)
    }
}

const QUERY_TIMEOUT: Duration = Duration::from_secs(3);
