//! A small merchant: it signs, sends, verifies, and listens for notifications.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sandbox::{Keys, Options, Running, Sandbox};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::Sha256;
use time::OffsetDateTime;
use time::macros::{format_description, offset};
use tokio::sync::mpsc;

pub(crate) fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::generate().unwrap()).clone()
}

/// A sandbox whose retries come a thousand times faster.
pub(crate) async fn start() -> Running {
    let options = Options { notify_speed: 1000, keys: Some(keys()), ..Options::default() };
    Sandbox::start(options).await.unwrap()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} {:?}", self.status, self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request =
        http::Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    try_send(request.body(Full::new(body.into())).unwrap()).await.unwrap()
}

/// The whole answer, or the error.
async fn try_send(request: http::Request<Full<Bytes>>) -> Result<Answer, String> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| error.to_string())?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

/// The sandbox's own API: `body` null means GET.
pub(crate) async fn own(running: &Running, path: &str, body: Value) -> Answer {
    let url = format!("{}{path}", running.base_url());
    match body {
        Value::Null => send("GET", &url, &[], "").await,
        body => send("POST", &url, &[("content-type", "application/json")], body.to_string()).await,
    }
}

pub(crate) async fn scan(running: &Running, code: &str) -> Answer {
    own(running, "/sandbox/scan", json!({ "code": code })).await
}

pub(crate) async fn approve(running: &Running, code: &str) -> Answer {
    own(running, "/sandbox/approve", json!({ "code": code })).await
}

/// The order as the sandbox's own API lists it.
pub(crate) async fn listed(running: &Running, out_trade_no: &str) -> Value {
    let orders = own(running, "/sandbox/orders", Value::Null).await.json();
    orders
        .as_array()
        .unwrap()
        .iter()
        .find(|order| order["out_trade_no"] == out_trade_no)
        .unwrap()
        .clone()
}

