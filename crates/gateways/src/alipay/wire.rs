//! `biz_content` and response nodes (gateways.md B5).

use serde::{Deserialize, Serialize};

use super::{Buyer, Client, GATEWAY, check_amount, check_out_trade_no};
use crate::order::{Limit, is_drawable, require, shortened};
use crate::url_text::is_web_address;
use crate::{Fen, GatewayError, Order, Trade, TradeState, china_time};

#[derive(Serialize)]
struct OrderContent<'a> {
    out_trade_no: &'a str,
    total_amount: String,
    subject: String,
    product_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    time_expire: String,
    #[serde(flatten)]
    product: Product<'a>,
}

/// The members of some products only (gateways.md B5.2).
#[derive(Serialize, Default)]
struct Product<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    quit_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_pay_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qrcode_width: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op_app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_open_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op_buyer_open_id: Option<&'a str>,
}

/// The form of the QR code that Alipay's desktop page shows in a frame (gateways.md B5.2).
///
/// `qr_pay_mode` 2 is the full page: [`page_pay_url`](super::Client::page_pay_url).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrPayMode {
    /// `0`: for a frame of at least 600 × 300 pixels.
    Wide,
    /// `1`: for a frame of at least 300 × 600 pixels.
    Tall,
    /// `3`: a small code, for a frame of at least 75 × 75 pixels.
    Mini,
    /// `4`: a code of this width in pixels.
    Width(u16),
}

#[derive(Serialize)]
struct OrderNumber<'a> {
    out_trade_no: &'a str,
}

#[derive(Deserialize)]
struct PrecreateNode {
    out_trade_no: String,
    qr_code: String,
}

#[derive(Deserialize)]
struct QueryNode {
    out_trade_no: String,
    trade_no: Option<String>,
    trade_status: String,
    total_amount: Option<String>,
    send_pay_date: Option<String>,
    seller_id: Option<String>,
}

pub(super) fn page_pay(order: &Order, frame: Option<QrPayMode>) -> Result<String, GatewayError> {
    let (qr_pay_mode, qrcode_width) = match frame {
        None => (None, None),
        Some(QrPayMode::Wide) => (Some("0"), None),
        Some(QrPayMode::Tall) => (Some("1"), None),
        Some(QrPayMode::Mini) => (Some("3"), None),
        Some(QrPayMode::Width(pixels)) => (Some("4"), Some(pixels)),
    };
    let product = Product { qr_pay_mode, qrcode_width, ..Product::default() };
    order_content(order, "FAST_INSTANT_TRADE_PAY", product)
}

pub(super) fn wap_pay(order: &Order) -> Result<String, GatewayError> {
    let quit_url = order.quit_url.as_deref();
    require(
        quit_url.is_none_or(|url| is_web_address(url, 400, true)),
        "quit_url",
        "must be an absolute URL of at most 400 bytes",
    )?;
    order_content(order, "QUICK_WAP_WAY", Product { quit_url, ..Product::default() })
}

pub(super) fn precreate(order: &Order, product_code: &str) -> Result<String, GatewayError> {
    order_content(order, product_code, Product::default())
}

pub(super) fn create(
    order: &Order,
    product_code: &str,
    op_app_id: Option<&str>,
    own_app_id: &str,
    buyer: &Buyer,
) -> Result<String, GatewayError> {
    let product = Product { op_app_id, ..Product::default() };
    let (id, product) = match buyer {
        Buyer::UserId(id) => (id, Product { buyer_id: Some(id), ..product }),
        // An open id belongs to one application: the one that pays (gateways.md B5.2).
        Buyer::OpenId(id) if op_app_id.is_some_and(|app_id| app_id != own_app_id) => {
            (id, Product { op_buyer_open_id: Some(id), ..product })
        }
        Buyer::OpenId(id) => (id, Product { buyer_open_id: Some(id), ..product }),
    };
    require(is_buyer(id), "buyer", "must be a buyer's user id or open id")?;
    order_content(order, product_code, product)
}

