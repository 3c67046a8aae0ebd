//! The trade bill of a day: its address and its rows (gateways.md A12).

use std::borrow::Cow;

use http::Method;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;
use time::{Date, OffsetDateTime};
use url::Url;

use super::{Client, fault, malformed};
use crate::bill::{Columns, check_row, read_blocking, unsigned_yuan};
use crate::certificate::hex;
use crate::url_text::file_address;
use crate::{Bill, BillError, BillKind, BillLine, GatewayError, china_time, gzip};

const MAX_PACKED: usize = 64 * 1024 * 1024;
/// Enough for a million payments a day, at some 250 bytes a line.
const MAX_UNPACKED: usize = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Answer {
    hash_type: String,
    hash_value: String,
    download_url: String,
}

impl Client {
    /// Fetches the payments and refunds of a day in China; empty if there were none. A day's bill
    /// is available from 10 o'clock of the next one, for three months.
    ///
    /// The list's address and its SHA-1 are signed, the list itself is not: it is trusted if it has
    /// that SHA-1. It is requested compressed, and also read if it is not.
    ///
    /// # Errors
    /// See [`GatewayError`]. [`Unavailable`](crate::AnswerKind::Unavailable) while the platform is
    /// still creating it: fetch it again later.
    pub async fn trade_bill(&self, date: Date) -> Result<Bill, GatewayError> {
        let day = china_time::day(date)?;
        let path = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP");
        let reply = match self.call(Method::GET, &path, Vec::new()).await {
            Err(error) if fault::is_bill_empty(&error) => return Ok(Bill::default()),
            reply => reply?,
        };
        let answer: Answer = serde_json::from_slice(&reply.body)
            .map_err(|_invalid| malformed("a bill without an address", &reply))?;
        if answer.hash_type != "SHA1" {
            return Err(malformed("a bill with an unknown kind of hash", &reply));
        }
        let url = self
            .own_address(&answer.download_url)
            .ok_or_else(|| malformed("a bill at somebody else's host", &reply))?;
        // The file is not JSON; the official client for Java accepts any type, too.
        let request = self.request(&Method::GET, url, "*/*", &[])?;
        let file = self.transport.download(request, MAX_PACKED).await?;
        if !file.status.is_success() {
            return Err(fault::classify(&file, OffsetDateTime::now_utc()));
        }
        let body = file.body.clone();
        let read = read_blocking(move || announced(&body, &answer.hash_value)).await;
        read.map_err(|what| malformed(what, &file))
    }

    /// Returns the address if it is at one of the platform's hosts: the signature must not be sent
    /// to others.
    ///
    /// The platform has several hosts, and a bill may be at another one than was called. A sandbox's
    /// bills are where it is.
    pub(super) fn own_address(&self, address: &str) -> Option<Url> {
        let url = file_address(address)?;
        let configured: Vec<Url> = std::iter::once(&self.base_url)
            .chain(&self.backup_base_url)
            .filter_map(|base_url| Url::parse(base_url).ok())
            .collect();
        let is_configured = configured.iter().any(|own| own.origin() == url.origin());
        let is_own = is_configured || is_platform(&url) && configured.iter().any(is_platform);
        is_own.then_some(url)
    }
}

/// The platform's hosts: two main ones, each with a backup (gateways.md A1).
const HOSTS: [&str; 4] =
    ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn"];

fn is_platform(url: &Url) -> bool {
    url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| HOSTS.contains(&host))
}

/// Reads the file of a bill that was downloaded, packed or not, as [`Client::trade_bill`] does.
///
/// # Errors
/// [`BillError`] is the reason.
pub fn bill_lines(file: &[u8]) -> Result<Bill, BillError> {
    let table = unpacked(file).map_err(BillError)?;
    text(&table).and_then(lines).map_err(BillError)
}

/// Reads a bill if its hash is the announced one.
fn announced(file: &[u8], hash_value: &str) -> Result<Bill, &'static str> {
    let table = unpacked(file)?;
    let hash = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, &table).as_ref());
    if !hash.eq_ignore_ascii_case(hash_value) {
        return Err("a bill with another hash than announced");
    }
    text(&table).and_then(lines)
}

