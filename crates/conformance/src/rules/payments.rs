//! Starting, switching, renewing and canceling of unpaid payments.

use std::time::Duration;

use contract::{
    BrowserCall, NextActionType, Payment, PaymentMethod, PaymentStatus, Session, SessionStatus,
    code,
};
use serde_json::json;

use crate::backend::{Backend, KEY_HEADER, Opened, random_text};
use crate::failure::{Checked, Failure, broken, expect, expect_equal};

/// Limit of a QR code's text in bytes: the largest version that the widget draws.
const MAX_CODE_BYTES: usize = 2_331;
/// Limit of the time until a payment by an old code is known.
const NOTICED_WITHIN_S: u32 = 10;

/// Starts a payment with the first method that the session offers.
pub(super) async fn started(backend: &Backend) -> Checked<(Opened, Session, PaymentMethod)> {
    let opened = backend.open().await?;
    let method = methods(&backend.read(&opened).await?)?.0;
    let answer = backend.start(&opened, method, &random_text()?).await?;
    Ok((opened, answer.read()?, method))
}

/// The first method of a session, and the second if there is one.
fn methods(session: &Session) -> Checked<(PaymentMethod, Option<PaymentMethod>)> {
    let mut methods = session.payment_methods.iter().copied();
    let first = methods.next().ok_or_else(|| broken("`payment_methods` is empty"))?;
    Ok((first, methods.next()))
}

/// Both methods of a session.
pub(super) async fn both(
    backend: &Backend,
    opened: &Opened,
) -> Checked<(PaymentMethod, PaymentMethod)> {
    let (first, second) = methods(&backend.read(opened).await?)?;
    let why = || Failure::NotChecked("the session offers one payment method only".to_owned());
    Ok((first, second.ok_or_else(why)?))
}

/// The payment of a session.
pub(super) fn payment(session: &Session) -> Checked<&Payment> {
    session.payment.as_ref().ok_or_else(|| broken("the session has no `payment`"))
}

/// The text of the code that a payment shows.
pub(super) fn code_of(session: &Session) -> Checked<&str> {
    let payment = payment(session)?;
    let action = payment.next_action.as_ref().filter(|it| it.kind == NextActionType::DisplayQrCode);
    let data = action.and_then(|action| action.data.as_deref());
    data.ok_or_else(|| Failure::NotChecked("the payment is not made by a QR code".to_owned()))
}

pub(super) async fn start(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let before = backend.read(&opened).await?;
    let (method, _) = methods(&before)?;
    let session: Session = backend.start(&opened, method, &random_text()?).await?.read()?;
    let payment = payment(&session)?;
    expect_equal("`payment.payment_method`", payment.payment_method, method)?;
    expect_equal("`payment.status`", payment.status, PaymentStatus::RequiresAction)?;
    expect(session.revision > before.revision, || {
        format!("`revision` is {} before and {} after the start", before.revision, session.revision)
    })?;
    let action = payment.next_action.as_ref();
    let action = action.ok_or_else(|| broken("`payment.next_action` is missing"))?;
    let is_known = action.kind != NextActionType::Unknown;
    expect(is_known, || "`next_action.type` is none of the merchant API".to_owned())?;
    if action.kind == NextActionType::DisplayQrCode {
        let size = action.data.as_ref().map_or(0, String::len);
        expect((1..=MAX_CODE_BYTES).contains(&size), || {
            format!("`next_action.data` has {size} bytes, must have 1 to {MAX_CODE_BYTES}")
        })?;
    }
    let read = backend.read(&opened).await?;
    expect_equal(
        "`payment.id` of a read after the start",
        &super::payments::payment(&read)?.id,
        &payment.id,
    )
}

pub(super) async fn key(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (method, _) = methods(&backend.read(&opened).await?)?;
    let body = json!({ "payment_method": method, "environment": "desktop" }).to_string();
    let call = || backend.call(&opened, BrowserCall::Start).json(body.clone());
    let without = call().send(&backend.client).await?;
    without.refusal(400, code::IDEMPOTENCY_KEY_INVALID)?;
    let long = call().header(KEY_HEADER, &"k".repeat(256)).send(&backend.client).await?;
    long.refusal(400, code::IDEMPOTENCY_KEY_INVALID)
}

pub(super) async fn unknown_method(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let body = json!({ "payment_method": "cash", "environment": "desktop" });
    backend.start_with(&opened, &random_text()?, &body).await?.problem(400)?;
    let session = backend.read(&opened).await?;
    expect(session.payment.is_none(), || "a refused start has made a payment".to_owned())
}

pub(super) async fn repeated(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (method, _) = methods(&backend.read(&opened).await?)?;
    let key = random_text()?;
    let (one, two) =
        tokio::join!(backend.start(&opened, method, &key), backend.start(&opened, method, &key));
    let (one, two) = (one?, two?);
    // One of two concurrent calls may be refused as in progress.
    let is_told_to_wait = |status| status == 409;
    if is_told_to_wait(one.status) || is_told_to_wait(two.status) {
        let waiting = if is_told_to_wait(one.status) { &one } else { &two };
        waiting.refusal(409, code::IDEMPOTENCY_IN_PROGRESS)?;
    }
    let again: Session = backend.start(&opened, method, &key).await?.read()?;
    for answer in [one, two].iter().filter(|answer| !is_told_to_wait(answer.status)) {
        let first: Session = answer.read()?;
        expect_equal("`payment.id` of the repetition", &payment(&again)?.id, &payment(&first)?.id)?;
    }
    Ok(())
}