/// Waits until an order's notification has had `count` tries, then answers their outcomes.
pub(crate) async fn outcomes(running: &Running, out_trade_no: &str, count: usize) -> Vec<String> {
    let wait = async {
        loop {
            let order = listed(running, out_trade_no).await;
            let tries = order["notifications"].as_array().unwrap();
            if tries.len() >= count {
                return tries
                    .iter()
                    .map(|one| one["outcome"].as_str().unwrap().to_owned())
                    .collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("notification tries")
}

pub(crate) fn sign(private_pem: &str, message: &str) -> String {
    let key = SigningKey::<Sha256>::new(RsaPrivateKey::from_pkcs8_pem(private_pem).unwrap());
    STANDARD.encode(key.sign(message.as_bytes()).to_vec())
}

pub(crate) fn verifies(public_pem: &str, message: &str, signature: &str) -> bool {
    let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from_public_key_pem(public_pem).unwrap());
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    Signature::try_from(signature.as_slice())
        .is_ok_and(|signature| key.verify(message.as_bytes(), &signature).is_ok())
}

/// The parts of a WeChat Pay merchant's `Authorization`; tests change some of them.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) scheme: String,
    pub(crate) mchid: String,
    pub(crate) serial_no: String,
    pub(crate) timestamp: i64,
    /// Signs this in place of the true message.
    pub(crate) instead: Option<String>,
}

impl Credentials {
    pub(crate) fn right() -> Self {
        let keys = keys().wechat_pay;
        Self {
            scheme: "WECHATPAY2-SHA256-RSA2048".into(),
            mchid: keys.mchid,
            serial_no: keys.merchant_serial,
            timestamp: OffsetDateTime::now_utc().unix_timestamp(),
            instead: None,
        }
    }

    pub(crate) fn header(&self, method: &str, url: &str, body: &[u8]) -> String {
        let keys = keys();
        let Self { scheme, mchid, serial_no, timestamp, instead } = self;
        let mut message = format!("{method}\n{url}\n{timestamp}\n{NONCE}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        let key =
            RsaPrivateKey::from_pkcs8_pem(keys.wechat_pay.merchant_private_key.expose()).unwrap();
        let message = instead.clone().map_or(message, String::into_bytes);
        let signature = STANDARD.encode(SigningKey::<Sha256>::new(key).sign(&message).to_vec());
        format!(
            "{scheme} mchid=\"{mchid}\",nonce_str=\"{NONCE}\",timestamp=\"{timestamp}\",\
             serial_no=\"{serial_no}\",signature=\"{signature}\""
        )
    }
}

/// A signed WeChat Pay call.
pub(crate) async fn wechat(
    running: &Running,
    method: &str,
    url: &str,
    body: impl Into<Bytes>,
) -> Answer {
    let body = body.into();
    let authorization = Credentials::right().header(method, url, &body);
    wechat_with(running, method, url, body, &authorization).await
}

/// A signed WeChat Pay call that may not be answered whole.
pub(crate) async fn try_wechat(
    running: &Running,
    method: &str,
    url: &str,
    body: impl Into<Bytes>,
) -> Result<Answer, String> {
    let body = body.into();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{}{url}", running.base_url()))
        .header("authorization", Credentials::right().header(method, url, &body))
        .header("accept", "application/json")
        .header("user-agent", "test")
        .header("content-type", "application/json");
    try_send(request.body(Full::new(body)).unwrap()).await
}

pub(crate) async fn wechat_with(
    running: &Running,
    method: &str,
    url: &str,
    body: impl Into<Bytes>,
    authorization: &str,
) -> Answer {
    let headers = [
        ("authorization", authorization),
        ("accept", "application/json"),
        ("user-agent", "test"),
        ("content-type", "application/json"),
    ];
    send(method, &format!("{}{url}", running.base_url()), &headers, body).await
}

/// True if the `Wechatpay-*` headers sign this body.
pub(crate) fn is_wechat_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let keys = keys().wechat_pay;
    let text =
        |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = String::from_utf8_lossy(body);
    let message = format!("{}\n{}\n{body}\n", text("wechatpay-timestamp"), text("wechatpay-nonce"));
    text("wechatpay-serial") == keys.public_key_id
        && verifies(&keys.public_key, &message, &text("wechatpay-signature"))
}

/// A native order's body.
pub(crate) fn native(out_trade_no: &str, notify_url: &str) -> Value {
    let keys = keys().wechat_pay;
    json!({
        "appid": keys.appid,
        "mchid": keys.mchid,
        "description": "测试商品 A+B",
        "out_trade_no": out_trade_no,
        "notify_url": notify_url,
        "attach": "5_21",
        "amount": { "total": 12_800, "currency": "CNY" },
    })
}

pub(crate) async fn native_code(running: &Running, body: &Value) -> String {
    let answer = wechat(running, "POST", "/v3/pay/transactions/native", body.to_string()).await;
    answer.json()["code_url"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The text over which Alipay signs.
pub(crate) fn canonical(pairs: &BTreeMap<String, String>, skipped: &[&str]) -> String {
    let kept =
        pairs.iter().filter(|(name, value)| !skipped.contains(&name.as_str()) && !value.is_empty());
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The parameters of a call, without signature.
pub(crate) fn alipay_params(method: &str, content: &Value) -> BTreeMap<String, String> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let now = OffsetDateTime::now_utc().to_offset(offset!(+8)).format(&format).unwrap();
    let pairs = [
        ("app_id", keys().alipay.app_id),
        ("method", method.to_owned()),
        ("format", "JSON".to_owned()),
        ("charset", "utf-8".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("timestamp", now),
        ("version", "1.0".to_owned()),
        ("biz_content", content.to_string()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(crate) fn alipay_signed(mut params: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let signature = sign(keys().alipay.app_private_key.expose(), &canonical(&params, &["sign"]));
    params.insert("sign".into(), signature);
    params
}

pub(crate) fn encode<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Sends as the official SDK does: everything in the query but `biz_content`.
pub(crate) async fn alipay_send(running: &Running, params: &BTreeMap<String, String>) -> Answer {
    let query = encode(params.iter().filter(|(name, _)| *name != "biz_content"));
    let form = encode(params.iter().filter(|(name, _)| *name == "biz_content"));
    let kind = [("content-type", "application/x-www-form-urlencoded;charset=utf-8")];
    send("POST", &format!("{}/gateway.do?{query}", running.base_url()), &kind, form).await
}

/// A signed call; answers the node, whose signature holds.
pub(crate) async fn alipay(running: &Running, method: &str, content: Value) -> Value {
    let answer = alipay_send(running, &alipay_signed(alipay_params(method, &content))).await;
    let (node, is_signed) = node(&answer, method);
    assert!(is_signed, "{answer:?}");
    node
}

/// The node of a method's answer, and whether it is signed rightly.
pub(crate) fn node(answer: &Answer, method: &str) -> (Value, bool) {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html;charset=utf-8");
    let whole: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&answer.body).unwrap();
    let raw = whole[&format!("{}_response", method.replace('.', "_"))].get();
    let signature =
        whole.get("sign").map(|sign| serde_json::from_str::<String>(sign.get()).unwrap());
    let is_signed = signature
        .is_some_and(|signature| verifies(&keys().alipay.alipay_public_key, raw, &signature));
    (serde_json::from_str(raw).unwrap(), is_signed)
}

/// A notification that a merchant received.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Opens a WeChat Pay notification's resource.
pub(crate) fn open_resource(told: &Told) -> Value {
    let outer: Value = serde_json::from_slice(&told.body).unwrap();
    let resource = &outer["resource"];
    let text = |name: &str| resource[name].as_str().unwrap();
    let cipher =
        Aes256Gcm::new_from_slice(keys().wechat_pay.api_v3_key.expose().as_bytes()).unwrap();
    let nonce: [u8; 12] = text("nonce").as_bytes().try_into().unwrap();
    let sealed = STANDARD.decode(text("ciphertext")).unwrap();
    let payload = Payload { msg: &sealed, aad: text("associated_data").as_bytes() };
    serde_json::from_slice(&cipher.decrypt(&nonce.into(), payload).unwrap()).unwrap()
}

/// Reads an Alipay notification, whose signature holds.
pub(crate) fn read_alipay(told: &Told) -> BTreeMap<String, String> {
    let pairs: BTreeMap<String, String> = form_urlencoded::parse(&told.body).into_owned().collect();
    let text = canonical(&pairs, &["sign", "sign_type"]);
    assert!(verifies(&keys().alipay.alipay_public_key, &text, &pairs["sign"]), "{text}");
    pairs
}

/// A merchant's notification address; each request gets the next reply, and the last one repeats.
pub(crate) struct Receiver {
    pub(crate) url: String,
    told: mpsc::UnboundedReceiver<Told>,
}

struct Replies {
    tell: mpsc::UnboundedSender<Told>,
    next: Mutex<Vec<(u16, &'static str)>>,
}

impl Receiver {
    pub(crate) async fn start(replies: &[(u16, &'static str)]) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let next = Mutex::new(replies.iter().rev().copied().collect());
        let app =
            axum::Router::new().fallback(receive).with_state(Arc::new(Replies { tell, next }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, told }
    }

    pub(crate) async fn told(&mut self) -> Told {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("a notification").unwrap()
    }
}

async fn receive(State(replies): State<Arc<Replies>>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let (status, text) = {
        let mut next = replies.next.lock().unwrap();
        if next.len() > 1 { next.pop().unwrap() } else { next[0] }
    };
    // The test may have ended.
    let _ = replies.tell.send(Told { headers: parts.headers, body });
    (StatusCode::from_u16(status).unwrap(), text)
}

/// An address that a test never expects a call to.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9/notify";
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const PATIENCE: Duration = Duration::from_secs(20);
