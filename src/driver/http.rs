//! Requests to the merchant's backend.
//!
//! `gloo-net` builds requests and reads answers, but never awaits a promise for us: it
//! holds a rejection that is not an `Error` for impossible, and a page's own `fetch` may
//! reject with anything.

use checkout::{Call, Fault};
use contract::{BrowserCall, IDEMPOTENCY_KEY_HEADER, Session};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestCache, RequestCredentials};

use super::wire;
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
    pub(crate) fn request(
        &self,
        call: BrowserCall<'_>,
        accept: &str,
        aborter: Option<&Aborter>,
    ) -> RequestBuilder {
        let mut url = self.base.clone();
        url.push_str(&call.path(&self.session_id));
        let method = if call.method() == "POST" { Method::POST } else { Method::GET };
        RequestBuilder::new(&url)
            .method(method)
            .header("Authorization", &self.authorization)
            .header("Accept", accept)
            .credentials(RequestCredentials::Omit)
            .cache(RequestCache::NoStore)
            .abort_signal(aborter.map(Aborter::signal).as_ref())
    }
}

/// Aborts its request when it is dropped.
pub(crate) struct Aborter(AbortController);

impl Aborter {
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    fn signal(&self) -> AbortSignal {
        self.0.signal()
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
    let sent = prefetched.map_or_else(|| send(build(api, &call, aborter)), Ok);
    async move {
        let text = body(receive(sent?).await?).await?;
        wire::session(&text).map(Box::new).ok_or_else(Fault::unreadable)
    }
}

/// Sends a request. None is one that could not be built, as for an address that is none.
pub(crate) fn send(request: Option<Request>) -> Result<Promise, Fault> {
    let request: web_sys::Request = request.ok_or_else(Fault::connection)?.into();
    let global = js_sys::global();
    let fetch = Reflect::get(&global, &JsValue::from_str("fetch"));
    let fetch = fetch.ok().and_then(|fetch| fetch.dyn_into::<Function>().ok());
    let promise = fetch.and_then(|fetch| fetch.call1(&global, &request).ok());
    promise.map(|promise| Promise::resolve(&promise)).ok_or_else(Fault::connection)
}

/// Awaits the answer's head; an error answer becomes its fault.
pub(crate) async fn receive(sent: Promise) -> Result<Response, Fault> {
    let answer = JsFuture::from(sent).await.map_err(|_| Fault::connection())?;
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
    let (essence, _) = content_type.split_once(';').unwrap_or((&content_type, ""));
    essence.trim_ascii().eq_ignore_ascii_case(media_type)
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name)
}

/// The whole body; one that is cut by the network is a lost connection.
async fn body(response: Response) -> Result<String, Fault> {
    let text = web_sys::Response::from(response).text().map_err(|_| Fault::unreadable())?;
    let text = JsFuture::from(text).await.map_err(|_| Fault::connection())?;
    text.as_string().ok_or_else(Fault::unreadable)
}

fn build(api: &Api, call: &Call, aborter: Option<&Aborter>) -> Option<Request> {
    let json = "application/json";
    match call {
        Call::Read => api.request(BrowserCall::Read, json, aborter).build().ok(),
        Call::Refresh(id) => api.request(BrowserCall::Refresh(id), json, aborter).build().ok(),
        Call::Check(id) => api.request(BrowserCall::Check(id), json, aborter).build().ok(),
        Call::Cancel(id) => api.request(BrowserCall::Cancel(id), json, aborter).build().ok(),
        Call::Start(start, key) => api
            .request(BrowserCall::Start, json, aborter)
            .header("Content-Type", json)
            .header(IDEMPOTENCY_KEY_HEADER, key)
            .body(wire::start_body(start)?)
            .ok(),
    }
}
