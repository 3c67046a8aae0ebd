//! `POST /v3/pay/transactions/{native,h5,jsapi}`: an order (gateways.md A3, G1.4, G1.7, G1.8).

pub(crate) mod fields;

use std::net::IpAddr;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::call::Call;
use super::reply::{Failure, ILLEGAL_PARAMETER, Reply};
use super::{h5, schema};
use crate::book::wechat::{Product, UNPAID_LIFE};
use crate::book::{Order, OrderState, Refunds};
use crate::state::Shared;
use crate::{clock, loopback};

pub(crate) fn native(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let code = order(shared, call, Product::Native)?;
    Ok(Reply::Json(json!({ "code_url": code })))
}

pub(crate) fn h5(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let code = order(shared, call, Product::H5)?;
    Ok(Reply::Json(json!({ "h5_url": h5::url(shared, &code) })))
}

pub(crate) fn jsapi(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let code = order(shared, call, Product::Jsapi)?;
    Ok(Reply::Json(json!({ "prepay_id": code })))
}

/// Makes an order, or a fresh code for an identical repetition.
fn order(shared: &Arc<Shared>, call: &Call, product: Product) -> Result<String, Failure> {
    let request = schema::parse(&call.body, fields::of(product))?;
    let keys = &shared.keys.wechat_pay;
    if text(&request, "/mchid") != Some(keys.mchid.as_str()) {
        return Err(Failure::parameter(
            "http header中的mchid与post payload中的mchid不匹配",
            "body",
            json!(""),
        ));
    }
    let terms = Terms::read(&request, product)?;
    if text(&request, "/appid") != Some(keys.appid.as_str()) {
        let message = "appid和mch_id不匹配，请检查后再试";
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "APPID_MCHID_NOT_MATCH",
            268_445_527,
            message,
        ));
    }

    if shared.faults().wechat_no_auth.contains(&product) {
        let message = "商户号该产品权限未开通，请前往商户平台>产品中心检查后重试";
        return Err(Failure::new(StatusCode::FORBIDDEN, "NO_AUTH", NO_AUTH, message));
    }

    let now = shared.clock.now();
    let mut book = shared.book();
    book.wechat.settle(now);
    let user = match text(&request, "/payer/openid") {
        None => None,
        Some(openid) => Some(book.wechat.user_of(openid).ok_or_else(other_openid)?),
    };
    let code = match book.wechat.by_number(&terms.out_trade_no) {
        Some(order) => {
            repeatable(order, &request, product, now)?;
            book.wechat.renew_code(&terms.out_trade_no, now)
        }
        None if book.wechat.is_full() => None,
        None => {
            let order = terms.into_order(request, user, now);
            let code = order.code.clone();
            book.wechat.add(order);
            Some(code)
        }
    };
    code.ok_or_else(Failure::limited)
}

/// The payer is unknown to this appid's OAuth.
fn other_openid() -> Failure {
    let (status, message) = (StatusCode::INTERNAL_SERVER_ERROR, "openid和appid不匹配");
    Failure::new(status, "OPENID_MISMATCH", NEEDS_OPENID, message)
}

/// Checks that a repeated request has exactly the parameters of the first one.
fn repeatable(
    order: &Order,
    request: &Value,
    product: Product,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    match order.state {
        OrderState::Success(_) => return Err(Failure::order_paid()),
        OrderState::Closed => {
            return Err(Failure::new(
                StatusCode::BAD_REQUEST,
                "ORDER_CLOSED",
                268_447_914,
                "该订单已关闭",
            ));
        }
        OrderState::NotPay => {}
    }
    if order.product != product || order.request != *request {
        let message = "请求重入时，参数与首次请求时不一致";
        return Err(Failure::new(StatusCode::FORBIDDEN, "OUT_TRADE_NO_USED", 268_498_688, message));
    }
    if now > order.pay_before {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "INVALID_REQUEST",
            268_447_914,
            "订单已过期",
        ));
    }
    Ok(())
}

/// The terms of an order, checked beyond the schema.
struct Terms {
    product: Product,
    out_trade_no: String,
    description: String,
    notify_url: String,
    attach: Option<String>,
    device_id: Option<String>,
    total: i64,
    time_expire: Option<OffsetDateTime>,
}

