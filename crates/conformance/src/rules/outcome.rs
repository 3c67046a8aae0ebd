//! Payments that are made, and sessions that expire.

use std::time::Duration;

use contract::{BrowserCall, PaymentStatus, Session, SessionStatus, code};
use tokio::time::sleep;

use super::payments::{both, code_of, payment, started};
use crate::backend::{Backend, Opened, random_text};
use crate::failure::{Checked, Failure, broken, expect_equal};

/// Limit of the time until a payment is known, in tries of one second.
const TRIES: u32 = 30;
const TRY_EVERY: Duration = Duration::from_secs(1);
/// The shortest life of a session.
const SHORTEST_LIFE_S: u32 = 60;

/// Starts a payment and pays it.
async fn made(backend: &Backend) -> Checked<(Opened, Session)> {
    let (opened, session, method) = started(backend).await?;
    backend.approve(code_of(&session)?, method).await?;
    Ok((opened, session))
}

/// Reads until the session is complete.
async fn complete(backend: &Backend, opened: &Opened) -> Checked<Session> {
    for _ in 0..TRIES {
        let session = backend.read(opened).await?;
        if session.status == SessionStatus::Complete {
            return Ok(session);
        }
        sleep(TRY_EVERY).await;
    }
    Err(broken(format!("the session is not complete {TRIES} s after the payment")))
}

fn is_paid(session: &Session) -> Checked {
    expect_equal("`status`", session.status, SessionStatus::Complete)?;
    expect_equal("`payment.status`", payment(session)?.status, PaymentStatus::Succeeded)
}

pub(super) async fn paid(backend: &Backend) -> Checked {
    let (opened, started) = made(backend).await?;
    let session = complete(backend, &opened).await?;
    is_paid(&session)?;
    expect_equal("`payment.id`", &payment(&session)?.id, &payment(&started)?.id)?;
    let method = payment(&session)?.payment_method;
    let answer = backend.start(&opened, method, &random_text()?).await?;
    answer.refusal(409, code::SESSION_CLOSED)
}

pub(super) async fn check(backend: &Backend) -> Checked {
    let (opened, started) = made(backend).await?;
    let id = payment(&started)?.id.clone();
    is_paid(&backend.on_payment(&opened, BrowserCall::Check(&id)).await?.read()?)
}

pub(super) async fn cancel(backend: &Backend) -> Checked {
    let (opened, started) = made(backend).await?;
    let id = payment(&started)?.id.clone();
    is_paid(&backend.on_payment(&opened, BrowserCall::Cancel(&id)).await?.read()?)
}

pub(super) async fn switch(backend: &Backend) -> Checked {
    let (opened, started) = made(backend).await?;
    let (one, other) = both(backend, &opened).await?;
    let paid_with = payment(&started)?.payment_method;
    let wanted = if paid_with == one { other } else { one };
    let answer = backend.start(&opened, wanted, &random_text()?).await?;
    if answer.status == 409 {
        // The notification arrived before the switch.
        answer.refusal(409, code::SESSION_CLOSED)?;
        return is_paid(&complete(backend, &opened).await?);
    }
    let session: Session = answer.read()?;
    is_paid(&session)?;
    expect_equal("`payment.payment_method`", payment(&session)?.payment_method, paid_with)
}

pub(super) async fn expiry(backend: &Backend) -> Checked {
    if !backend.is_slow_wanted {
        return Err(Failure::NotChecked("takes a minute: give --slow".to_owned()));
    }
    let opened = backend.open_for(SHORTEST_LIFE_S).await?;
    let session = backend.read(&opened).await?;
    let method = session.payment_methods.first().copied();
    let method = method.ok_or_else(|| broken("`payment_methods` is empty"))?;
    sleep(Duration::from_secs(u64::from(SHORTEST_LIFE_S) + 15)).await;
    let session = backend.read(&opened).await?;
    expect_equal("`status` after its time", session.status, SessionStatus::Expired)?;
    let answer = backend.start(&opened, method, &random_text()?).await?;
    answer.refusal(409, code::SESSION_CLOSED)
}
