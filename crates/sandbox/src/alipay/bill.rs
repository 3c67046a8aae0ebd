//! `alipay.data.dataservice.bill.downloadurl.query` and the download of its file: a ZIP with two
//! tables in GBK, the details and their sums.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use encoding_rs::GBK;
use http::{StatusCode, header};
use serde_json::json;
use time::macros::format_description;
use time::{Date, Duration};

use super::content::Content;
use super::params::Params;
use super::query::BUYER_LOGON_ID;
use super::reply::{Node, Refusal};
use crate::bill::{self, Line, cell, china_date};
use crate::book::{BillFile, Trade};
use crate::clock;
use crate::page::yuan;
use crate::state::Shared;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/alipay/bill/{token}", get(download))
}

/// The address of a day's bill; the day has to be over.
pub(super) fn order(shared: &Shared, params: &Params) -> Result<Node, Refusal> {
    let content = Content::read(params)?;
    if content.required("bill_type", 20)? != "trade" {
        return Err(wrong("bill_type"));
    }
    let format = format_description!("[year]-[month]-[day]");
    let day =
        Date::parse(content.required("bill_date", 10)?, &format).map_err(|_| wrong("bill_date"))?;
    let now = shared.clock.now();
    let today = china_date(now);
    let faults = shared.faults().clone();
    if day > today || (day == today && !faults.bills_of_today) {
        return Err(wrong("bill_date"));
    }
    let mut book = shared.book();
    book.alipay.settle(now);
    let lines = bill::alipay_lines(&book, &faults, day);
    if lines.is_empty() {
        return Err(Refusal::business("isp.bill_not_exist", "账单不存在"));
    }
    let bytes = archive(shared, day, &lines);
    let token = book.files.insert_new(BillFile::new(bytes, now));
    let url = format!("{}/alipay/bill/{token}", shared.base_url);
    Ok(vec![("bill_download_url", json!(url))])
}

/// `GET`: the file. Its address is valid for half a minute and needs no signature.
async fn download(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let now = shared.clock.now();
    let file = shared.book().files.get(&token).cloned();
    match file.filter(|file| file.is_alive(now, LINK_LIFE)) {
        Some(file) => {
            let headers = [
                (header::CONTENT_TYPE, "application/zip"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"bill.zip\""),
            ];
            (headers, file.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn archive(shared: &Shared, day: Date, lines: &[Line<'_, Trade>]) -> Vec<u8> {
    let seller = &shared.keys.alipay.seller_id;
    let digits = format_description!("[year][month][day]");
    let date = day.format(&digits).unwrap_or_default();
    let name = |end: &str| gbk(&format!("{seller}0156_{date}_{end}.csv"));
    bill::zip(&[
        (name("业务明细"), gbk(&details(shared, day, lines))),
        (name("业务明细(汇总)"), gbk(&sums(shared, day, lines))),
    ])
}

fn details(shared: &Shared, day: Date, lines: &[Line<'_, Trade>]) -> String {
    let mut text = head(shared, day, "支付宝业务明细查询");
    text.push_str(&format!("#{RULE}业务明细列表{RULE}\r\n{HEADING}\r\n"));
    for line in lines {
        text.push_str(&row(line));
    }
    text.push_str(&format!("#{RULE}业务明细列表结束{SHORT_RULE}\r\n"));
    let (paid, sent_back) = (total(lines, false), total(lines, true));
    text.push_str(&format!(
        "#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n\
         #退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n",
        paid.0,
        yuan(paid.1),
        sent_back.0,
        minus(sent_back.1),
    ));
    text.push_str(&format!("#导出时间：[{}]\r\n", chinese(shared.clock.now())));
    text
}

fn sums(shared: &Shared, day: Date, lines: &[Line<'_, Trade>]) -> String {
    let mut text = head(shared, day, "支付宝业务汇总查询");
    let (paid, sent_back) = (total(lines, false), total(lines, true));
    text.push_str(&format!(
        "#{RULE}业务汇总列表{RULE}\r\n\
         门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,\
         商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\r\n\
         合计\t,\t,{},{},{},{},0.00,0.00,0.00,0.00,0.00,{}\r\n\
         #{RULE}业务汇总列表结束{SHORT_RULE}\r\n",
        paid.0,
        sent_back.0,
        yuan(paid.1),
        yuan(paid.1),
        if sent_back.1 > paid.1 {
            minus(sent_back.1.saturating_sub(paid.1))
        } else {
            yuan(paid.1.saturating_sub(sent_back.1))
        },
    ));
    text.push_str(&format!("#导出时间：[{}]\r\n", chinese(shared.clock.now())));
    text
}

fn head(shared: &Shared, day: Date, title: &str) -> String {
    let begin = day.midnight().assume_offset(time::macros::offset!(+8));
    format!(
        "#{title}\r\n#账号：[{}0156]\r\n#起始日期：[{}]   终止日期：[{}]\r\n",
        shared.keys.alipay.seller_id,
        chinese(begin),
        chinese(clock::end_of_day(begin)),
    )
}

/// A line; identifiers carry a tab, so that no table program takes them for numbers.
fn row(line: &Line<'_, Trade>) -> String {
    let trade = line.order;
    let (trade_no, opened_at) = trade
        .opened()
        .map(|opened| (opened.trade_no.as_str(), clock::alipay(opened.at)))
        .unwrap_or_default();
    let (kind, amount, number) = match line.refund {
        None => ("交易", yuan(line.amount), ""),
        Some(refund) => ("退款", minus(line.amount), refund.number.as_str()),
    };
    let zero = "0.00";
    let cells = [
        &format!("{trade_no}\t"),
        &format!("{}\t", trade.out_trade_no),
        kind,
        &cell(&trade.subject),
        &opened_at,
        &clock::alipay(line.at),
        "",
        "",
        "",
        "",
        &format!("*户({BUYER_LOGON_ID})"),
        &amount,
        &amount,
        zero,
        zero,
        zero,
        zero,
        zero,
        "",
        zero,
        zero,
        &format!("{number}\t"),
        zero,
        zero,
        &cell(trade.body.as_deref().unwrap_or_default()),
    ];
    format!("{}\r\n", cells.join(","))
}

/// The number of payments or refunds, and their sum.
fn total(lines: &[Line<'_, Trade>], refunds: bool) -> (usize, i64) {
    let counted = lines.iter().filter(|line| line.refund.is_some() == refunds);
    counted.fold((0, 0), |(count, sum), line| (count + 1, sum.saturating_add(line.amount)))
}

fn minus(fen: i64) -> String {
    if fen == 0 { yuan(0) } else { format!("-{}", yuan(fen)) }
}

fn chinese(at: time::OffsetDateTime) -> String {
    let format = format_description!("[year]年[month]月[day]日 [hour]:[minute]:[second]");
    at.to_offset(time::macros::offset!(+8)).format(&format).unwrap_or_default()
}

fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

fn wrong(member: &str) -> Refusal {
    Refusal::invalid("isv.invalid-arguments", format!("不合法的参数：{member}"))
}

const HEADING: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,\
    终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,\
    商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,\
    服务费（元）,分润（元）,备注";
const RULE: &str = "-----------------------------------------";
const SHORT_RULE: &str = "------------------------------------";
const LINK_LIFE: Duration = Duration::seconds(30);
