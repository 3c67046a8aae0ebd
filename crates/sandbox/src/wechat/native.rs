//! `POST /v3/pay/transactions/native`: an order to be paid by a QR code (gateways.md A3, G1.7).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Call;
use super::reply::{Failure, ILLEGAL_PARAMETER, Reply};
use super::schema::{self, Field, Kind, may, must};
use crate::book::wechat::{UNPAID_LIFE, new_code};
use crate::book::{Order, OrderState, Refunds};
use crate::server::Shared;
use crate::{clock, loopback};

/// Makes an order, or a fresh code for the same order asked for again.
pub(crate) fn order(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let request = schema::parse(&call.body, FIELDS)?;
    let keys = &shared.keys.wechat_pay;
    if text(&request, "/mchid") != Some(keys.mchid.as_str()) {
        return Err(Failure::parameter(
            "http header中的mchid与post payload中的mchid不匹配",
            "body",
            json!(""),
        ));
    }
    let terms = Terms::read(&request)?;
    if text(&request, "/appid") != Some(keys.appid.as_str()) {
        let message = "appid和mch_id不匹配，请检查后再试";
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "APPID_MCHID_NOT_MATCH",
            268_445_527,
            message,
        ));
    }

    let now = shared.clock.now();
    let mut book = shared.book();
    book.wechat.settle(now);
    let code = match book.wechat.by_number(&terms.out_trade_no) {
        Some(order) => {
            repeatable(order, &request, now)?;
            book.wechat.renew_code(&terms.out_trade_no, now)
        }
        None => {
            let order = terms.into_order(request, now);
            let code = order.code.clone();
            book.wechat.add(order);
            Some(code)
        }
    };
    Ok(Reply::Json(json!({ "code_url": code })))
}

/// Whether an order may be asked for again, with exactly the parameters of the first time.
fn repeatable(order: &Order, request: &Value, now: OffsetDateTime) -> Result<(), Failure> {
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
    if order.request != *request {
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

/// What the sandbox needs of an order, checked beyond the schema.
struct Terms {
    out_trade_no: String,
    description: String,
    notify_url: String,
    attach: Option<String>,
    device_id: Option<String>,
    total: i64,
    time_expire: Option<OffsetDateTime>,
}

impl Terms {
    fn read(request: &Value) -> Result<Self, Failure> {
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
        Ok(Self {
            out_trade_no,
            description: owned("/description").unwrap_or_default(),
            notify_url,
            attach: owned("/attach"),
            device_id: owned("/scene_info/device_id"),
            total: request.pointer("/amount/total").and_then(Value::as_i64).unwrap_or_default(),
            time_expire,
        })
    }

    /// Too early an expiry is raised to a minute from now, too late a one cut to seven days.
    fn into_order(self, request: Value, now: OffsetDateTime) -> Order {
        let latest = clock::after(now, UNPAID_LIFE);
        let earliest = clock::after(now, Duration::minutes(1));
        Order {
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
            code: new_code(),
            code_made_at: now,
            user: None,
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

/// Absolute, with a path, without query; and on this machine, where the real gateway wants the opposite.
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

/// The documented members of a native order (gateways.md A3.1): no `payer`, no `h5_info`.
static FIELDS: &[Field] = &[
    must("appid", "公众号ID", Kind::Text(1, 32)),
    must("mchid", "直连商户号", Kind::Text(1, 32)),
    must("description", "商品描述", Kind::Text(1, 127)),
    must("out_trade_no", "商户订单号", Kind::Text(6, 32)),
    may("time_expire", "交易结束时间", Kind::Text(1, 64)),
    may("attach", "附加数据", Kind::Text(0, 128)),
    must("notify_url", "通知地址", Kind::Text(1, 255)),
    may("goods_tag", "订单优惠标记", Kind::Text(0, 32)),
    may("support_fapiao", "电子发票入口开放标识", Kind::Flag),
    may(
        "limit_pay",
        "指定支付方式",
        Kind::Texts(&["no_credit", "no_debit", "no_balance", "balance_only"]),
    ),
    must("amount", "订单金额", Kind::Object(AMOUNT)),
    may("detail", "优惠功能", Kind::Sized(6144, DETAIL)),
    may("scene_info", "场景信息", Kind::Object(SCENE)),
    may(
        "settle_info",
        "结算信息",
        Kind::Object(&[may("profit_sharing", "是否指定分账", Kind::Flag)]),
    ),
];

static AMOUNT: &[Field] =
    &[must("total", "总金额", Kind::Integer(1)), may("currency", "货币类型", Kind::Text(1, 16))];

static SCENE: &[Field] = &[
    must("payer_client_ip", "用户终端IP", Kind::Text(1, 45)),
    may("device_id", "商户端设备号", Kind::Text(0, 32)),
    may("store_info", "商户门店信息", Kind::Object(STORE)),
];

static STORE: &[Field] = &[
    must("id", "门店编号", Kind::Text(1, 32)),
    may("name", "门店名称", Kind::Text(0, 256)),
    may("area_code", "地区编码", Kind::Text(0, 32)),
    may("address", "详细地址", Kind::Text(0, 512)),
];

static DETAIL: &[Field] = &[
    may("cost_price", "订单原价", Kind::Integer(0)),
    may("invoice_id", "商品小票ID", Kind::Text(0, 32)),
    may("goods_detail", "单品列表", Kind::Objects(GOODS)),
];

static GOODS: &[Field] = &[
    must("merchant_goods_id", "商户侧商品编码", Kind::Text(1, 32)),
    may("wechatpay_goods_id", "微信支付商品编码", Kind::Text(0, 32)),
    may("goods_name", "商品名称", Kind::Text(0, 256)),
    must("quantity", "商品数量", Kind::Integer(1)),
    must("unit_price", "商品单价", Kind::Integer(0)),
];
