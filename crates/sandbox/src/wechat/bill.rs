//! `GET /v3/bill/tradebill` and the download of its file (gateways.md A2).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use time::macros::format_description;
use time::{Date, Duration};

use super::call::Call;
use super::reply::{Failure, ILLEGAL_PARAMETER, Reply};
use super::schema;
use crate::bill::{self, Line, cell, china_date};
use crate::book::{BillFile, Order};
use crate::page::yuan;
use crate::state::Shared;

/// The address and hash of a day's bill; the day has to be over.
pub(crate) fn order(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let wanted = Wanted::read(call.query.as_deref().unwrap_or_default())?;
    let now = shared.clock.now();
    let today = china_date(now);
    let faults = shared.faults().clone();
    if wanted.day > today {
        return Err(schema::malformed(
            "/query/bill_date",
            "账单日期",
            "不能是未来的日期",
            &wanted.date,
        ));
    }
    if wanted.day == today && !faults.bills_of_today {
        return Err(refused("STATEMENT_CREATING", "账单生成中，请稍后再试"));
    }
    if today - wanted.day > OLDEST {
        return Err(refused("INVALID_REQUEST", "仅支持三个月内的账单下载申请"));
    }
    let mut book = shared.book();
    book.wechat.settle(now);
    let lines = bill::wechat_lines(&book, &faults, wanted.day);
    let lines: Vec<_> = lines.into_iter().filter(|line| wanted.takes(line)).collect();
    if lines.is_empty() {
        return Err(refused("NO_STATEMENT_EXIST", "请求的账单文件不存在"));
    }
    let text = table(shared, &lines);
    let hash: String = Sha1::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = if wanted.gzip { bill::gzip(text.as_bytes()) } else { text.into_bytes() };
    let token = book.files.insert_new(BillFile::new(bytes, now));
    Ok(Reply::Json(json!({
        "download_url": format!("{}/v3/billdownload/file?token={token}", shared.base_url),
        "hash_type": "SHA1",
        "hash_value": hash,
    })))
}

/// The file; its address is valid for five minutes.
pub(crate) fn download(shared: &Arc<Shared>, call: &Call) -> Result<Reply, Failure> {
    let query = call.query.as_deref().unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    let (_, token) = token.ok_or_else(|| schema::missing("/query/token", "下载令牌", "query"))?;
    let now = shared.clock.now();
    let book = shared.book();
    let file = book.files.get(&token).filter(|file| file.is_alive(now, LINK_LIFE));
    file.map(|file| Reply::File(file.bytes.clone()))
        .ok_or_else(|| refused("INVALID_REQUEST", "下载地址已失效，请重新申请账单"))
}

/// The content of a request for a bill.
struct Wanted {
    date: String,
    day: Date,
    kind: String,
    gzip: bool,
}

impl Wanted {
    fn read(query: &str) -> Result<Self, Failure> {
        let pairs = || form_urlencoded::parse(query.as_bytes());
        let known = |name: &str| matches!(name, "bill_date" | "bill_type" | "tar_type");
        let unknown: Vec<String> = pairs()
            .filter(|(name, _)| !known(name))
            .map(|(name, _)| format!("/query/{name}"))
            .collect();
        if !unknown.is_empty() {
            return Err(schema::undefined(unknown));
        }
        let value = |name: &str| {
            let found = pairs().find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
        };
        let date = value("bill_date")
            .ok_or_else(|| schema::missing("/query/bill_date", "账单日期", "query"))?;
        let format = format_description!("[year]-[month]-[day]");
        let day = Date::parse(&date, &format).map_err(|_| {
            schema::malformed("/query/bill_date", "账单日期", "格式应为yyyy-MM-dd", &date)
        })?;
        let kind = value("bill_type").unwrap_or_else(|| "ALL".into());
        if !matches!(kind.as_str(), "ALL" | "SUCCESS" | "REFUND") {
            return Err(schema::malformed("/query/bill_type", "账单类型", "枚举值非法", &kind));
        }
        let packing = value("tar_type");
        if packing.as_deref().is_some_and(|packing| packing != "GZIP") {
            return Err(Failure::parameter("压缩类型只支持GZIP", "query", Value::Null));
        }
        Ok(Self { date, day, kind, gzip: packing.is_some() })
    }

    fn takes(&self, line: &Line<'_, Order>) -> bool {
        match self.kind.as_str() {
            "SUCCESS" => line.refund.is_none(),
            "REFUND" => line.refund.is_some(),
            _ => true,
        }
    }
}

/// The file's text: a heading, a line each, a heading and a line of sums. Every value begins with a
/// backtick, so that no table program takes numbers for numbers. A byte order mark comes first:
/// clients in the wild (wechatpay-axios-plugin) cut off three bytes without looking.
fn table(shared: &Shared, lines: &[Line<'_, Order>]) -> String {
    let mut text = format!("\u{feff}{HEADING}\r\n");
    let (mut paid, mut sent_back) = (0_i64, 0_i64);
    for line in lines {
        match line.refund {
            None => paid = paid.saturating_add(line.amount),
            Some(_) => sent_back = sent_back.saturating_add(line.amount),
        }
        text.push_str(&row(&values(shared, line)));
    }
    text.push_str(&format!("{SUM_HEADING}\r\n"));
    let (count, paid, sent_back) = (lines.len().to_string(), yuan(paid), yuan(sent_back));
    text.push_str(&row(&[&count, &paid, &sent_back, "0.00", "0.00000", &paid, &sent_back]));
    text
}

fn values(shared: &Shared, line: &Line<'_, Order>) -> Vec<String> {
    let keys = &shared.keys.wechat_pay;
    let order = line.order;
    let (id, openid) = order
        .paid()
        .map(|paid| (paid.transaction_id.as_str(), paid.openid.as_str()))
        .unwrap_or_default();
    let amount = yuan(line.amount);
    let none = || "0.00".to_owned();
    let (settled, refunded) = match line.refund {
        None => (amount, none()),
        Some(_) => (none(), amount),
    };
    let refund = line.refund;
    let word = |text: &str| if refund.is_some() { text.to_owned() } else { String::new() };
    let of_refund = |text: Option<&str>| text.unwrap_or("0").to_owned();
    vec![
        crate::clock::alipay(line.at),
        keys.appid.clone(),
        keys.mchid.clone(),
        "0".into(),
        cell(order.device_id.as_deref().unwrap_or_default()),
        id.into(),
        order.out_trade_no.clone(),
        openid.into(),
        order.product.trade_type().into(),
        if refund.is_some() { "REFUND" } else { "SUCCESS" }.into(),
        "OTHERS".into(),
        "CNY".into(),
        settled.clone(),
        none(),
        of_refund(refund.and_then(|refund| refund.id.as_deref())),
        of_refund(refund.map(|refund| refund.number.as_str())),
        refunded.clone(),
        none(),
        word("ORIGINAL"),
        word("SUCCESS"),
        cell(&order.description),
        cell(order.attach.as_deref().unwrap_or_default()),
        "0.00000".into(),
        "0.60%".into(),
        settled,
        refunded,
        String::new(),
    ]
}

fn row<T: AsRef<str>>(values: &[T]) -> String {
    let cells: Vec<String> = values.iter().map(|value| format!("`{}", value.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

fn refused(code: &'static str, message: &str) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code, ILLEGAL_PARAMETER, message)
}

const HEADING: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,\
    充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUM_HEADING: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const OLDEST: Duration = Duration::days(93);
const LINK_LIFE: Duration = Duration::minutes(5);
