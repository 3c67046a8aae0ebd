//! Requests to the merchant's backend.
//!
//! `gloo-net` writes headers and reads answers, but never awaits a promise for us: it
//! holds a rejection that is not an `Error` for impossible, and a page's own `fetch` may
//! reject with anything. Its request builder brings queries that are not used here.

use checkout::{Call, Fault};
use contract::{BrowserCall, IDEMPOTENCY_KEY_HEADER, Session};
use gloo_net::http::{Headers, Response};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, Request};

use super::task::Settled;
use super::wire;
use crate::host::{global, member, object};
use crate::options::Options;

/// Where the backend is, and what it is asked with.
pub(crate) struct Api {
    base: String,
    session_id: String,
    authorization: String,
}

impl Api {
    pub(crate) fn new(options: &Options) -> Self {
        let mut authorization = "Bearer ".to_owned();
        authorization.push_str(options.secret.expose());
        Self {
            base: options.api_base.clone(),
            session_id: options.secret.session_id().to_owned(),
            authorization,
        }
    }

    /// A request that carries the secret in its header and nothing of the browser's own.
    /// Headers without a value are left out.
    ///
    /// # Errors
    /// It cannot be built, as to an address that is none.
    pub(crate) fn request(
        &self,
        call: BrowserCall<'_>,
        headers: &[(&str, &str)],
        body: Option<JsValue>,
        aborter: Option<&Aborter>,
    ) -> Result<Request, Fault> {
        let mut url = self.base.clone();
        url.push_str(&call.path(&self.session_id));
        let all = Headers::new();
        all.set("Authorization", &self.authorization);
        for (name, value) in headers {
            if !value.is_empty() {
                all.set(name, value);
            }
        }
        let text = JsValue::from_str;
        let init = object(&[
            ("method", text(call.method())),
            ("headers", all.into_raw().into()),
            ("body", body.unwrap_or(JsValue::UNDEFINED)),
            ("credentials", text("omit")),
            ("cache", text("no-store")),
            ("signal", aborter.map_or(JsValue::UNDEFINED, |aborter| aborter.0.signal().into())),
        ]);
        let request = Request::new_with_str_and_init(&url, init.unchecked_ref());
        request.map_err(|_| Fault::connection())
    }
}

/// Aborts its request when it is dropped.
pub(crate) struct Aborter(AbortController);

impl Aborter {
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }
}

impl Drop for Aborter {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks the backend; every call answers with the session.
///
/// The request is sent at once, not when the future is first polled.
pub(crate) fn exchange(
    api: &Api,
    call: Call,
    prefetched: Option<Promise>,
    aborter: Option<&Aborter>,
) -> impl Future<Output = Result<Box<Session>, Fault>> + 'static {
    let sent = prefetched.map_or_else(|| request(api, &call, aborter).and_then(send), Ok);
    async move {
        let text = body(receive(sent?).await?).await?;
        wire::session(&text).map(Box::new).ok_or_else(Fault::unreadable)
    }
}

/// Sends it by the page's own `fetch`, which may be anything.
///
/// # Errors
/// It cannot be sent.
pub(crate) fn send(request: Request) -> Result<Promise, Fault> {
    let global = global();
    let fetch = member(&global, "fetch").and_then(|fetch| fetch.dyn_into::<Function>().ok());
    let sent = fetch.and_then(|fetch| fetch.call1(&global, &request).ok());
    sent.map(|promise| Promise::resolve(&promise)).ok_or_else(Fault::connection)
}

/// Awaits the answer's head; an error answer becomes its fault.
pub(crate) async fn receive(sent: Promise) -> Result<Response, Fault> {
    let answer = Settled::of(sent).await.map_err(|_| Fault::connection())?;
    let answer: web_sys::Response = answer.dyn_into().map_err(|_| Fault::unreadable())?;
    let response = Response::from(answer);
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let retry_after_ms = header(&response, "Retry-After")
        .and_then(|text| text.parse::<u32>().ok())
        .map(|seconds| u64::from(seconds) * 1_000);
    let is_problem = has_type(&response, "application/problem+json");
    let problem = if is_problem { body(response).await.ok() } else { None };
    let fault = problem
        .and_then(|text| wire::problem(&text))
        .map_or_else(|| Fault::status(status), Fault::problem);
    Err(fault.retry_after(retry_after_ms))
}

/// Whether the answer's media type is `media_type`, whatever its parameters.
pub(crate) fn has_type(response: &Response, media_type: &str) -> bool {
    let content_type = header(response, "Content-Type").unwrap_or_default();
    let (essence, _) = contract::split_once(&content_type, ";").unwrap_or((&content_type, ""));
    essence.trim_ascii().eq_ignore_ascii_case(media_type)
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name)
}

/// The whole body; one that is cut by the network is a lost connection.
async fn body(response: Response) -> Result<String, Fault> {
    let text = web_sys::Response::from(response).text().map_err(|_| Fault::unreadable())?;
    let text = Settled::of(text).await.map_err(|_| Fault::connection())?;
    text.as_string().ok_or_else(Fault::unreadable)
}

/// The request of a call.
///
/// # Errors
/// It cannot be built.
pub(crate) fn request(api: &Api, call: &Call, aborter: Option<&Aborter>) -> Result<Request, Fault> {
    let json = "application/json";
    let (asked, key, body) = match call {
        Call::Read => (BrowserCall::Read, "", None),
        Call::Refresh(id) => (BrowserCall::Refresh(id), "", None),
        Call::Check(id) => (BrowserCall::Check(id), "", None),
        Call::Cancel(id) => (BrowserCall::Cancel(id), "", None),
        Call::Start(start, key) => {
            let body = wire::start_body(start).ok_or_else(Fault::connection)?;
            (BrowserCall::Start, key.as_str(), Some(body))
        }
    };
    let content = if body.is_some() { json } else { "" };
    let headers = [("Accept", json), ("Content-Type", content), (IDEMPOTENCY_KEY_HEADER, key)];
    api.request(asked, &headers, body, aborter)
}
