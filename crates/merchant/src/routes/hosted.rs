//! `/v1/checkout/hosted/{token}`: the page that works without JavaScript.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contract::{Environment, PaymentMethod, StartPayment};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::db::idempotency::Request;
use crate::error::Error;
use crate::hosted::{self, STYLESHEET, View};
use crate::keys::new_id;
use crate::service::{Cashier, Shared, to_the_end};
use crate::web::{auth, body};

/// `GET …/{token}`
pub(super) async fn page(
    State(cashier): State<Shared>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Some(session_id) = cashier.keys.hosted_session(&token) else {
        return Ok(hosted::not_found(&headers, "../hosted.css"));
    };
    let rows = match cashier.rows(session_id).await {
        Err(Error::SessionNotFound) => return Ok(hosted::not_found(&headers, "../hosted.css")),
        rows => rows?,
    };
    cashier.hub.note_asked(session_id, cashier.clock.now());
    let document = cashier.draw_up(&rows);
    let query = query.unwrap_or_default();
    let notice = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "notice");
    let view = View {
        session: &document,
        token: &token,
        idempotency_key: &new_id("hosted-")?,
        notice: notice.as_ref().map(|(_, code)| code.as_ref()),
        return_url: rows.session.return_url.as_deref(),
    };
    Ok(hosted::response(&headers, &view))
}

/// `POST …/{token}/{call}`: does what was pressed, then goes back to the page.
pub(super) async fn act(
    State(cashier): State<Shared>,
    Path((token, call)): Path<(String, String)>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let Some(session_id) = cashier.keys.hosted_session(&token).map(str::to_owned) else {
        return Ok(hosted::not_found(&headers, "../../hosted.css"));
    };
    let fields = body::form(&headers, content).await?;
    let done = press(&cashier, &session_id, &call, &fields).await;
    // Relative, because a proxy may have put us under another path.
    let back = match done {
        Ok(()) => format!("../{token}"),
        Err(error @ (Error::NotFound | Error::SessionNotFound)) => return Err(error),
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(session.id = %session_id, cause, "a press on the hosted page failed");
            }
            format!("../{token}?notice={}", error.code())
        }
    };
    Ok(Redirect::to(&back).into_response())
}

/// `GET …/hosted.css`
pub(super) async fn stylesheet() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, STYLESHEET).into_response()
}

async fn press(
    cashier: &Shared,
    session_id: &str,
    call: &str,
    fields: &[(String, String)],
) -> Result<(), Error> {
    let field = |name: &'static str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| Error::Malformed(format!("the field {name} is missing")))
    };
    let (caller, id) = (Shared::clone(cashier), session_id.to_owned());
    match call {
        "pay" => {
            let body = start_payment(cashier, session_id, &field("method")?);
            let key = field("key")?;
            let request = Request::new(session_id, auth::check_idempotency_key(&key)?, &body);
            to_the_end(async move { caller.start(request, body).await }).await
        }
        "check" => {
            let payment_id = field("payment")?;
            to_the_end(async move { caller.check(&id, &payment_id).await }).await
        }
        "refresh" => {
            let payment_id = field("payment")?;
            to_the_end(async move { caller.refresh(&id, &payment_id).await }).await
        }
        "cancel" => {
            let payment_id = field("payment")?;
            to_the_end(async move { caller.cancel(&id, &payment_id).await }).await
        }
        _ => Err(Error::NotFound),
    }
}

fn start_payment(cashier: &Cashier, session_id: &str, method: &str) -> StartPayment {
    StartPayment {
        payment_method: PaymentMethod::parse(method),
        // A page without scripts cannot tell; what both wallets can do everywhere is a code.
        environment: Environment::Desktop,
        flow: None,
        return_url: Some(cashier.hosted_url(session_id)),
    }
}
