//! Opening and reading sessions by the merchant's own server.

use contract::{BrowserCall, SessionCreated};
use reqwest::Method;
use serde_json::{Value, json};

use crate::backend::{AMOUNT_FEN, Backend, random_text};
use crate::failure::{Checked, expect, expect_equal};
use crate::http::Call;

fn order() -> Checked<Value> {
    Ok(json!({
        "order_id": format!("conformance-{}", random_text()?),
        "amount": { "value": AMOUNT_FEN, "currency": "CNY" }, "description": "Tea",
    }))
}

pub(super) async fn repeated(backend: &Backend) -> Checked {
    let (secret_key, key, body) = (backend.secret_key()?, random_text()?, order()?);
    let answer = backend.post_session(secret_key, &key, &body).await?;
    expect_equal("the status of opening a session", answer.status, 201)?;
    let first: SessionCreated = answer.read()?;
    let again: SessionCreated = backend.post_session(secret_key, &key, &body).await?.read()?;
    expect_equal("`session.id` of the repetition", &again.session.id, &first.session.id)?;
    expect(again.client_secret == first.client_secret, || {
        "the repetition has another client secret than the first answer".to_owned()
    })
}

pub(super) async fn read(backend: &Backend) -> Checked {
    let (secret_key, body) = (backend.secret_key()?, order()?);
    let opened = backend.post_session(secret_key, &random_text()?, &body).await?;
    let opened: SessionCreated = opened.read()?;
    let order_id = body.get("order_id").and_then(Value::as_str);
    expect_equal("`order_id`", Some(opened.order_id.as_str()), order_id)?;
    let url = backend.url(&BrowserCall::Read.path(&opened.session.id));
    let read = Call::new(Method::GET, url).bearer(secret_key).send(&backend.client).await?;
    let read: SessionCreated = read.read()?;
    expect_equal("`order_id` of the session that is read", &read.order_id, &opened.order_id)?;
    expect(read.client_secret.is_none(), || {
        "reading a session must not give its client secret away".to_owned()
    })
}

pub(super) async fn refused(backend: &Backend) -> Checked {
    let secret_key = backend.secret_key()?;
    for (member, value) in [
        ("order_id", json!("")),
        ("amount", json!({ "value": 0, "currency": "CNY" })),
        ("description", json!(7)),
        ("expires_in_s", json!("soon")),
        ("colour", json!("red")),
    ] {
        let mut body = order()?;
        if let Some(members) = body.as_object_mut() {
            members.insert(member.to_owned(), value.clone());
        }
        let answer = backend.post_session(secret_key, &random_text()?, &body).await?;
        expect(answer.status == 400, || {
            format!("opening with {member} {value} answers {}, must be 400", answer.status)
        })?;
        answer.problem(400)?;
    }
    Ok(())
}
