//! A shopper's calls to the backend, through a network with faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use checkout::{Call, Fault, PROBLEM_MEDIA_TYPE};
use contract::{BrowserCall, IDEMPOTENCY_KEY_HEADER, Problem, Session};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::net::{Answer, Lost};
use crate::network::{CallFault, Kind, StreamFault};
use crate::opened::Opened;
use crate::plan::FaultRates;
use crate::world::{Count, World};

/// A shopper's connection to the backend.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) world: Arc<World>,
    pub(crate) shopper: u32,
    pub(crate) session_id: String,
    pub(crate) authorization: String,
    pub(crate) fault_rates: FaultRates,
    pub(crate) ends_at_ms: u64,
    pub(crate) is_offline: AtomicBool,
    calls: [AtomicU64; Kind::ALL.len()],
    streams: AtomicU64,
}

impl Api {
    pub(crate) fn new(
        world: &Arc<World>,
        shopper: u32,
        opened: &Opened,
        fault_rates: FaultRates,
    ) -> Self {
        Self {
            world: Arc::clone(world),
            shopper,
            session_id: opened.session_id.clone(),
            authorization: format!("Bearer {}", opened.secret),
            fault_rates,
            ends_at_ms: opened.ends_at_ms,
            is_offline: AtomicBool::new(false),
            calls: Default::default(),
            streams: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.is_offline.load(Ordering::Relaxed)
    }

    /// Returns the fault of the next call of this kind. Must be called in the order of the calls.
    pub(crate) fn next_fault(&self, call: &Call) -> CallFault {
        let kind = Kind::of(call);
        let counter = self.calls.get(kind as usize);
        let ordinal = counter.map_or(0, |counter| counter.fetch_add(1, Ordering::Relaxed));
        if self.world.is_calm() {
            return CallFault::None;
        }
        CallFault::drawn(self.world.seed, self.shopper, self.fault_rates, kind, ordinal)
    }

    /// Returns the fault of the next stream.
    pub(crate) fn next_stream_fault(&self) -> StreamFault {
        let ordinal = self.streams.fetch_add(1, Ordering::Relaxed);
        if self.world.is_calm() {
            return StreamFault::None;
        }
        StreamFault::drawn(self.world.seed, self.shopper, self.fault_rates, ordinal)
    }

    pub(crate) fn url(&self, call: BrowserCall<'_>) -> String {
        format!("{}{}", self.world.merchant, call.path(&self.session_id))
    }

    /// Makes a call with its fault, and returns the answer.
    pub(crate) async fn exchange(
        &self,
        call: Call,
        fault: CallFault,
    ) -> Result<Box<Session>, Fault> {
        if self.is_offline() {
            return Err(Fault::connection());
        }
        if let Some(name) = fault.name() {
            self.world.count(Count::Fault, name);
        }
        let clock = &self.world.clock;
        match fault {
            CallFault::LostBefore { ms } => {
                clock.sleep(ms).await;
                return Err(Fault::connection());
            }
            CallFault::SilentBefore => std::future::pending().await,
            CallFault::TooMany { retry_after_s } => {
                let mut headers = HeaderMap::new();
                headers.insert("retry-after", HeaderValue::from(retry_after_s));
                return read(made_up(StatusCode::TOO_MANY_REQUESTS, headers, ""));
            }
            CallFault::ErrorBefore => return read(page(StatusCode::INTERNAL_SERVER_ERROR, "oops")),
            CallFault::Portal => return read(page(StatusCode::OK, "<title>Log in to the Wi-Fi")),
            CallFault::BadGateway => return read(page(StatusCode::BAD_GATEWAY, "<h1>502")),
            CallFault::None
            | CallFault::LostAfter
            | CallFault::SilentAfter
            | CallFault::Late { .. }
            | CallFault::Cut { .. }
            | CallFault::ErrorAfter
            | CallFault::Twice => {}
        }
        let served = if fault == CallFault::Twice {
            let (_first, second) = tokio::join!(self.serve(&call), self.serve(&call));
            second
        } else {
            self.serve(&call).await
        };
        match fault {
            CallFault::LostAfter => return Err(Fault::connection()),
            CallFault::SilentAfter => std::future::pending().await,
            CallFault::Late { ms } => clock.sleep(ms).await,
            CallFault::Cut { silently: false } => return Err(Fault::connection()),
            CallFault::ErrorAfter => return read(page(StatusCode::INTERNAL_SERVER_ERROR, "oops")),
            _ => {}
        }
        let mut answer = served.map_err(|Lost| Fault::connection())?;
        if matches!(fault, CallFault::Cut { .. }) {
            answer.body.truncate(answer.body.len() / 2);
        }
        read(answer)
    }

    async fn serve(&self, call: &Call) -> Result<Answer, Lost> {
        let net = &self.world.net;
        let mut headers =
            vec![("authorization", self.authorization.as_str()), ("accept", "application/json")];
        let (browser_call, name) = match call {
            Call::Read => (BrowserCall::Read, "read"),
            Call::Start(..) => (BrowserCall::Start, "start"),
            Call::Refresh(id) => (BrowserCall::Refresh(id), "refresh"),
            Call::Check(id) => (BrowserCall::Check(id), "check"),
            Call::Cancel(id) => (BrowserCall::Cancel(id), "cancel"),
        };
        self.world.count(Count::Call, name);
        let url = self.url(browser_call);
        let method = if browser_call.method() == "POST" { Method::POST } else { Method::GET };
        let mut body = Bytes::new();
        if let Call::Start(start, key) = call {
            headers.push(("content-type", "application/json"));
            headers.push((IDEMPOTENCY_KEY_HEADER, key));
            body = serde_json::to_vec(start).map_err(|_| Lost)?.into();
        }
        net.call(method, &url, &headers, body).await
    }
}

/// Returns the session in an answer, or the fault.
fn read(answer: Answer) -> Result<Box<Session>, Fault> {
    if answer.status.is_success() {
        let mut deserializer = serde_json::Deserializer::from_slice(&answer.body);
        return contract::read(&mut deserializer)
            .map_err(|error| Fault::unreadable(&error.to_string()));
    }
    Err(refusal(answer.status, &answer.headers, &answer.body))
}

/// Returns the fault of an answer that is not a success.
pub(crate) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    let is_problem = crate::net::has_type(headers, PROBLEM_MEDIA_TYPE);
    let problem: Option<Problem> =
        if is_problem { serde_json::from_slice(body).ok() } else { None };
    Fault::answer(status.as_u16(), crate::net::header(headers, "retry-after"), problem)
}

fn page(status: StatusCode, text: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("text/html"));
    made_up(status, headers, text)
}

fn made_up(status: StatusCode, headers: HeaderMap, text: &'static str) -> Answer {
    Answer { status, headers, body: Bytes::from_static(text.as_bytes()) }
}
