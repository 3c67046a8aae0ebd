//! Reading a session, secrets, and the form of errors.

use std::time::Duration;

use contract::{BrowserCall, SessionStatus, code};
use reqwest::Method;

use super::payments::{payment, started};
use crate::backend::{AMOUNT_FEN, Backend, DESCRIPTION, Opened, random_text};
use crate::failure::{Checked, expect, expect_equal};
use crate::http::Call;

pub(super) async fn read(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let answer = backend.call(&opened, BrowserCall::Read).send(&backend.client).await?;
    expect_equal("the media type", answer.media_type().as_str(), "application/json")?;
    expect(answer.header("cache-control").contains("no-store"), || {
        "a session must be answered with `Cache-Control: no-store`: it is one shopper's".to_owned()
    })?;
    let session: contract::Session = answer.read()?;
    expect_equal("`id`", session.id.as_str(), opened.id.as_str())?;
    expect_equal("`status`", session.status, SessionStatus::Open)?;
    expect_equal("`amount.value`", session.amount.value, AMOUNT_FEN)?;
    expect_equal("`description`", session.description.as_str(), DESCRIPTION)?;
    expect(session.payment.is_none(), || "a new session must have no payment".to_owned())?;
    expect(!session.payment_methods.is_empty(), || "`payment_methods` is empty".to_owned())?;
    expect(session.server_time < session.expires_at, || {
        format!(
            "`server_time` {:?} is not before `expires_at` {:?}",
            session.server_time, session.expires_at
        )
    })?;
    let hosted = &session.hosted_url;
    expect(hosted.starts_with("https://") || hosted.starts_with("http://"), || {
        format!("`hosted_url` must be an http or https address, not {hosted:?}")
    })
}

pub(super) async fn clock(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let before = backend.read(&opened).await?.server_time.unix_ms();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let passed_ms = backend.read(&opened).await?.server_time.unix_ms() - before;
    expect((1_000..30_000).contains(&passed_ms), || {
        format!("`server_time` has moved by {passed_ms} ms in 1.1 s: the countdown follows it")
    })
}

pub(super) async fn hosted_page(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let url = backend.read(&opened).await?.hosted_url;
    let page = Call::new(Method::GET, url).send(&backend.client).await?;
    expect(page.status < 400, || {
        let why = "shoppers whose browser cannot run the widget end there";
        format!("{} answers {}: {why}", page.name, page.status)
    })
}

pub(super) async fn secret(backend: &Backend) -> Checked {
    let (one, other) = (backend.open().await?, backend.open().await?);
    let url = backend.url(&BrowserCall::Read.path(&one.id));
    let bare = Call::new(Method::GET, url.clone()).send(&backend.client).await?;
    bare.problem(401)?;
    for secret in [other.secret.as_str(), &format!("{}x", one.secret)] {
        let answer =
            Call::new(Method::GET, url.clone()).bearer(secret).send(&backend.client).await?;
        answer.refusal(401, code::CLIENT_SECRET_INVALID)?;
    }
    for secret in ["sk_test_1", ""] {
        let answer =
            Call::new(Method::GET, url.clone()).bearer(secret).send(&backend.client).await?;
        answer.problem(401)?;
    }
    payment_calls(backend, &other).await
}

/// Every call that changes a payment asks for the secret, too.
async fn payment_calls(backend: &Backend, stranger: &Opened) -> Checked {
    let (opened, session, method) = started(backend).await?;
    let id = payment(&session)?.id.clone();
    let intruder = Opened { id: opened.id.clone(), secret: stranger.secret.clone() };
    let start = backend.start(&intruder, method, &random_text()?).await?;
    start.refusal(401, code::CLIENT_SECRET_INVALID)?;
    for call in [BrowserCall::Refresh(&id), BrowserCall::Check(&id), BrowserCall::Cancel(&id)] {
        let answer = backend.on_payment(&intruder, call).await?;
        answer.refusal(401, code::CLIENT_SECRET_INVALID)?;
    }
    Ok(())
}

pub(super) async fn problem(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let unknown = BrowserCall::Check("pay_doesnotexist");
    let answer = backend.on_payment(&opened, unknown).await?;
    let problem = answer.problem(404)?;
    expect(!answer.header("request-id").is_empty(), || {
        format!("{} has no header Request-Id, by which a line of your log is found", answer.name)
    })?;
    expect(!problem.retryable, || {
        "a payment that does not exist is `retryable: false`".to_owned()
    })?;
    expect(!problem.title.is_empty() && !problem.detail.is_empty(), || {
        "`title` and `detail` must say what is wrong".to_owned()
    })
}
