//! Input that the widget never sends.

use contract::BrowserCall;
use reqwest::Method;

use crate::backend::{Backend, KEY_HEADER, random_text};
use crate::failure::{Checked, Failure, broken, expect};
use crate::http::{Call, client};

pub(super) async fn json(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"alipay\"",
        "{\"payment_method\":1,\"environment\":\"desktop\"}",
        "{\"payment_method\":\"alipay\",\"environment\":{}}",
        "\u{0}",
        deep.as_str(),
    ] {
        let call = backend.call(&opened, BrowserCall::Start).header(KEY_HEADER, &random_text()?);
        let answer = call.json(body).send(&backend.client).await?;
        let shown: String = body.chars().take(40).collect();
        answer.problem(400).map_err(|failure| broken(format!("body {shown:?}: {failure}")))?;
    }
    let session = backend.read(&opened).await?;
    expect(session.payment.is_none(), || "a body that is no request has made a payment".to_owned())
}

pub(super) async fn size(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let body = format!("{{\"payment_method\":\"{}\"}}", "a".repeat(1_000_000));
    let call = backend.call(&opened, BrowserCall::Start).header(KEY_HEADER, &random_text()?);
    // A server may close the connection of a body that it does not read.
    let own = client(&backend.api_base).map_err(Failure::NotChecked)?;
    let Ok(answer) = call.json(body).send(&own).await else {
        return Ok(()); // It hung up, which is a refusal too.
    };
    expect(matches!(answer.status, 400 | 413), || {
        format!("a body of a megabyte answers {}, must be 413", answer.status)
    })
}

pub(super) async fn paths(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let session = BrowserCall::Read.path(&opened.id);
    for (method, path, statuses) in [
        (Method::GET, "/v1/nothing".to_owned(), &[404][..]),
        (Method::GET, format!("{session}/payments/%00/check"), &[400, 404, 405]),
        (Method::POST, format!("{session}/payments/..%2f..%2f/check"), &[400, 404]),
        (Method::POST, format!("{session}/payments/{}/check", "p".repeat(2_000)), &[400, 404, 414]),
        (Method::PUT, session.clone(), &[404, 405]),
        (Method::DELETE, session.clone(), &[404, 405]),
        (Method::GET, "/v1/checkout/sessions/'%20or%201=1".to_owned(), &[401, 404]),
    ] {
        let call = Call::new(method, backend.url(&path)).bearer(&opened.secret).json("{}");
        let answer = call.send(&backend.client).await?;
        expect(statuses.contains(&answer.status), || {
            let name: String = answer.name.chars().take(120).collect();
            format!("{name} answers {}, must be one of {statuses:?}", answer.status)
        })?;
    }
    Ok(())
}
