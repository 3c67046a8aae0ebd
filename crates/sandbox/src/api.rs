//! The sandbox's own JSON API, for the phone and for tests. No credentials: loopback only.
//! Bodies must be `application/json`, which keeps foreign web pages from posting here.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::body::read;
use crate::book::{OrderView, WaitingCode};
use crate::chaos::{Chaos, Settings};
use crate::console;
use crate::faults::Faults;
use crate::problem::Problem;
use crate::state::Shared;
use crate::wallet::{self, CodeError, Reading, Wallet};
use crate::{shopper, signing};

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/sandbox/codes", get(codes))
        .route("/sandbox/orders", get(orders))
        .route("/sandbox/scan", post(scan))
        .route("/sandbox/approve", post(approve))
        .route("/sandbox/refuse", post(refuse))
        .route("/sandbox/leave", post(leave))
        .route("/sandbox/refund", post(console::refund))
        .route("/sandbox/clock", post(advance_clock))
        .route("/sandbox/faults", get(show_faults).post(set_faults).delete(reset_faults))
        .route("/sandbox/faults/off", get(async || Json(Faults::default())))
        .route("/sandbox/certificates", get(certificates))
        .route("/sandbox/certificates/rotate", post(rotate))
        .route("/sandbox/chaos", get(show_chaos).post(set_chaos).delete(reset_chaos))
}

/// The request of a phone that scans a code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    code: String,
    /// The wallet that scans; without it, the one that the code is for.
    wallet: Option<Wallet>,
    /// The user who scans; the phone's owner by default.
    user: Option<String>,
    /// The way in which the code is read.
    #[serde(default)]
    by: Reading,
}

/// The order that the phone then shows.
#[derive(Serialize)]
struct Scanned {
    code: String,
    merchant: String,
    #[serde(flatten)]
    order: OrderView,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: u32,
}

async fn codes(State(shared): State<Arc<Shared>>) -> Json<Vec<WaitingCode>> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.settle(now);
    let mut codes = book.wechat.waiting_codes(now);
    codes.extend(book.alipay.waiting_codes(now));
    // The newest first: its page is most likely open.
    codes.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    Json(codes)
}

async fn orders(State(shared): State<Arc<Shared>>) -> Json<Vec<OrderView>> {
    let now = shared.clock.now();
    let mut book = shared.book();
    book.settle(now);
    let mut orders = book.wechat.views();
    orders.extend(book.alipay.views());
    orders.sort_by(|one, other| one.created_at.cmp(&other.created_at));
    Json(orders)
}

async fn scan(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Scanned>, Problem> {
    phone(&shared, &headers, &body, |wallet, code, user| shopper::scan(&shared, code, wallet, user))
}

async fn approve(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Scanned>, Problem> {
    phone(&shared, &headers, &body, |wallet, code, user| {
        shopper::approve(&shared, code, wallet, user)
    })
}

/// Nothing changes: a refused order stays unpaid at both gateways.
async fn refuse(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Scanned>, Problem> {
    phone(&shared, &headers, &body, |wallet, code, user| shopper::scan(&shared, code, wallet, user))
}

/// Nothing changes: the phone was left on the payment page.
async fn leave(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Scanned>, Problem> {
    phone(&shared, &headers, &body, |wallet, code, user| shopper::scan(&shared, code, wallet, user))
}

fn phone(
    shared: &Shared,
    headers: &HeaderMap,
    body: &[u8],
    act: impl FnOnce(Option<Wallet>, &str, &str) -> Result<OrderView, CodeError>,
) -> Result<Json<Scanned>, Problem> {
    let request: Scan = read(headers, body)?;
    let code = wallet::plain_code(request.code.trim());
    let code = code.as_ref();
    let user = request.user.clone().unwrap_or_else(|| shared.faults().user().to_owned());
    let order = shopper::readable(shared, code, request.by)
        .and_then(|()| act(request.wallet, code, &user))
        .map_err(|error| error.problem(request.wallet.or_else(|| shopper::owner(shared, code))))?;
    Ok(Json(Scanned { code: code.to_owned(), merchant: shared.merchant_name.clone(), order }))
}

/// Advances the clock, so that codes and orders expire; signatures keep the real time.
async fn advance_clock(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let request: Advance = read(&headers, &body)?;
    Ok(Json(json!({ "ahead_s": shared.clock.advance(request.advance_s) })))
}

async fn show_faults(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    Json(shared.faults().clone())
}

/// Sets the switches that the body names and leaves the others.
async fn set_faults(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Faults>, Problem> {
    let changes: Value = read(&headers, &body)?;
    let wrong = |detail| {
        let title = "These switches cannot be set";
        Problem::new(StatusCode::BAD_REQUEST, "invalid_faults", title, detail)
    };
    let wished = shared.faults().changed_by(&changes).map_err(wrong)?;
    signing::prepare(&shared, wished.wechat_trust).await.map_err(no_key)?;
    // Another change may have been made while the key was generated.
    let mut faults = shared.faults();
    let changed = faults.changed_by(&changes).map_err(wrong)?;
    *faults = changed.clone();
    Ok(Json(changed))
}

/// The certificates of both gateways as PEM, to configure a merchant in certificate mode by hand.
async fn certificates(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let platform: Vec<Value> = shared
        .certificates()
        .all()
        .iter()
        .map(|one| json!({ "serial_no": one.serial, "certificate": one.pem }))
        .collect();
    let keys = &shared.keys.alipay;
    Json(json!({
        "wechat_pay": platform,
        "alipay": {
            "app_cert": keys.app_cert,
            "alipay_cert": keys.alipay_cert,
            "alipay_root_cert": keys.alipay_root_cert,
        },
    }))
}

/// Creates a platform certificate, which signs from now on if certificates sign at all.
async fn rotate(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Problem> {
    let serial_no = signing::rotate(&shared).await.map_err(no_key)?;
    Ok(Json(json!({ "serial_no": serial_no })))
}

fn no_key(error: crate::Error) -> Problem {
    let title = "The sandbox cannot make a key";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no_key", title, error.to_string())
}

async fn reset_faults(State(shared): State<Arc<Shared>>) -> Response {
    *shared.faults() = Faults::default();
    StatusCode::NO_CONTENT.into_response()
}

async fn show_chaos(State(shared): State<Arc<Shared>>) -> Response {
    Json(&*shared.chaos()).into_response()
}

/// Resets the seeded faults, and sets these.
async fn set_chaos(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let settings: Settings = read(&headers, &body)?;
    settings.check().map_err(|detail| {
        let title = "These faults cannot be set";
        Problem::new(StatusCode::BAD_REQUEST, "invalid_chaos", title, detail)
    })?;
    let mut chaos = shared.chaos();
    *chaos = Chaos::new(settings);
    Ok(Json(&*chaos).into_response())
}

async fn reset_chaos(State(shared): State<Arc<Shared>>) -> Response {
    *shared.chaos() = Chaos::default();
    StatusCode::NO_CONTENT.into_response()
}
