//! A shop's own server: it serves the page, prices the cart and opens checkout sessions.
//!
//! This is all that a merchant writes besides the page. The prices and the secret key stay here;
//! the page gets a client secret, which opens one session and nothing else. The order page
//! contains the checkout's selector (`embed`), so that it is in the first paint. Orders are kept
//! in memory: a real shop keeps them in its database.
//!
//! `storefront --listen 127.0.0.1:8000 --root CHECKOUT --merchant URL --gateway URL`, with the
//! merchant API's secret key in `STOREFRONT_SECRET_KEY`.

mod catalog;
mod order_page;

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path as UrlPath, Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use catalog::PRODUCTS;
use contract::{
    Amount, CreateSession, EmbedAppearance, EmbedRequest, IDEMPOTENCY_KEY_HEADER, SESSIONS_PATH,
    SessionCreated, SessionStatus,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use order_page::{OrderPage, language};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The error of writing to stderr is ignored: there is nowhere to report it.
            let _ = writeln!(std::io::stderr(), "storefront: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::read()?;
    let listener = TcpListener::bind(settings.listen).await?;
    writeln!(std::io::stdout(), "storefront listening on http://{}", listener.local_addr()?)?;
    let shop = Shop {
        settings,
        orders: Mutex::default(),
        client: Client::builder(TokioExecutor::new()).build_http(),
    };
    axum::serve(listener, routes(Arc::new(shop))).with_graceful_shutdown(stop_signal()).await?;
    Ok(())
}

struct Settings {
    listen: SocketAddr,
    root: PathBuf,
    merchant: String,
    gateway: String,
    secret_key: String,
}

impl Settings {
    fn read() -> Result<Self, String> {
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 8000));
        let (mut root, mut merchant, mut gateway) = (PathBuf::from("."), None, None);
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--listen" => {
                    listen = value.parse().map_err(|_| format!("{value} is no address"))?
                }
                "--root" => root = PathBuf::from(value),
                "--merchant" => merchant = Some(value),
                "--gateway" => gateway = Some(value),
                _ => return Err(format!("unknown option {word}")),
            }
        }
        if !listen.ip().is_loopback() {
            return Err(format!("--listen {listen}: a demonstration listens on this machine only"));
        }
        Ok(Self {
            listen,
            root,
            merchant: merchant.ok_or("--merchant is missing: the merchant API's address")?,
            gateway: gateway.ok_or("--gateway is missing: the sandbox's address")?,
            secret_key: std::env::var("STOREFRONT_SECRET_KEY")
                .map_err(|_| "STOREFRONT_SECRET_KEY is missing: the merchant API's secret key")?,
        })
    }

    /// The page's Content Security Policy. `'wasm-unsafe-eval'` allows compiling Wasm and nothing
    /// else. The checkout needs no inline script, no style attribute and no Trusted Types policy;
    /// `nonce` is for the style sheet of the prerendered selector.
    fn policy(&self, nonce: Option<&str>) -> String {
        let Self { merchant, gateway, .. } = self;
        let style = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'{style}; \
             img-src 'self'; connect-src 'self' {merchant}; form-action 'self' {merchant} {gateway}; \
             frame-src {gateway}; base-uri 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        )
    }
}

