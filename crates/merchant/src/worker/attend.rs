//! One payment that is due: it is expired, closed, or queried.

use crate::db::apply::Update;
use crate::db::payments::{self, ClaimedPayment, PaymentRow};
use crate::error::Error;
use crate::rules::{self, CloseAnswer, Ending, WorkerAction, schedule};
use crate::service::{Asked, Cashier};

/// Does what is due for the payment, and ends its lease.
pub(super) async fn attend(cashier: &Cashier, claimed: &ClaimedPayment) -> Result<(), Error> {
    let attended = attend_leased(cashier, claimed).await;
    let claimed = claimed.clone();
    cashier.db.write(move |tx| payments::release(tx, &claimed)).await?;
    attended
}

async fn attend_leased(cashier: &Cashier, claimed: &ClaimedPayment) -> Result<(), Error> {
    let Some(_lock) = cashier.locks.try_lock(&claimed.session_id) else {
        // A call is busy with this session, and perhaps asks the gateway itself.
        let (id, soon) = (claimed.id.clone(), cashier.clock.now().plus_ms(BUSY_RETRY_MS));
        return Ok(cashier.db.write(move |tx| payments::ask_at(tx, &id, soon)).await?);
    };
    let Some(payment) = cashier.payment(&claimed.id).await? else { return Ok(()) };
    let session = cashier.session(&payment.session_id).await?;
    let is_time_up = cashier.is_time_up(&session);
    match rules::attend(payment.status, is_time_up, payment.is_close_wanted) {
        WorkerAction::Expire => cashier.expire(&payment.session_id).await.map(|_| ()),
        WorkerAction::Close => close(cashier, &payment).await,
        WorkerAction::Ask => {
            cashier.ask(&payment, rules::found_closed(is_time_up)).await.map(|_| ())
        }
    }
}

/// Closes what has ended here; if that cannot be, asks, and goes on watching.
async fn close(cashier: &Cashier, payment: &PaymentRow) -> Result<(), Error> {
    let close = cashier.close_at_gateway(payment).await;
    let mut query = None;
    if close == CloseAnswer::Failed
        && let Asked::Answered { state, .. } = cashier.ask(payment, Ending::Canceled).await?
    {
        query = Some(state);
    }
    let is_overdue = schedule::is_close_overdue(payment.order_expires_at, cashier.clock.now());
    if let Some(signal) = rules::after_worker_close(close, query, is_overdue) {
        cashier.apply(&payment.id, Update::Plain(signal)).await?;
    }
    Ok(())
}

const BUSY_RETRY_MS: i64 = 2_000;