impl Terms {
    fn read(request: &Value, product: Product) -> Result<Self, Failure> {
        let owned = |pointer: &str| text(request, pointer).map(str::to_owned);
        let out_trade_no = owned("/out_trade_no").unwrap_or_default();
        check_number(&out_trade_no)?;
        let time_expire = match text(request, "/time_expire") {
            None => None,
            Some(time) => Some(clock::parse_wechat(time).ok_or_else(|| {
                schema::malformed(
                    "/body/time_expire",
                    "交易结束时间",
                    "不符合RFC3339标准格式",
                    time,
                )
            })?),
        };
        let notify_url = owned("/notify_url").unwrap_or_default();
        check_notify_url(&notify_url)?;
        if let Some(currency) =
            text(request, "/amount/currency").filter(|currency| *currency != "CNY")
        {
            return Err(schema::malformed(
                "/body/amount/currency",
                "货币类型",
                "只支持CNY",
                currency,
            ));
        }
        check_scene(request)?;
        Ok(Self {
            product,
            out_trade_no,
            description: owned("/description").unwrap_or_default(),
            notify_url,
            attach: owned("/attach"),
            device_id: owned("/scene_info/device_id"),
            total: request.pointer("/amount/total").and_then(Value::as_i64).unwrap_or_default(),
            time_expire,
        })
    }

    /// An early expiry is raised to a minute from now, a late one reduced to seven days.
    fn into_order(self, request: Value, user: Option<String>, now: OffsetDateTime) -> Order {
        let latest = clock::after(now, UNPAID_LIFE);
        let earliest = clock::after(now, Duration::minutes(1));
        Order {
            product: self.product,
            out_trade_no: self.out_trade_no,
            request,
            description: self.description,
            notify_url: self.notify_url,
            attach: self.attach,
            device_id: self.device_id,
            total: self.total,
            created_at: now,
            pay_before: self.time_expire.unwrap_or(latest).clamp(earliest, latest),
            state: OrderState::NotPay,
            code: self.product.new_code(now),
            code_made_at: now,
            is_open: false,
            user,
            captures: 0,
            refunds: Refunds::default(),
            attempts: Vec::new(),
        }
    }
}

/// The alphabet of order numbers (gateways.md A3.1).
fn check_number(number: &str) -> Result<(), Failure> {
    let legal =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*');
    if number.bytes().all(legal) {
        return Ok(());
    }
    Err(schema::malformed("/body/out_trade_no", "商户订单号", "只能是数字、大小写字母_-|*", number))
}

/// Checks the shopper's address, and that the H5 scene is one of three.
fn check_scene(request: &Value) -> Result<(), Failure> {
    let ip = text(request, "/scene_info/payer_client_ip");
    if let Some(ip) = ip.filter(|ip| ip.parse::<IpAddr>().is_err()) {
        let path = "/body/scene_info/payer_client_ip";
        return Err(schema::malformed(path, "用户终端IP", "不是合法的IP地址", ip));
    }
    let scene = text(request, "/scene_info/h5_info/type");
    match scene.filter(|scene| !matches!(*scene, "Wap" | "iOS" | "Android")) {
        None => Ok(()),
        Some(scene) => {
            let path = "/body/scene_info/h5_info/type";
            Err(schema::malformed(path, "场景类型", "只能是iOS, Android, Wap", scene))
        }
    }
}

/// Absolute, with a path, without query; and on this machine, which the real gateway refuses.
pub(super) fn check_notify_url(url: &str) -> Result<(), Failure> {
    let usable = loopback::parse(url)
        .is_some_and(|uri| uri.query().is_none() && url.matches('/').count() >= 3);
    if usable {
        return Ok(());
    }
    let rule = "应为不带参数的完整URL（沙箱只接受本机http地址）";
    Err(Failure {
        errno: Some(ILLEGAL_PARAMETER),
        ..schema::malformed("/body/notify_url", "通知地址", rule, url)
    })
}

fn text<'a>(request: &'a Value, pointer: &str) -> Option<&'a str> {
    request.pointer(pointer).and_then(Value::as_str)
}

/// Suffixes of `Request-ID` (gateways.md A4.5); that of a missing permission is not documented.
const NEEDS_OPENID: u32 = 268_501_013;
const NO_AUTH: u32 = 268_435_457;