struct Shop {
    settings: Settings,
    orders: Mutex<HashMap<String, Order>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

#[derive(Clone)]
struct Order {
    items: HashMap<String, i64>,
    /// The request that opened the session, and its key; the same request returns the same session.
    request: CreateSession,
    idempotency_key: String,
    session_id: String,
    client_secret: String,
}

/// The public data of an order.
#[derive(Serialize)]
struct OrderView {
    order_id: String,
    status: SessionStatus,
    amount: Amount,
    items: HashMap<String, i64>,
    client_secret: String,
    /// The session as just read: the widget shows it without waiting for its own request.
    session: contract::Session,
    api_base: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    /// The quantity of each product.
    items: HashMap<String, i64>,
    /// The language of the description on the bill.
    lang: String,
    /// The order that was made of this cart before. It stays the same order until it is paid, so
    /// that no second code is payable beside the first.
    order_id: Option<String>,
}

/// `POST /orders`: prices the cart and opens a session for it, or continues the cart's order.
async fn open_order(
    State(shop): State<Arc<Shop>>,
    Json(cart): Json<NewOrder>,
) -> Result<Json<OrderView>, Problem> {
    let (amount, description) = price(&cart)?;
    let earlier = cart.order_id.as_ref().and_then(|id| Some((id.clone(), shop.order(id)?)));
    let mut order_id = random_id()?;
    if let Some((id, order)) = earlier {
        let read = shop.read_session(&order).await?;
        if read.session.status == SessionStatus::Open {
            if order.items == cart.items {
                return Ok(Json(shop.view(id, order, &read)));
            }
            // The merchant API closes the session of another amount before it opens the new one.
            order_id = id;
        }
    }
    let request = CreateSession {
        metadata: BTreeMap::new(),
        return_url: Some(format!("http://{}/?order={order_id}", shop.settings.listen)),
        order_id: order_id.clone(),
        amount,
        description,
        payment_methods: None,
        expires_in_s: None,
        embed: None,
    };
    let idempotency_key = random_id()?;
    let created = shop.open_session(&request, &idempotency_key).await?;
    let client_secret = created.client_secret.clone().ok_or(Problem::MERCHANT)?;
    let session_id = created.session.id.clone();
    let order = Order { items: cart.items, request, idempotency_key, session_id, client_secret };
    let view = shop.view(order_id.clone(), order.clone(), &created);
    shop.orders.lock().unwrap_or_else(PoisonError::into_inner).insert(order_id, order);
    Ok(Json(view))
}

/// `GET /orders/{id}`: the order's status by the merchant API, not by the page.
async fn read_order(
    State(shop): State<Arc<Shop>>,
    UrlPath(order_id): UrlPath<String>,
) -> Result<Json<OrderView>, Problem> {
    let order = shop.order(&order_id).ok_or(Problem::UNKNOWN_ORDER)?;
    let read = shop.read_session(&order).await?;
    Ok(Json(shop.view(order_id, order, &read)))
}

/// `GET /`: the cart, and `GET /?order=…`: the page of an order with the checkout in it.
async fn page(
    State(shop): State<Arc<Shop>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = query.get("order").and_then(|id| Some((id, shop.order(id)?)));
    if let Some((id, order)) = order
        && let Some(page) = order_page(&shop, id, &order, &headers).await
    {
        return Ok(page);
    }
    // The page's script requests the order by itself, or reports that it is unknown.
    file(&shop, "index.html").await
}

/// The page of an order. `None` if the merchant API does not answer now.
async fn order_page(
    shop: &Shop,
    order_id: &str,
    order: &Order,
    headers: &HeaderMap,
) -> Option<Response> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = language(accepted.unwrap_or_default());
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).ok()?;
    let nonce = STANDARD.encode(random);
    let variables = VARIABLES.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let embed = EmbedRequest {
        locale: lang.to_owned(),
        layout: None,
        appearance: Some(EmbedAppearance { theme: None, variables: BTreeMap::from(variables) }),
        csp_nonce: Some(nonce.clone()),
        payment_method_order: None,
        return_url: None,
        show_pay_button: None,
    };
    let request = CreateSession { embed: Some(embed), ..order.request.clone() };
    let created = shop.open_session(&request, &order.idempotency_key).await.ok()?;
    let embed = created.embed.as_deref()?;
    let status = created.session.status;
    let index = read_file(shop.settings.root.join("index.html")).await?;
    let index = String::from_utf8(index).ok()?;
    let html = OrderPage {
        order_id,
        items: &order.items,
        amount: order.request.amount,
        lang,
        status,
        wallet: created.session.payment.as_ref().map(|payment| payment.payment_method),
        embed,
    }
    .html(&index)?;
    let policy = HeaderValue::from_str(&shop.settings.policy(Some(&nonce))).ok()?;
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    Some(response)
}

fn price(cart: &NewOrder) -> Result<(Amount, String), Problem> {
    let mut value = 0;
    let mut names = Vec::new();
    for (id, count) in &cart.items {
        if !PRODUCTS.iter().any(|product| product.id == id) || !(0..=MAX_COUNT).contains(count) {
            return Err(Problem::BAD_CART);
        }
    }
    for product in &PRODUCTS {
        let count = cart.items.get(product.id).copied().unwrap_or(0);
        if count > 0 {
            value += product.price * count;
            let name = if cart.lang.starts_with("zh") { product.zh } else { product.en };
            names.push(format!("{name} × {count}"));
        }
    }
    if names.is_empty() {
        Err(Problem::BAD_CART)
    } else {
        Ok((Amount::fen(value), names.join(", ")))
    }
}

/// Returns a random order number. It is in the page's address, so it must not be guessable.
fn random_id() -> Result<String, Problem> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|_| Problem::MERCHANT)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Shop {
    fn order(&self, id: &str) -> Option<Order> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Reads the session of an order.
    async fn read_session(&self, order: &Order) -> Result<SessionCreated, Problem> {
        let path = format!("{SESSIONS_PATH}/{}", order.session_id);
        self.ask(self.request(Method::GET, &path), Vec::new()).await
    }

    /// Opens the session of an order, or reads it again if the key is that of an earlier call.
    async fn open_session(
        &self,
        request: &CreateSession,
        idempotency_key: &str,
    ) -> Result<SessionCreated, Problem> {
        let body = serde_json::to_vec(request).map_err(|_| Problem::MERCHANT)?;
        let call = self
            .request(Method::POST, SESSIONS_PATH)
            .header(header::CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY_HEADER, idempotency_key);
        self.ask(call, body).await
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.settings.merchant))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.settings.secret_key))
    }

    /// Calls the merchant API.
    async fn ask(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Result<SessionCreated, Problem> {
        let request = request.body(Full::from(body)).map_err(|_| Problem::MERCHANT)?;
        let call = async {
            let response = self.client.request(request).await.ok()?;
            let is_good = response.status().is_success();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.ok()?;
            if is_good { serde_json::from_slice(&body.to_bytes()).ok() } else { None }
        };
        tokio::time::timeout(MERCHANT_TIMEOUT, call).await.ok().flatten().ok_or(Problem::MERCHANT)
    }

    fn view(&self, order_id: String, order: Order, read: &SessionCreated) -> OrderView {
        OrderView {
            order_id,
            status: read.session.status,
            amount: read.session.amount,
            items: order.items,
            client_secret: order.client_secret,
            session: read.session.clone(),
            api_base: self.settings.merchant.clone(),
        }
    }
}

