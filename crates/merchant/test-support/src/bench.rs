//! A shop and a sandbox, and their calls in tests.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use contract::{
    PaymentStatus, Problem, Refund, RefundStatus, Session, SessionCreated, SessionStatus,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use merchant::{App, Clash, Clock, Config};
use sandbox::{DesktopFlow, Flows, Keys, Options, Running, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::stored::{Database, Stored};

pub const SECRET_KEY: &str = "sk_0123456789abcdef01234567";
pub const ORIGIN: &str = "https://shop.example";

/// Returns the keys, made once because four RSA keys take seconds.
pub fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::generate().unwrap()).clone()
}

/// Both gateways, and one shop.
pub struct Bench {
    pub sandbox: Running,
    pub shop: Shop,
}

/// A running merchant backend.
pub struct Shop {
    pub base: String,
    pub clock: Clock,
    pub database: Database,
    /// The address of the metrics, if they are configured.
    pub metrics: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Result<(), Clash>>>,
}

/// A session that the merchant has opened.
#[derive(Clone)]
pub struct Opened {
    pub id: String,
    pub secret: String,
    pub hosted_url: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(DesktopFlow::Precreate, "").await
    }

    /// Starts a bench; `more` is merged over the configuration.
    pub async fn with(flows: impl Into<Flows>, more: &str) -> Self {
        let options = Options { keys: Some(keys()), notify_speed: 1_000, ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let shop = Shop::start(&sandbox, flows, more, Database::new(), Clock::default()).await;
        Self { sandbox, shop }
    }

    pub async fn approve(&self, code: &str) -> Answer {
        self.control("/sandbox/approve", json!({ "code": code })).await
    }

    /// Refunds a part of an order in the wallet's console.
    pub async fn refund_in_console(&self, out_trade_no: &str, number: &str, fen: i64) {
        let body = json!({ "out_trade_no": out_trade_no, "number": number, "amount": fen });
        assert_eq!(self.control("/sandbox/refund", body).await.status, 200);
    }

    pub async fn scan(&self, code: &str) -> Answer {
        self.control("/sandbox/scan", json!({ "code": code })).await
    }

    pub async fn faults(&self, faults: Value) {
        let answer = self.control("/sandbox/faults", faults).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Advances the gateways' clock.
    pub async fn advance(&self, seconds: u32) {
        let answer = self.control("/sandbox/clock", json!({ "advance_s": seconds })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Returns the gateways' orders, the oldest first.
    pub async fn orders(&self) -> Vec<Value> {
        let url = format!("{}/sandbox/orders", self.sandbox.base_url());
        serde_json::from_slice(&call(Method::GET, &url, &[], "").await.body).unwrap()
    }

    /// Returns the first order once a notification of it has been delivered. The acknowledgement
    /// reaches the sandbox a moment after its effect can be read at the merchant.
    pub async fn notified_order(&self) -> Value {
        for _ in 0..500 {
            let order = self.orders().await.swap_remove(0);
            if order["notifications"][0]["outcome"] == "delivered" {
                return order;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no notification was delivered: {:?}", self.orders().await);
    }

    async fn control(&self, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.sandbox.base_url());
        let json = [("content-type", "application/json")];
        call(Method::POST, &url, &json, &body.to_string()).await
    }
}

impl Shop {
    pub async fn start(
        sandbox: &Running,
        flows: impl Into<Flows>,
        more: &str,
        database: Database,
        clock: Clock,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let config = config(&base, sandbox, flows.into(), more, &database);
        let app = App::start(config, clock.clone()).await.unwrap();
        let metrics = app.metrics_address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(app.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { base, clock, database, metrics, stop: Some(stop), serving: Some(serving) }
    }

    /// Returns the text of its metrics, which must be configured.
    pub async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.metrics.expect("server.metrics is set"));
        let answer = call(Method::GET, &url, &[], "").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/plain"), "{:?}", answer.headers);
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    /// Returns a metric's value; `labels` are as in its text, with the braces.
    pub async fn metric(&self, name: &str, labels: &str) -> Option<i64> {
        let start = format!("{name}{labels} ");
        let text = self.metrics().await;
        text.lines().find_map(|line| line.strip_prefix(&start)?.parse().ok())
    }

    /// Asks it to stop as SIGTERM would.
    pub fn ask_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Stops it as SIGTERM would, and waits until it is down.
    pub async fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap().unwrap();
        }
    }

    /// Waits until it has stopped by itself.
    ///
    /// # Errors
    /// The reason for which it may not go on.
    pub async fn ended(mut self) -> Result<(), Clash> {
        self.serving.take().expect("it was started").await.unwrap()
    }

    pub async fn open(&self) -> Opened {
        self.open_with(json!({})).await
    }

    pub async fn open_with(&self, more: Value) -> Opened {
        let answer = self.create(&unique("order"), more).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let created: SessionCreated = answer.json();
        Opened {
            id: created.session.id,
            secret: created.client_secret.unwrap(),
            hosted_url: created.session.hosted_url,
        }
    }

    pub async fn create(&self, key: &str, more: Value) -> Answer {
        let mut body = json!({
            "order_id": format!("order-{key}"),
            "amount": { "value": 12_800, "currency": "CNY" },
            "description": "龙井茶 <b>& tea",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.merchant(Method::POST, "/v1/checkout/sessions", key, &body.to_string()).await
    }

    pub async fn merchant(&self, method: Method, path: &str, key: &str, body: &str) -> Answer {
        let authorization = format!("Bearer {SECRET_KEY}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        call(method, &format!("{}{path}", self.base), &headers, body).await
    }

    /// Makes a browser call under the session's path.
    pub async fn browser(&self, method: Method, session: &Opened, rest: &str) -> Answer {
        let authorization = format!("Bearer {}", session.secret);
        let url = format!("{}/v1/checkout/sessions/{}{rest}", self.base, session.id);
        call(method, &url, &[("authorization", authorization.as_str())], "").await
    }

    pub async fn session(&self, session: &Opened) -> Session {
        let answer = self.browser(Method::GET, session, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub async fn try_start(&self, session: &Opened, key: &str, body: Value) -> Answer {
        let authorization = format!("Bearer {}", session.secret);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let url = format!("{}/v1/checkout/sessions/{}/payments", self.base, session.id);
        call(Method::POST, &url, &headers, &body.to_string()).await
    }

    pub async fn start_payment(&self, session: &Opened, method: &str) -> Session {
        let answer = self.try_start(session, &unique("key"), start_body(method)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub async fn on_payment(&self, session: &Opened, payment_id: &str, call: &str) -> Answer {
        self.browser(Method::POST, session, &format!("/payments/{payment_id}/{call}")).await
    }

    /// Waits for an effect of gateway or worker.
    pub async fn wait_for(&self, session: &Opened, is_so: impl Fn(&Session) -> bool) -> Session {
        let start = Instant::now();
        loop {
            let document = self.session(session).await;
            if is_so(&document) {
                return document;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "waited in vain: {document:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn wait_for_status(&self, session: &Opened, status: SessionStatus) -> Session {
        self.wait_for(session, |document| document.status == status).await
    }

    /// Requests a refund as the merchant's own server does.
    pub async fn refund(&self, key: &str, body: Value) -> Answer {
        self.merchant(Method::POST, "/v1/refunds", key, &body.to_string()).await
    }

    /// Waits until a refund is not pending any more.
    pub async fn wait_for_refund(&self, id: &str) -> Refund {
        let start = Instant::now();
        loop {
            let answer = self.merchant(Method::GET, &format!("/v1/refunds/{id}"), "-", "").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let refund: Refund = answer.json();
            if refund.status != RefundStatus::Pending {
                return refund;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "waited in vain: {refund:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the first task of the outbox has had so many tries, and is not claimed.
    pub async fn wait_for_attempts(&self, attempts: u32) {
        let sql = format!("SELECT attempts >= {attempts} AND is_claimed = 0 FROM outbox LIMIT 1");
        for _ in 0..1_000 {
            if self.stored::<bool>(&sql) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the task was not tried");
    }

    /// Returns a paid session.
    pub async fn paid(&self, bench: &Bench, method: &str) -> (Opened, Session) {
        let session = self.open().await;
        let started = self.start_payment(&session, method).await;
        assert_eq!(bench.approve(&code(&started)).await.status, 200);
        let done = self.wait_for_status(&session, SessionStatus::Complete).await;
        (session, done)
    }

    /// Reads one value from the database.
    pub fn stored<T: Stored>(&self, sql: &str) -> T {
        self.database.one(sql)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // A test that restarts has moved the file to the next shop.
        if self.serving.is_some() {
            self.database.remove();
        }
    }
}

impl Answer {
    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks a whole problem document, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Problem {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Problem = self.json();
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(problem.status, status);
        assert_ne!(problem.error_type(), contract::ErrorType::Unknown);
        assert!(problem.request_id.starts_with("req_"), "{problem:?}");
        assert_eq!(problem.request_id, self.header("request-id"));
        problem
    }
}

pub fn start_body(method: &str) -> Value {
    json!({ "payment_method": method, "environment": "desktop" })
}

/// Returns the code that the shopper scans.
#[track_caller]
pub fn code(session: &Session) -> String {
    let payment = session.payment.as_ref().unwrap();
    assert_eq!(payment.status, PaymentStatus::RequiresAction, "{session:?}");
    payment.next_action.as_ref().unwrap().data.clone().unwrap()
}

#[track_caller]
pub fn payment_id(session: &Session) -> String {
    session.payment.as_ref().unwrap().id.clone()
}

#[track_caller]
pub fn status(session: &Session) -> PaymentStatus {
    session.payment.as_ref().unwrap().status
}

pub async fn call(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let response = send(method, url, headers, body.to_owned().into()).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status, headers: head.headers, body }
}

/// Does the same as [`call`], without reading the body.
pub async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Response<Incoming> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
    client.request(request.body(Full::new(body)).unwrap()).await.unwrap()
}

pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Returns a path that no other test uses.
pub fn path() -> std::path::PathBuf {
    std::env::temp_dir().join(unique("opencashier"))
}

/// Returns the configuration of the bench's shop, for the command line.
pub fn config_of(bench: &Bench) -> Config {
    config_with(bench, "")
}

/// Does the same with `more` merged over it.
pub fn config_with(bench: &Bench, more: &str) -> Config {
    config(&bench.shop.base, &bench.sandbox, Flows::default(), more, &bench.shop.database)
}

pub fn config(
    base: &str,
    sandbox: &Running,
    flows: Flows,
    more: &str,
    database: &Database,
) -> Config {
    // Tests send wrong secrets by the hundred; tests of the limits set their own.
    let server = format!(
        "[limits]\nwrong_secrets_per_minute = 0\n\
         [server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{base}\"\nallowed_origins = [\"{ORIGIN}\"]\n\
         secret_key = \"{SECRET_KEY}\"\nsigning_key = \"0123456789abcdef0123456789abcdef\"\n\
         merchant_name = \"Tea & Co\"\ndatabase = \"{}\"\n",
        database.setting()
    );
    let mut gateways = sandbox.keys.gateways_toml(&sandbox.base_url(), flows);
    if more.contains("\napp_cert = ") {
        // The application is set to certificates, which exclude Alipay's public key.
        let start = gateways.find("alipay_public_key = ").unwrap();
        let end = start + gateways[start..].find("desktop_flow = ").unwrap();
        gateways.replace_range(start..end, "");
    }
    let texts = [server, gateways, more.to_owned()];
    let file = std::path::Path::new("test.toml");
    Config::parse(texts.into_iter().map(|text| (file, text)), []).unwrap()
}
