//! The trade bill of a day: a ZIP file of two GBK texts, at an address that is valid for 30 s
//! (gateways.md B13).

use encoding_rs::GBK;
use http::header::ACCEPT;
use http::{HeaderValue, Method};
use reqwest::Request;
use serde::{Deserialize, Serialize};
use time::Date;
use url::Url;

use super::response::malformed;
use super::{Client, fault, wire};
use crate::bill::{Columns, check_row, fields, read_blocking, unsigned_yuan};
use crate::url_text::file_address;
use crate::{Bill, BillError, BillKind, BillLine, GatewayError, china_time, zip};

const MAX_PACKED: usize = 64 * 1024 * 1024;
/// Enough for a million payments a day, at some 250 bytes a line.
const MAX_UNPACKED: usize = 256 * 1024 * 1024;

#[derive(Serialize)]
struct Content<'a> {
    bill_type: &'static str,
    bill_date: &'a str,
}

#[derive(Deserialize)]
struct Node {
    bill_download_url: String,
}

impl Client {
    /// Fetches the payments and refunds of a day in China; empty if there were none. A day's bill
    /// is available from 10 o'clock of the next one.
    ///
    /// The address is signed, the file is not: it is trusted because it is fetched by https from
    /// one of Alipay's hosts.
    ///
    /// # Errors
    /// See [`GatewayError`].
    pub async fn trade_bill(&self, date: Date) -> Result<Bill, GatewayError> {
        let day = china_time::day(date)?;
        let content = wire::to_json(&Content { bill_type: "trade", bill_date: &day })?;
        let answer =
            self.call("alipay.data.dataservice.bill.downloadurl.query", content, None).await?;
        let Some(node) = answer.bill()? else { return Ok(Bill::default()) };
        let node: Node = serde_json::from_str(&node)
            .map_err(|_invalid| malformed("a bill without an address", None))?;
        let address = self
            .bill_address(&node.bill_download_url)
            .ok_or_else(|| malformed("a bill at somebody else's host", None))?;
        let mut request = Request::new(Method::GET, address);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        let file = self.transport.download(request, MAX_PACKED).await?;
        if !file.status.is_success() {
            return Err(fault::of_status(&file));
        }
        let archive = file.body.clone();
        let read = read_blocking(move || lines(&archive)).await;
        read.map_err(|what| malformed(what, fault::request_id(&file)))
    }

    /// Returns the address of a bill if it is Alipay's, always with https, because Alipay writes
    /// plain http. A sandbox serves its bills from its gateway's host.
    pub(super) fn bill_address(&self, address: &str) -> Option<Url> {
        let mut url = file_address(address)?;
        if url.origin() == Url::parse(&self.gateway_url).ok()?.origin() {
            return Some(url);
        }
        let is_alipays = ["alipay.com", "alipaydev.com"].iter().any(|domain| {
            let rest = url.host_str().and_then(|host| host.strip_suffix(domain));
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        if !is_alipays || url.port().is_some() {
            return None;
        }
        url.set_scheme("https").ok()?;
        Some(url)
    }
}

const TRADE: &[&str] = &["支付宝交易号"];
const ORDER: &[&str] = &["商户订单号"];
const KIND: &[&str] = &["业务类型"];
const TIME: &[&str] = &["完成时间"];
const TOTAL: &[&str] = &["订单金额"];
const REFUND_NUMBER: &[&str] = &["退款批次号/请求号", "退款批次号"];

/// Reads the archive of a bill that was downloaded, as [`Client::trade_bill`] does.
///
/// # Errors
/// [`BillError`] is the reason.
pub fn bill_lines(archive: &[u8]) -> Result<Bill, BillError> {
    lines(archive).map_err(BillError)
}

/// Reads a bill's archive. The file with the events is recognised by its columns, not by its name.
pub(super) fn lines(archive: &[u8]) -> Result<Bill, &'static str> {
    for file in zip::files(archive, MAX_UNPACKED)? {
        let (text, _damage) = GBK.decode_without_bom_handling(&file);
        if let Some(events) = events(&text)? {
            return Ok(events);
        }
    }
    Err("a bill without the columns of a trade bill")
}

/// Reads the events of one file; `None` if it is the summary.
fn events(text: &str) -> Result<Option<Bill>, &'static str> {
    let mut rows = text.lines();
    let Some(header) = rows.find(|line| line.starts_with("支付宝交易号")) else {
        return Ok(None);
    };
    check_row(0, header)?;
    let columns = Columns::of(&fields(header))?;
    for names in [TRADE, ORDER, KIND, TIME, TOTAL, REFUND_NUMBER] {
        if !columns.has(names) {
            return Err("a bill without the columns of a trade bill");
        }
    }
    let mut bill = Bill::default();
    // The comments at the end are not rows. One in the middle is the rest of a text with a line break.
    let is_comment = |row: &str| row.starts_with('#') || row.trim().is_empty();
    while rows.clone().next_back().is_some_and(is_comment) {
        rows.next_back();
    }
    for (row, number) in rows.filter(|row| !row.trim().is_empty()).zip(1..) {
        check_row(number, row)?;
        bill.push(number, event(&columns, &fields(row)));
    }
    Ok(Some(bill))
}

/// Returns the event of one row; `None` for what is neither payment nor refund.
fn event(columns: &Columns, row: &[String]) -> Result<Option<BillLine>, &'static str> {
    let value = |names| columns.value(row, names);
    let (kind, out_refund_no) = match value(KIND) {
        "交易" => (BillKind::Payment, None),
        "退款" => (BillKind::Refund, Some(value(REFUND_NUMBER).to_owned())),
        _ => return Ok(None),
    };
    let at = china_time::parse_spaced(value(TIME)).ok_or("a bill with an unreadable time")?;
    Ok(Some(BillLine {
        out_trade_no: value(ORDER).to_owned(),
        transaction_id: value(TRADE).to_owned(),
        out_refund_no,
        amount: unsigned_yuan(value(TOTAL))?,
        kind,
        at,
    }))
}