fn routes(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/shop.json", get(shop_facts))
        .route("/orders", post(open_order))
        .route("/orders/{id}", get(read_order))
        .route("/www/{*path}", get(www))
        .route("/opencashier/{*path}", get(widget))
        .route(
            "/playground/",
            get(async |shop: State<Arc<Shop>>| playground_file(&shop, "index.html").await),
        )
        .route("/playground/{*path}", get(playground))
        .fallback(async || Problem::NOT_FOUND)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&shop), security_headers))
        .with_state(shop)
}

/// `GET /shop.json`: the prices, and the address of the sandbox's wallet phone.
async fn shop_facts(State(shop): State<Arc<Shop>>) -> Json<serde_json::Value> {
    let phone_url = format!("{}/phone", shop.settings.gateway);
    Json(serde_json::json!({ "products": PRODUCTS, "phone_url": phone_url }))
}

/// `GET /www/…`: the shop's own script, style sheet and images, and nothing else of that folder.
async fn www(
    State(shop): State<Arc<Shop>>,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, Problem> {
    if !path.starts_with("storefront") {
        return Err(Problem::NOT_FOUND);
    }
    file(&shop, &format!("www/{path}")).await
}

/// `GET /opencashier/…`: the built widget.
async fn widget(
    State(shop): State<Arc<Shop>>,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, Problem> {
    file(&shop, &format!("dist/{path}")).await
}

/// `GET /playground/…`: the widget with a scripted backend.
async fn playground(
    State(shop): State<Arc<Shop>>,
    UrlPath(path): UrlPath<String>,
) -> Result<Response, Problem> {
    playground_file(&shop, &path).await
}

async fn playground_file(shop: &Shop, path: &str) -> Result<Response, Problem> {
    file(shop, &format!("docs/playground/{path}")).await
}

async fn file(shop: &Shop, path: &str) -> Result<Response, Problem> {
    let path = Path::new(path);
    // A path with `..` or a root leaves the folder.
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let media_type = path.extension().and_then(|extension| media_type(extension.to_str()?));
    let (true, Some(media_type)) = (is_plain, media_type) else { return Err(Problem::NOT_FOUND) };
    let path = shop.settings.root.join(path);
    // A file with its content's hash in its name never changes.
    let cache_control = if is_named_by_content(&path) { CACHE_IMMUTABLE } else { "no-cache" };
    let bytes = read_file(path).await.ok_or(Problem::NOT_FOUND)?;
    Ok(([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, cache_control)], bytes)
        .into_response())
}

async fn read_file(path: PathBuf) -> Option<Vec<u8>> {
    tokio::task::spawn_blocking(move || std::fs::read(path)).await.ok()?.ok()
}

/// True if the file's name ends in `-` and ten letters and digits of its content's hash.
fn is_named_by_content(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn media_type(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        // Streaming compilation needs this type.
        "wasm" => "application/wasm",
        _ => return None,
    })
}

async fn security_headers(State(shop): State<Arc<Shop>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&shop.settings.policy(None)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address contains the order's number: other sites must not receive it.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// An error answer for the page.
struct Problem(StatusCode, &'static str);

impl Problem {
    const BAD_CART: Self =
        Self(StatusCode::UNPROCESSABLE_ENTITY, "the cart is empty or holds what we do not sell");
    const MERCHANT: Self =
        Self(StatusCode::BAD_GATEWAY, "the merchant API cannot be asked now: try again");
    const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND, "there is nothing here");
    const UNKNOWN_ORDER: Self = Self(StatusCode::NOT_FOUND, "there is no such order");
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(serde_json::json!({ "detail": self.1 }))).into_response()
    }
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    // Without SIGTERM, ctrl-c ends it.
    let _ = interrupt.await;
}

/// The shop's own colors, which its style sheet sets for day and night.
const VARIABLES: [(&str, &str); 6] = [
    ("colorPrimary", "var(--leaf)"),
    ("colorPrimaryText", "var(--on-leaf)"),
    ("colorBackground", "var(--card)"),
    ("colorText", "var(--ink)"),
    ("colorTextSecondary", "var(--soft)"),
    ("colorBorder", "var(--line)"),
];
const CACHE_IMMUTABLE: &str = "public, max-age=31536000, immutable";
const MAX_COUNT: i64 = 99;
const MAX_BODY: usize = 4 * 1024;
const MAX_ANSWER: usize = 256 * 1024;
const MERCHANT_TIMEOUT: Duration = Duration::from_secs(10);
