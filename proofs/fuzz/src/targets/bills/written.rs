//! Bills as the gateways write them, with events that a fuzzer chose.

use encoding_rs::GBK;
use gateways::{BillKind, BillLine, Fen};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

use crate::input::Input;

/// The event of a row.
pub(super) struct Event {
    kind: Kind,
    number: String,
    transaction: String,
    refund: String,
    fen: i64,
    at: OffsetDateTime,
    description: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Payment,
    Refund,
    /// In the bill without moved money: a failed refund, a revoked payment.
    Nothing,
}

impl Event {
    pub(super) fn list(input: &mut Input<'_>) -> Vec<Self> {
        (0..input.below(5)).map(|_| Self::pick(input)).collect()
    }

    fn pick(input: &mut Input<'_>) -> Self {
        let kind = input.pick(&[Kind::Payment, Kind::Refund, Kind::Nothing]);
        // Up to the year 9999.
        let seconds = input.i64().rem_euclid(253_402_214_400);
        Self {
            kind,
            number: name(input, "O"),
            transaction: name(input, "T"),
            refund: name(input, "R"),
            fen: input.i64().rem_euclid(100_000_000_000),
            at: OffsetDateTime::from_unix_timestamp(seconds).expect("within the calendar"),
            description: input.text(24),
        }
    }

    /// Returns the expected line of the bill.
    pub(super) fn line(&self) -> Option<BillLine> {
        let kind = match self.kind {
            Kind::Payment => BillKind::Payment,
            Kind::Refund => BillKind::Refund,
            Kind::Nothing => return None,
        };
        Some(BillLine {
            out_trade_no: self.number.clone(),
            transaction_id: self.transaction.clone(),
            out_refund_no: (kind == BillKind::Refund).then(|| self.refund.clone()),
            amount: Fen::new(self.fen).expect("not negative"),
            kind,
            at: self.at,
        })
    }

    fn yuan(&self) -> String {
        format!("{}.{:02}", self.fen / 100, self.fen % 100)
    }

    fn time(&self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        self.at.to_offset(offset!(+8)).format(&format).expect("a year of four digits")
    }
}

/// Returns a number in the alphabet of order numbers, never empty.
fn name(input: &mut Input<'_>, first: &str) -> String {
    let rest = input.text(12);
    let rest = rest.chars().filter(|sign| sign.is_ascii_alphanumeric() || "_-|*@".contains(*sign));
    first.chars().chain(rest).collect()
}

/// Writes WeChat Pay's table: a backtick before every value, and line breaks in descriptions.
pub(super) fn wechat_pay_table(events: &[Event], input: &mut Input<'_>) -> Vec<u8> {
    let columns = mixed(
        &[
            "交易时间",
            "微信订单号",
            "商户订单号",
            "交易状态",
            "商户退款单号",
            "退款状态",
            "商品名称",
        ],
        &["订单金额", "申请退款金额", "设备号", "手续费"],
        input,
    );
    let mut table = if input.flag() { "\u{feff}".to_owned() } else { String::new() };
    table.push_str(&columns.join(","));
    table.push_str("\r\n");
    for event in events {
        // A revoked payment, or a failed refund.
        let is_taken_back = event.fen % 2 == 0;
        let (state, refund_state) = match event.kind {
            Kind::Payment => ("SUCCESS", ""),
            Kind::Refund => ("REFUND", if is_taken_back { "SUCCESS" } else { "PROCESSING" }),
            Kind::Nothing if is_taken_back => ("REVOKED", ""),
            Kind::Nothing => ("REFUND", "FAIL"),
        };
        let is_refund = state == "REFUND";
        let values: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                "交易时间" => event.time(),
                "微信订单号" => event.transaction.clone(),
                "商户订单号" => event.number.clone(),
                "交易状态" => state.to_owned(),
                "商户退款单号" if is_refund => event.refund.clone(),
                "退款状态" => refund_state.to_owned(),
                "商品名称" => event.description.replace('`', ""),
                "订单金额" if !is_refund => event.yuan(),
                "申请退款金额" if is_refund => event.yuan(),
                "订单金额" | "申请退款金额" => "0.00".to_owned(),
                _ => String::new(),
            })
            .map(|value| format!("`{value}"))
            .collect();
        table.push_str(&values.join(","));
        table.push_str("\r\n");
    }
    table.push_str("总交易单数,订单总金额\r\n`1,`0.00\r\n");
    table.into_bytes()
}

/// Writes Alipay's table: GBK, tabs after numbers, quotes around a value with a comma.
pub(super) fn alipay_table(events: &[Event], input: &mut Input<'_>) -> Vec<u8> {
    let columns = mixed(
        &["商户订单号", "业务类型", "商品名称", "完成时间", "订单金额（元）", "退款批次号/请求号"],
        &["创建时间", "备注"],
        input,
    );
    let mut table = format!("#支付宝业务明细查询\r\n支付宝交易号,{}\r\n", columns.join(","));
    for event in events {
        let (kind, sign, refund) = match event.kind {
            Kind::Payment => ("交易", "", ""),
            Kind::Refund => ("退款", "-", event.refund.as_str()),
            Kind::Nothing => ("代扣", "", ""),
        };
        table.push_str(&event.transaction);
        for column in &columns {
            table.push_str("\t,");
            table.push_str(&match *column {
                "商户订单号" => event.number.clone(),
                "业务类型" => kind.to_owned(),
                "商品名称" => quoted(&event.description),
                "完成时间" => event.time(),
                "订单金额（元）" => format!("{sign}{}", event.yuan()),
                "退款批次号/请求号" => refund.to_owned(),
                _ => String::new(),
            });
        }
        table.push_str("\r\n");
    }
    table.push_str("#----业务明细列表结束----\r\n#交易合计：1笔\r\n");
    GBK.encode(&table).0.into_owned()
}

fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|sign| !sign.is_control()).collect();
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Returns the required columns and some more, in any order.
fn mixed(
    needed: &[&'static str],
    more: &[&'static str],
    input: &mut Input<'_>,
) -> Vec<&'static str> {
    let mut columns = [needed, more].concat();
    for at in 0..columns.len() {
        let other = input.below(columns.len());
        columns.swap(at, other);
    }
    columns
}