/// Unpacks a file if it is packed. The announced hash is over the unpacked table (gateways.md A12):
/// "原始账单（gzip需要解压缩）的摘要值".
fn unpacked(file: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    if gzip::is_gzip(file) {
        gzip::unpack(file, MAX_UNPACKED).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(file))
    }
}

fn text(table: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(table).map_err(|_other| "a bill that is not UTF-8")
}

/// Reads a bill: a line of names, a line for each event, and a summary that begins with names.
pub(super) fn lines(text: &str) -> Result<Bill, &'static str> {
    let (header, rows) = text.split_at(text.find('\n').unwrap_or(text.len()));
    check_row(0, header)?;
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    let columns = Columns::of(&header)?;
    for names in [TIME, TRANSACTION, ORDER, STATE, TOTAL] {
        if !columns.has(names) {
            return Err("a bill without the columns of a trade bill");
        }
    }
    // The last one: a shop's description may have a line that begins like it.
    let rows = rows.rsplit_once(SUMMARY).map_or(rows, |(rows, _)| rows);
    // Every value begins with a backtick and no name does. A line without one that is not the
    // summary continues the line before: a shop's description may contain a line break.
    let rows = rows.split("\n`").filter(|row| !row.trim().is_empty());
    let mut bill = Bill::default();
    for (row, number) in rows.zip(1..) {
        check_row(number, row)?;
        let mut row: Vec<String> = row.split(",`").map(value).collect();
        columns.rejoin(&mut row, header.len(), DESCRIPTION);
        let event = if row.len() == header.len() {
            event(&columns, &row)
        } else {
            Err("another number of values than columns")
        };
        bill.push(number, event);
    }
    Ok(bill)
}

/// The line after the last event begins with it.
const SUMMARY: &str = "\n总交易单数";

const TIME: &[&str] = &["交易时间"];
const TRANSACTION: &[&str] = &["微信订单号"];
const ORDER: &[&str] = &["商户订单号"];
const STATE: &[&str] = &["交易状态"];
const TOTAL: &[&str] = &["订单金额", "应结订单金额"];
const REFUND_NUMBER: &[&str] = &["商户退款单号"];
const REFUNDED: &[&str] = &["申请退款金额", "退款金额"];
/// The one column that holds a shop's own text.
const DESCRIPTION: &[&str] = &["商品名称"];
const REFUND_STATE: &[&str] = &["退款状态"];

/// Returns a value without its backtick and without line breaks.
fn value(text: &str) -> String {
    text.trim_start_matches('`').trim_end_matches('\r').lines().collect()
}

/// Returns the event of one row; `None` for what moved no money.
fn event(columns: &Columns, row: &[String]) -> Result<Option<BillLine>, &'static str> {
    let value = |names| columns.value(row, names);
    let (kind, amount, out_refund_no) = match value(STATE) {
        "SUCCESS" => (BillKind::Payment, value(TOTAL), None),
        // A refund that failed or was closed is listed, too.
        "REFUND" if matches!(value(REFUND_STATE), "FAIL" | "CLOSED") => return Ok(None),
        // A bill of type `SUCCESS` has no columns of refunds, and no such row (gateways.md A12).
        "REFUND" if !columns.has(REFUND_NUMBER) || !columns.has(REFUNDED) => {
            return Err("a refund without the columns of refunds");
        }
        "REFUND" => (BillKind::Refund, value(REFUNDED), Some(value(REFUND_NUMBER).to_owned())),
        // `REVOKED`: barcode payments that were taken back.
        _ => return Ok(None),
    };
    let at = china_time::parse_spaced(value(TIME)).ok_or("a bill with an unreadable time")?;
    Ok(Some(BillLine {
        out_trade_no: value(ORDER).to_owned(),
        transaction_id: value(TRANSACTION).to_owned(),
        out_refund_no,
        amount: unsigned_yuan(amount)?,
        kind,
        at,
    }))
}
