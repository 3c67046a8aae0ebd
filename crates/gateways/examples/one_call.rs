//! Makes one call of a client: reads it as JSON from standard input, writes the outcome as JSON.
//!
//! `{"gateway":"alipay","config":{…},"call":{"query":"ORDER_1"}}` answers `{"ok":{…}}` or
//! `{"error":{"code":"…","message":"…"}}`. The configuration is that of the crate's `Config`.
//! So clients by others, in other languages, can be compared with this one: see `proofs/interop`.

use std::collections::HashMap;
use std::error::Error;
use std::io::{Read as _, Write as _};

use gateways::{
    Bill, BillLine, Fen, GatewayError, NotificationError, Order, Refund, RefundOrder, Trade,
    alipay, wechat_pay,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{Date, OffsetDateTime};

#[derive(Deserialize)]
#[serde(tag = "gateway", rename_all = "snake_case")]
enum Request {
    WechatPay { config: wechat_pay::Config, call: WechatPayCall },
    Alipay { config: alipay::Config, call: AlipayCall },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WechatPayCall {
    NativeOrder(OrderText),
    H5Order {
        order: OrderText,
        payer_client_ip: String,
    },
    JsapiOrder {
        order: OrderText,
        openid: String,
    },
    /// Of a `prepay_id`.
    JsapiParameters(String),
    Query(String),
    Close(String),
    Refund(RefundText),
    QueryRefund(String),
    Notification(Received),
    RefundNotification(Received),
    /// A day as `YYYY-MM-DD`.
    TradeBill(String),
    /// Trusts the platform's certificates, then asks for an order.
    LearnAndQuery(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AlipayCall {
    PagePayUrl(OrderText),
    PageFrameUrl(OrderText),
    WapPayUrl(OrderText),
    Precreate(OrderText),
    Query(String),
    Close(String),
    Refund(RefundText),
    QueryRefund {
        out_trade_no: String,
        out_refund_no: String,
    },
    /// The form as received.
    Notification(String),
    /// The query as received.
    VerifyReturn(String),
    /// Of an `auth_code`.
    Buyer(String),
    TradeCreate {
        order: OrderText,
        user_id: String,
    },
    Cancel(String),
    /// A day as `YYYY-MM-DD`.
    TradeBill(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderText {
    out_trade_no: String,
    amount: i64,
    description: String,
    /// Unix seconds.
    expires_at: i64,
    notify_url: String,
    return_url: Option<String>,
    quit_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundText {
    out_trade_no: String,
    out_refund_no: String,
    amount: i64,
    total: i64,
    #[serde(default)]
    reason: String,
    notify_url: Option<String>,
}

/// A message of WeChat Pay as received.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    headers: HashMap<String, String>,
    body: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let outcome = match serde_json::from_str(&text)? {
        Request::WechatPay { config, call } => {
            wechat_pay(&wechat_pay::Client::new(config)?, call).await
        }
        Request::Alipay { config, call } => alipay(&alipay::Client::new(config)?, call).await,
    };
    let said = match outcome {
        Ok(ok) => json!({ "ok": ok }),
        Err(Failed { code, message }) => json!({ "error": { "code": code, "message": message } }),
    };
    writeln!(std::io::stdout(), "{said}")?;
    Ok(())
}

async fn wechat_pay(client: &wechat_pay::Client, call: WechatPayCall) -> Result<Value, Failed> {
    let now = OffsetDateTime::now_utc();
    Ok(match call {
        WechatPayCall::NativeOrder(order) => {
            json!({ "code_url": client.native_order(&order.read()?).await?.code_url })
        }
        WechatPayCall::H5Order { order, payer_client_ip } => {
            json!({ "h5_url": client.h5_order(&order.read()?, &payer_client_ip).await?.h5_url })
        }
        WechatPayCall::JsapiOrder { order, openid } => {
            json!({ "prepay_id": client.jsapi_order(&order.read()?, &openid).await?.prepay_id })
        }
        WechatPayCall::JsapiParameters(prepay_id) => {
            let parameters = client.jsapi_parameters(&prepay_id, now)?;
            parameters.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
        }
        WechatPayCall::Query(number) => trade(&client.query(&number).await?),
        WechatPayCall::Close(number) => {
            client.close(&number).await?;
            Value::Null
        }
        WechatPayCall::Refund(order) => refund(&client.refund(&order.read()?).await?),
        WechatPayCall::QueryRefund(number) => refund(&client.query_refund(&number).await?),
        WechatPayCall::Notification(message) => {
            let read = client.notification(&message.headers()?, message.body.as_bytes(), now)?;
            json!({
                "id": read.id, "event_type": read.event_type,
                "trade": read.trade.as_ref().map(trade),
            })
        }
        WechatPayCall::RefundNotification(message) => {
            let read =
                client.refund_notification(&message.headers()?, message.body.as_bytes(), now)?;
            json!({ "id": read.id, "refund": refund(&read.refund) })
        }
        WechatPayCall::TradeBill(day) => bill(&client.trade_bill(date(&day)?).await?),
        WechatPayCall::LearnAndQuery(number) => {
            client.download_platform_certificates().await?;
            trade(&client.query(&number).await?)
        }
    })
}

async fn alipay(client: &alipay::Client, call: AlipayCall) -> Result<Value, Failed> {
    let now = OffsetDateTime::now_utc();
    Ok(match call {
        AlipayCall::PagePayUrl(order) => {
            json!({ "url": client.page_pay_url(&order.read()?, now)? })
        }
        AlipayCall::PageFrameUrl(order) => {
            let mode = alipay::QrPayMode::Width(200);
            json!({ "url": client.page_frame_url(&order.read()?, mode, now)? })
        }
        AlipayCall::WapPayUrl(order) => json!({ "url": client.wap_pay_url(&order.read()?, now)? }),
        AlipayCall::Precreate(order) => {
            json!({ "qr_code": client.precreate(&order.read()?).await?.qr_code })
        }
        AlipayCall::Query(number) => trade(&client.query(&number).await?),
        AlipayCall::Close(number) => json!(format!("{:?}", client.close(&number).await?)),
        AlipayCall::Refund(order) => refund(&client.refund(&order.read()?).await?),
        AlipayCall::QueryRefund { out_trade_no, out_refund_no } => {
            refund(&client.query_refund(&out_trade_no, &out_refund_no).await?)
        }
        AlipayCall::Notification(form) => {
            let read = client.notification(form.as_bytes())?;
            json!({
                "id": read.notify_id, "trade": trade(&read.trade),
                "is_refund_event": read.is_refund_event,
            })
        }
        AlipayCall::VerifyReturn(query) => {
            let read = client.verify_return(&query)?;
            json!({
                "out_trade_no": read.out_trade_no, "trade_no": read.trade_no,
                "total": read.total.value(),
            })
        }
        AlipayCall::Buyer(auth_code) => match client.buyer(&auth_code).await? {
            alipay::Buyer::UserId(user_id) => json!({ "user_id": user_id }),
            alipay::Buyer::OpenId(open_id) => json!({ "open_id": open_id }),
        },
        AlipayCall::TradeCreate { order, user_id } => {
            let buyer = alipay::Buyer::UserId(user_id);
            json!({ "trade_no": client.trade_create(&order.read()?, &buyer).await?.trade_no })
        }
        AlipayCall::Cancel(number) => json!(format!("{:?}", client.cancel(&number).await?)),
        AlipayCall::TradeBill(day) => bill(&client.trade_bill(date(&day)?).await?),
    })
}

fn trade(trade: &Trade) -> Value {
    json!({
        "state": format!("{:?}", trade.state),
        "app_id": trade.app_id,
        "merchant_id": trade.merchant_id,
        "out_trade_no": trade.out_trade_no,
        "transaction_id": trade.transaction_id,
        "amount": trade.amount.map(Fen::value),
        "currency": trade.currency,
        "paid_at": trade.paid_at.map(OffsetDateTime::unix_timestamp),
    })
}

fn refund(refund: &Refund) -> Value {
    json!({
        "state": format!("{:?}", refund.state),
        "out_trade_no": refund.out_trade_no,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "amount": refund.amount.map(Fen::value),
    })
}

fn bill(bill: &Bill) -> Value {
    let line = |line: &BillLine| {
        json!({
            "out_trade_no": line.out_trade_no,
            "transaction_id": line.transaction_id,
            "out_refund_no": line.out_refund_no,
            "amount": line.amount.value(),
            "kind": format!("{:?}", line.kind),
            "at": line.at.unix_timestamp(),
        })
    };
    bill.lines.iter().map(line).collect()
}

fn date(day: &str) -> Result<Date, Failed> {
    let format = format_description!("[year]-[month]-[day]");
    Date::parse(day, format).map_err(|error| Failed::of_request(&error))
}

impl OrderText {
    fn read(self) -> Result<Order, Failed> {
        Ok(Order {
            out_trade_no: self.out_trade_no,
            amount: fen(self.amount)?,
            description: self.description,
            expires_at: OffsetDateTime::from_unix_timestamp(self.expires_at)
                .map_err(|error| Failed::of_request(&error))?,
            notify_url: self.notify_url,
            return_url: self.return_url,
            quit_url: self.quit_url,
            reference: None,
        })
    }
}

impl RefundText {
    fn read(self) -> Result<RefundOrder, Failed> {
        Ok(RefundOrder {
            out_trade_no: self.out_trade_no,
            out_refund_no: self.out_refund_no,
            amount: fen(self.amount)?,
            total: fen(self.total)?,
            reason: self.reason,
            notify_url: self.notify_url,
        })
    }
}

impl Received {
    fn headers(&self) -> Result<HeaderMap, Failed> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().map_err(|error| Failed::of_request(&error))?;
            let value: HeaderValue = value.parse().map_err(|error| Failed::of_request(&error))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

fn fen(value: i64) -> Result<Fen, Failed> {
    Fen::new(value).ok_or_else(|| Failed::of_request(&"an amount below nothing or too large"))
}

/// The client's error, with its code and message.
struct Failed {
    code: String,
    message: String,
}

impl Failed {
    fn of_request(error: &dyn std::fmt::Display) -> Self {
        Self { code: "invalid_request".into(), message: error.to_string() }
    }
}

impl From<GatewayError> for Failed {
    fn from(error: GatewayError) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string() }
    }
}

impl From<NotificationError> for Failed {
    fn from(error: NotificationError) -> Self {
        let code = match error {
            NotificationError::MissingHeader(_) => "missing_header",
            NotificationError::StaleTimestamp { .. } => "stale_timestamp",
            NotificationError::UnknownSerial { .. } => "unknown_serial",
            NotificationError::BadSignature => "bad_signature",
            NotificationError::Undecryptable => "undecryptable",
            NotificationError::AboutRefund { .. } => "about_refund",
            NotificationError::NotAboutRefund { .. } => "not_about_refund",
            NotificationError::Malformed(_) => "malformed",
            _ => "other",
        };
        Self { code: code.into(), message: error.to_string() }
    }
}
