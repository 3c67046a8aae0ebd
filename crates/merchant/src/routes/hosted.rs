//! `/v1/checkout/hosted/{token}`: the page that works without JavaScript.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contract::{Environment, Flow, NextActionType, PaymentMethod, Session, StartPayment};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, USER_AGENT};

use crate::db::idempotency::Request;
use crate::error::Error;
use crate::hosted::{self, View, Way};
use crate::keys::new_id;
use crate::rules::Product;
use crate::service::{Backend, Shared, to_the_end};
use crate::web::client_ip::Caller;
use crate::web::{auth, body};

/// `GET …/{token}`
pub(super) async fn page(
    State(backend): State<Shared>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Some(session) = auth::hosted(&backend, &token).await? else {
        return Ok(hosted::not_found(&headers, "../"));
    };
    let session_id = session.id.as_str();
    let rows = backend.rows(session_id).await?;
    backend.hub.note_asked(session_id, backend.clock.uptime());
    let document = backend.draw_up(&rows);
    let query = query.unwrap_or_default();
    let field =
        |wanted: &str| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
    let (notice, chosen) = (field("notice"), field("wallet"));
    let environment = environment(&headers);
    let ways = ways(&backend, &document, environment);
    let product = rows.payment.as_ref().map(|payment| payment.product);
    let view = View {
        session: &document,
        token: &token,
        idempotency_key: &new_id("hosted-")?,
        notice: notice.as_ref().map(|(_, code)| code.as_ref()),
        return_url: rows.session.return_url.as_deref(),
        environment,
        ways: &ways,
        chosen: chosen.map(|(_, method)| PaymentMethod::parse(&method)),
        product,
        is_payable: product.is_some_and(|product| hosted::is_payable(product, environment)),
    };
    Ok(hosted::response(&headers, &view, backend.gateways.form_targets()))
}

/// `POST …/{token}/{call}`: makes the call of the submitted form, then redirects to the page, or
/// straight to the wallet's page if that is the way to pay.
pub(super) async fn act(
    State(backend): State<Shared>,
    Path((token, call)): Path<(String, String)>,
    Caller(client_ip): Caller,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Error> {
    let Some(session) = auth::hosted(&backend, &token).await? else {
        return Ok(hosted::not_found(&headers, "../../"));
    };
    let session_id = session.id;
    let fields = body::form(&headers, content).await?;
    let visitor = Visitor { environment: environment(&headers), ip: client_ip };
    let done = press(&backend, &session_id, visitor, &call, &fields).await;
    // Relative, because a proxy may have put us under another path.
    let back = match done {
        Ok(()) => match wallet_page(&backend, &session_id, visitor.environment, &call).await? {
            Some(address) => return Ok(Redirect::to(&address).into_response()),
            None => format!("../{token}"),
        },
        Err(error @ (Error::NotFound | Error::SessionNotFound)) => return Err(error),
        Err(error) => {
            if let Some(cause) = error.cause().filter(|_| !error.is_outage()) {
                tracing::error!(session.id = %session_id, cause, "a form of the hosted page failed");
            }
            format!("../{token}?notice={}", error.code())
        }
    };
    Ok(Redirect::to(&back).into_response())
}

/// `GET …/hosted.css`
pub(super) async fn stylesheet() -> Response {
    file("text/css; charset=utf-8", hosted::stylesheet())
}

/// `GET …/hosted.js`
pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", hosted::SCRIPT)
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

/// Returns the address of the wallet's page if the payment that a form has started, or whose address
/// it has renewed, continues there.
async fn wallet_page(
    backend: &Backend,
    session_id: &str,
    environment: Environment,
    call: &str,
) -> Result<Option<String>, Error> {
    if !matches!(call, "pay" | "refresh") {
        return Ok(None);
    }
    let rows = backend.rows(session_id).await?;
    let product = rows.payment.as_ref().map(|payment| payment.product);
    if !product.is_some_and(|product| hosted::is_payable(product, environment)) {
        return Ok(None);
    }
    let action = backend.draw_up(&rows).payment.and_then(|payment| payment.next_action);
    let redirect = action.filter(|action| action.kind == NextActionType::RedirectToUrl);
    Ok(redirect.and_then(|redirect| redirect.url))
}

/// The visitor of the page.
#[derive(Clone, Copy)]
struct Visitor {
    environment: Environment,
    ip: Option<IpAddr>,
}

async fn press(
    backend: &Shared,
    session_id: &str,
    visitor: Visitor,
    call: &str,
    fields: &[(String, String)],
) -> Result<(), Error> {
    let field = |name: &'static str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| Error::Malformed(format!("the field {name} is missing")))
    };
    let (caller, id) = (Shared::clone(backend), session_id.to_owned());
    match call {
        "pay" => {
            let asked = field("flow").ok().map(|flow| Flow::parse(&flow));
            let method = PaymentMethod::parse(&field("method")?);
            let body = start_payment(backend, session_id, visitor.environment, method, asked)?;
            let key = field("key")?;
            let request = Request::new(session_id, auth::check_idempotency_key(&key)?, &body);
            to_the_end(async move { caller.start(request, body, visitor.ip).await }).await
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

/// Returns the payment to start for a submitted wallet.
fn start_payment(
    backend: &Backend,
    session_id: &str,
    environment: Environment,
    payment_method: PaymentMethod,
    asked: Option<Flow>,
) -> Result<StartPayment, Error> {
    let known = backend.gateways.is_configured(payment_method);
    let product = hosted::product(payment_method, environment, asked, backend.gateways.products());
    if known && product.is_none() {
        return Err(Error::FlowUnavailable);
    }
    Ok(StartPayment {
        payment_method,
        environment,
        flow: product.map(Product::flow),
        return_url: Some(backend.hosted_url(session_id)),
    })
}

/// Returns the ways to pay with each wallet of a session in the visitor's environment; those that
/// work here first.
fn ways(backend: &Backend, session: &Session, environment: Environment) -> Vec<Way> {
    let products = backend.gateways.products();
    let methods = session.payment_methods.iter();
    let mut ways: Vec<Way> =
        methods.map(|method| hosted::way(*method, environment, products)).collect();
    ways.sort_by_key(|way| !way.opens_in(environment));
    ways
}

fn environment(headers: &HeaderMap) -> Environment {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    hosted::environment(user_agent.unwrap_or_default())
}
