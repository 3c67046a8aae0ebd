//! The session as the merchant's own servers see it.

use contract::{Amount, PaymentRecord, SessionCreated};

use super::{Backend, Rows};
use crate::db::sql::Connection;
use crate::db::{DbError, payments};

/// Returns every payment of a session, with its numbers at the gateway.
pub(super) fn of_session(
    connection: &Connection,
    session_id: &str,
) -> Result<Vec<PaymentRecord>, DbError> {
    let record = |(row, refunded): (payments::PaymentRow, i64)| PaymentRecord {
        refunded: Amount { value: refunded, ..row.amount },
        id: row.id,
        payment_method: row.payment_method,
        status: row.status,
        amount: row.amount,
        out_trade_no: row.out_trade_no,
        transaction_id: row.transaction_id,
        paid_at: row.paid_at,
        failure_code: row.failure_code,
        created_at: row.created_at,
    };
    Ok(payments::of_session(connection, session_id)?.into_iter().map(record).collect())
}

impl Backend {
    /// Reads every payment of a session.
    pub(crate) async fn records(&self, session_id: &str) -> Result<Vec<PaymentRecord>, DbError> {
        let id = session_id.to_owned();
        self.db.read(move |connection| of_session(connection, &id)).await
    }

    /// Returns the session for the merchant's own servers.
    pub(crate) fn merchant_view(
        &self,
        rows: Rows,
        payments: Vec<PaymentRecord>,
        client_secret: Option<String>,
    ) -> SessionCreated {
        SessionCreated {
            session: self.draw_up(&rows),
            order_id: rows.session.order_id,
            payments,
            metadata: rows.session.metadata,
            client_secret,
            embed: None,
        }
    }
}