pub(super) async fn key_reused(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (one, other) = both(backend, &opened).await?;
    let key = random_text()?;
    let first: Session = backend.start(&opened, one, &key).await?.read()?;
    backend.start(&opened, other, &key).await?.refusal(409, code::IDEMPOTENCY_KEY_REUSED)?;
    let now = backend.read(&opened).await?;
    expect_equal("`payment.id` after the refusal", &payment(&now)?.id, &payment(&first)?.id)
}

pub(super) async fn active(backend: &Backend) -> Checked {
    let (opened, first, method) = started(backend).await?;
    let again: Session = backend.start(&opened, method, &random_text()?).await?.read()?;
    expect_equal("`payment.id` of the second start", &payment(&again)?.id, &payment(&first)?.id)
}

pub(super) async fn cut(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (method, _) = methods(&backend.read(&opened).await?)?;
    let key = random_text()?;
    for patience_ms in [1, 5, 20] {
        let start = backend.start(&opened, method, &key);
        let _cut = tokio::time::timeout(Duration::from_millis(patience_ms), start).await;
    }
    // The aborted call may still run: then the backend may answer that it is in progress.
    let mut session = None;
    for _ in 0..20 {
        let answer = backend.start(&opened, method, &key).await?;
        if answer.status != 409 {
            session = Some(answer.read::<Session>()?);
            break;
        }
        answer.refusal(409, code::IDEMPOTENCY_IN_PROGRESS)?;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let session = session.ok_or_else(|| broken("the repetition is still in progress after 5 s"))?;
    let again: Session = backend.start(&opened, method, &key).await?.read()?;
    expect_equal("`payment.id` of the repetition", &payment(&again)?.id, &payment(&session)?.id)
}

pub(super) async fn switch(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (one, other) = both(backend, &opened).await?;
    let first: Session = backend.start(&opened, one, &random_text()?).await?.read()?;
    let second: Session = backend.start(&opened, other, &random_text()?).await?.read()?;
    let (old, new) = (payment(&first)?, payment(&second)?);
    expect_equal("`payment.payment_method` after the switch", new.payment_method, other)?;
    expect(new.id != old.id, || "the switch keeps the id of the old payment".to_owned())?;
    if let Ok(code) = code_of(&first)
        && backend.approve(code, one).await.is_ok()
    {
        return old_code_paid(backend, &opened).await;
    }
    Ok(())
}

/// Money by the code before the switch: it completes the session, or is refunded.
async fn old_code_paid(backend: &Backend, opened: &Opened) -> Checked {
    for _ in 0..NOTICED_WITHIN_S {
        let session = backend.read(opened).await?;
        if session.status == SessionStatus::Complete || session.refund.is_some() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let how = "the code before the switch can still be paid, and that money is kept silently";
    Err(broken(how))
}

pub(super) async fn refresh(backend: &Backend) -> Checked {
    let (opened, first, _) = started(backend).await?;
    let id = payment(&first)?.id.clone();
    let fresh: Session = backend.on_payment(&opened, BrowserCall::Refresh(&id)).await?.read()?;
    expect_equal("`payment.id` after the refresh", &payment(&fresh)?.id, &id)?;
    expect_equal("`payment.status`", payment(&fresh)?.status, PaymentStatus::RequiresAction)?;
    backend.on_payment(&opened, BrowserCall::Cancel(&id)).await?.read::<Session>()?;
    let closed = backend.on_payment(&opened, BrowserCall::Refresh(&id)).await?;
    closed.refusal(409, code::PAYMENT_CLOSED)
}

pub(super) async fn check(backend: &Backend) -> Checked {
    let (opened, first, _) = started(backend).await?;
    let id = payment(&first)?.id.clone();
    let now: Session = backend.on_payment(&opened, BrowserCall::Check(&id)).await?.read()?;
    expect_equal("`status`", now.status, SessionStatus::Open)?;
    let status = payment(&now)?.status;
    expect(matches!(status, PaymentStatus::RequiresAction | PaymentStatus::Processing), || {
        format!("`payment.status` of an unpaid payment is {status:?} after a check")
    })
}

pub(super) async fn cancel(backend: &Backend) -> Checked {
    let (opened, first, method) = started(backend).await?;
    let id = payment(&first)?.id.clone();
    let now: Session = backend.on_payment(&opened, BrowserCall::Cancel(&id)).await?.read()?;
    expect_equal("`status` of the session", now.status, SessionStatus::Open)?;
    expect_equal("`payment.status`", payment(&now)?.status, PaymentStatus::Canceled)?;
    let next: Session = backend.start(&opened, method, &random_text()?).await?.read()?;
    expect(payment(&next)?.id != id, || {
        "a start after a cancel gives the canceled payment".to_owned()
    })
}

pub(super) async fn of_another(backend: &Backend) -> Checked {
    let (_, first, _) = started(backend).await?;
    let other = backend.open().await?;
    let id = &payment(&first)?.id;
    for call in [BrowserCall::Refresh(id), BrowserCall::Check(id), BrowserCall::Cancel(id)] {
        backend.on_payment(&other, call).await?.refusal(404, code::PAYMENT_NOT_FOUND)?;
    }
    Ok(())
}

pub(super) async fn revision(backend: &Backend) -> Checked {
    let (opened, first, method) = started(backend).await?;
    let id = payment(&first)?.id.clone();
    let canceled: Session = backend.on_payment(&opened, BrowserCall::Cancel(&id)).await?.read()?;
    let next: Session = backend.start(&opened, method, &random_text()?).await?.read()?;
    let read = backend.read(&opened).await?;
    let revisions = [first.revision, canceled.revision, next.revision];
    let grows = first.revision < canceled.revision && canceled.revision < next.revision;
    expect(grows, || {
        format!("`revision` after start, cancel and start is {revisions:?}, must grow")
    })?;
    expect(read.revision >= next.revision, || {
        format!("`revision` falls from {} to {}", next.revision, read.revision)
    })
}
