//! The stream of server-sent events.

use std::time::Duration;

use contract::{BrowserCall, PaymentStatus, SessionStatus};
use reqwest::Method;

use super::payments::{code_of, payment, started};
use crate::backend::Backend;
use crate::failure::{Checked, Failure, broken, expect, expect_equal};
use crate::http::Call;
use crate::stream::Stream;

/// Limit of the time until a change is streamed.
const SOON: Duration = Duration::from_secs(5);
/// Limit of the time until a payment is streamed after the gateway has it.
const PAID_WITHIN: Duration = Duration::from_secs(30);
const HEARTBEAT_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn first(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let session = Stream::open(backend, &opened).await?.next(SOON).await?;
    expect_equal("`id` of the first event's session", session.id.as_str(), opened.id.as_str())
}

pub(super) async fn secret(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let url = backend.url(&BrowserCall::Events.path(&opened.id));
    let call = Call::new(Method::GET, url).bearer("cs_1_secret_2");
    // The body of a stream has no end, so only the head is read.
    let answer = call.request(&backend.client).send().await;
    let lost = |error| broken(format!("the stream is not answered: {error}"));
    let status = answer.map_err(lost)?.status();
    expect(status == 401, || {
        format!("with another session's secret it answers {status}, must be 401")
    })
}

pub(super) async fn changes(backend: &Backend) -> Checked {
    let (opened, session, _) = started(backend).await?;
    let mut stream = Stream::open(backend, &opened).await?;
    let before = stream.next(SOON).await?;
    expect(before.revision >= session.revision, || {
        format!(
            "the first event's revision is {}, older than {}",
            before.revision, session.revision
        )
    })?;
    let id = payment(&session)?.id.clone();
    backend.on_payment(&opened, BrowserCall::Cancel(&id)).await?;
    let is_canceled = |session: &contract::Session| {
        session.payment.as_ref().is_some_and(|payment| payment.status == PaymentStatus::Canceled)
    };
    let after = stream.until(SOON, is_canceled).await?;
    expect(after.revision > before.revision, || "a change has the revision of before".to_owned())
}

pub(super) async fn paid(backend: &Backend) -> Checked {
    let (opened, session, method) = started(backend).await?;
    let mut stream = Stream::open(backend, &opened).await?;
    stream.next(SOON).await?;
    backend.approve(code_of(&session)?, method).await?;
    let is_complete = |session: &contract::Session| session.status == SessionStatus::Complete;
    stream.until(PAID_WITHIN, is_complete).await.map(|_| ())
}

pub(super) async fn heartbeat(backend: &Backend) -> Checked {
    if !backend.is_slow_wanted {
        return Err(Failure::NotChecked("takes 20 seconds: give --slow".to_owned()));
    }
    let opened = backend.open().await?;
    let mut stream = Stream::open(backend, &opened).await?;
    stream.next(SOON).await?;
    stream.next(HEARTBEAT_WITHIN).await.map(|_| ())
}
