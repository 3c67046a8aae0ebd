//! Requests to the merchant's backend.
//!
//! `gloo-net` builds the requests and reads the answers' heads. The promises are awaited here:
//! gloo-net panics where one rejects with something other than an `Error`, as a page's patched
//! `fetch` may, and does not abort a request whose future is dropped.

use checkout::{Call, Fault, PROBLEM_MEDIA_TYPE, has_media_type};
use contract::{BrowserCall, ClientSecret, IDEMPOTENCY_KEY_HEADER, Problem, Session};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestCredentials};

use super::json;

#[wasm_bindgen]
extern "C" {
    /// The page's `fetch`. A patched one may throw, and may return anything.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// The backend's address and the session's authorisation.
#[derive(Clone)]
pub(crate) struct Api {
    base: String,
    session_id: String,
    authorization: String,
}

impl Api {
    pub(crate) fn new(base: &str, secret: &ClientSecret) -> Self {
        Self {
            base: base.to_owned(),
            session_id: secret.session_id().to_owned(),
            authorization: format!("Bearer {}", secret.expose()),
        }
    }

    /// Begins a request that carries the client secret in its header, and no cookies.
    pub(crate) fn request(&self, call: BrowserCall<'_>) -> RequestBuilder {
        let url = format!("{}{}", self.base, call.path(&self.session_id));
        let method = if call.method() == "POST" { Method::POST } else { Method::GET };
        RequestBuilder::new(&url)
            .method(method)
            .header("Authorization", &self.authorization)
            .credentials(RequestCredentials::Omit)
            .cache(RequestCache::NoStore)
    }
}

/// Aborts its request when it is dropped.
pub(crate) struct AbortGuard(AbortController);

impl AbortGuard {
    /// None if the browser cannot abort requests.
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    /// Makes `request` abortable.
    pub(crate) fn attach(&self, request: RequestBuilder) -> RequestBuilder {
        request.abort_signal(Some(&self.0.signal()))
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a call and reads the session, which every call answers with. The request is sent at
/// once, not when the future is first polled.
pub(crate) fn exchange(
    api: &Api,
    call: Call,
    prefetched: Option<Promise>,
    guard: Option<&AbortGuard>,
) -> impl Future<Output = Result<Box<Session>, Fault>> + 'static {
    let sent = prefetched.map_or_else(|| build(api, call, guard).and_then(send), Ok);
    async move {
        let text = body(receive(sent?).await?).await?;
        json::parse(&text).map(Box::new).map_err(|reason| Fault::unreadable(&reason))
    }
}

fn build(api: &Api, call: Call, guard: Option<&AbortGuard>) -> Result<Request, Fault> {
    let request = match &call {
        Call::Read => api.request(BrowserCall::Read),
        Call::Start(_, key) => api.request(BrowserCall::Start).header(IDEMPOTENCY_KEY_HEADER, key),
        Call::Refresh(id) => api.request(BrowserCall::Refresh(id)),
        Call::Check(id) => api.request(BrowserCall::Check(id)),
        Call::Cancel(id) => api.request(BrowserCall::Cancel(id)),
    };
    let request = request.header("Accept", "application/json");
    let request = match guard {
        Some(guard) => guard.attach(request),
        None => request,
    };
    match &call {
        Call::Start(start, _) => {
            let body = json::to_text(start).ok_or_else(Fault::connection)?;
            finish(request.header("Content-Type", "application/json"), Some(&body))
        }
        Call::Read | Call::Refresh(_) | Call::Check(_) | Call::Cancel(_) => finish(request, None),
    }
}

/// Builds the request. A request without a body says so by an own member, so that it takes none
/// from a polluted `Object.prototype`.
///
/// # Errors
/// The address cannot be requested.
pub(crate) fn finish(request: RequestBuilder, body: Option<&str>) -> Result<Request, Fault> {
    let body = body.map_or(JsValue::UNDEFINED, JsValue::from_str);
    request.body(body).map_err(|_| Fault::connection())
}

/// Sends the request by the page's own `fetch`.
///
/// # Errors
/// It cannot be sent.
pub(crate) fn send(request: Request) -> Result<Promise, Fault> {
    let sent = fetch(&request.into()).map_err(|_| Fault::connection())?;
    Ok(Promise::resolve(&sent))
}

/// Awaits the answer's head. An error answer becomes its fault.
pub(crate) async fn receive(sent: Promise) -> Result<Response, Fault> {
    let answer = JsFuture::from(sent).await.map_err(|_| Fault::connection())?;
    let answer: web_sys::Response =
        answer.dyn_into().map_err(|_| Fault::unreadable("fetch gave no Response"))?;
    let response = Response::from(answer);
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let retry_after = response.headers().get("Retry-After");
    Err(Fault::answer(status, retry_after.as_deref(), problem(response).await))
}

async fn problem(response: Response) -> Option<Problem> {
    if !has_type(&response, PROBLEM_MEDIA_TYPE) {
        return None;
    }
    json::parse(&body(response).await.ok()?).ok()
}

/// True if the answer's media type is `media_type`, with any parameters.
pub(crate) fn has_type(response: &Response, media_type: &str) -> bool {
    has_media_type(response.headers().get("Content-Type").as_deref(), media_type)
}

/// Reads the whole body; one that the network cuts is a lost connection.
async fn body(response: Response) -> Result<String, Fault> {
    let response = web_sys::Response::from(response);
    let text = response.text().map_err(|_| Fault::unreadable("the body was read before"))?;
    let text = JsFuture::from(text).await.map_err(|_| Fault::connection())?;
    text.as_string().ok_or_else(|| Fault::unreadable("the body is no text"))
}