/// A user id or open id: letters, digits and a few signs.
pub(super) fn is_buyer(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// `biz_content` of queries and of closing.
pub(super) fn order_number(out_trade_no: &str) -> Result<String, GatewayError> {
    check_out_trade_no(out_trade_no)?;
    to_json(&OrderNumber { out_trade_no })
}

fn order_content(
    order: &Order,
    product_code: &str,
    product: Product<'_>,
) -> Result<String, GatewayError> {
    check_out_trade_no(&order.out_trade_no)?;
    check_amount(order.amount)?;
    require(
        is_web_address(&order.notify_url, 256, true),
        "notify_url",
        "must be an absolute URL of at most 256 bytes",
    )?;
    require(
        order.return_url.as_deref().is_none_or(|url| is_web_address(url, 256, true)),
        "return_url",
        "must be an absolute URL of at most 256 bytes",
    )?;
    let time_expire = china_time::spaced(order.expires_at).ok_or(GatewayError::InvalidOrder {
        field: "expires_at",
        problem: "is beyond the calendar",
    })?;
    to_json(&OrderContent {
        out_trade_no: &order.out_trade_no,
        total_amount: order.amount.to_yuan(),
        subject: order.title(&['/', '=', '&'], Limit::Chars(256)),
        product_code,
        body: order
            .reference
            .as_deref()
            .map(|text| shortened(text, &['/', '=', '&'], Limit::Chars(128))),
        time_expire,
        product,
    })
}

pub(super) fn qr_code(node: &str, out_trade_no: &str) -> Result<String, &'static str> {
    let node: PrecreateNode =
        serde_json::from_str(node).map_err(|_invalid| "an order without `qr_code`")?;
    if node.out_trade_no != out_trade_no {
        return Err("another order than asked for");
    }
    Some(node.qr_code)
        .filter(|code| is_drawable(code))
        .ok_or("an order without a `qr_code` that can be drawn")
}

/// Checks that a verified answer is about the requested order.
pub(super) fn is_about(node: &str, out_trade_no: &str) -> Result<(), &'static str> {
    #[derive(Deserialize)]
    struct Numbered {
        out_trade_no: String,
    }
    let node: Numbered = serde_json::from_str(node).map_err(|_invalid| "no order number")?;
    if node.out_trade_no == out_trade_no { Ok(()) } else { Err("another order than asked for") }
}

/// Reads a verified query answer.
pub(super) fn trade(
    node: &str,
    out_trade_no: &str,
    client: &Client,
) -> Result<Trade, &'static str> {
    let node: QueryNode = serde_json::from_str(node).map_err(|_invalid| "not a trade")?;
    // The signature covers the node but not the request, so the order number must be checked.
    if node.out_trade_no != out_trade_no {
        return Err("another order than asked for");
    }
    let present = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Trade {
        state: state(&node.trade_status),
        // The node contains neither, but Alipay signs for each application with a separate key, and
        // finds only orders of the application's merchant.
        app_id: Some(client.app_id.clone()),
        merchant_id: present(node.seller_id).or_else(|| Some(client.seller_id.clone())),
        out_trade_no: node.out_trade_no,
        transaction_id: present(node.trade_no),
        amount: amount(node.total_amount.as_deref())?,
        currency: None,
        paid_at: node.send_pay_date.as_deref().and_then(china_time::parse_spaced),
    })
}

/// `total_amount` in fen; an amount that cannot be read is never guessed.
pub(super) fn amount(text: Option<&str>) -> Result<Option<Fen>, &'static str> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => Fen::from_yuan(text).map(Some).map_err(|_not_yuan| "an unreadable amount"),
        None => Ok(None),
    }
}

pub(super) fn state(trade_status: &str) -> TradeState {
    match trade_status {
        "WAIT_BUYER_PAY" => TradeState::AwaitingPayer,
        // Some products go to "finished" directly; both are paid (gateways.md B6).
        "TRADE_SUCCESS" | "TRADE_FINISHED" => TradeState::Paid,
        "TRADE_CLOSED" => TradeState::Closed,
        _ => TradeState::Unknown,
    }
}

pub(super) fn to_json(content: &impl Serialize) -> Result<String, GatewayError> {
    serde_json::to_string(content).map_err(|_never| GatewayError::cannot_sign(GATEWAY))
}
