//! Both gateways' bills: the written rows are read in their order, with any columns and texts
//! around them, and no other bytes make a row.

mod written;

use gateways::{Bill, BillLine, alipay, wechat_pay};

use self::written::{Event, alipay_table, wechat_pay_table};
use crate::input::Input;
use crate::targets::archives::{gzipped, zipped};
use crate::targets::wechat_pay::edit;

pub(crate) const WORDS: &[&str] = &[
    "交易时间,微信订单号,商户订单号,交易状态,订单金额,商户退款单号,申请退款金额,退款状态\r\n",
    "`2026-11-27 10:00:00,`42,`ORDER_0001,`SUCCESS,`1.00,`0,`0.00,`\r\n",
    "总交易单数,应结订单总金额",
    "支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号",
    "REFUND",
    "REVOKED",
    "FAIL",
    "-0.01",
    ",`",
    "\"\"",
    "\u{feff}",
];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(4) {
        0 => anything(&mut input),
        1 => changed(&mut input),
        _ => genuine(&mut input),
    }
}

/// Tests bytes as WeChat Pay's table, and as the only file of Alipay's archive.
fn anything(input: &mut Input<'_>) {
    let is_deflated = input.flag();
    let table = input.rest();
    check(table, wechat_pay::bill_lines(table).unwrap_or_default());
    let archive = zipped(&[table], is_deflated);
    check(&[], alipay::bill_lines(&archive).unwrap_or_default());
}

/// Tests a bill with changed bytes.
fn changed(input: &mut Input<'_>) {
    let (is_alipay, events) = (input.flag(), Event::list(input));
    if is_alipay {
        let mut table = alipay_table(&events, input);
        edit(&mut table, input);
        edit(&mut table, input);
        check(&[], alipay::bill_lines(&zipped(&[&table], false)).unwrap_or_default());
    } else {
        let mut table = wechat_pay_table(&events, input);
        edit(&mut table, input);
        edit(&mut table, input);
        check(&table, wechat_pay::bill_lines(&table).unwrap_or_default());
    }
}

/// Checks that the numbers are in the table. Alipay's tables are in another encoding.
fn check(table: &[u8], bill: Bill) {
    let lines = bill.lines;
    let Ok(table) = core::str::from_utf8(table) else { return };
    for line in lines.iter().filter(|_| !table.is_empty()) {
        // A line break inside a row is removed.
        let joint = table.replace(['\r', '\n'], "");
        for name in
            [&line.out_trade_no, &line.transaction_id].into_iter().chain(&line.out_refund_no)
        {
            assert!(joint.contains(&name.replace('\r', "")), "{name:?} is nowhere in {table:?}");
        }
    }
    assert!(table.is_empty() || lines.len() < table.lines().count(), "more lines than rows");
}

fn genuine(input: &mut Input<'_>) {
    let (is_alipay, is_packed) = (input.flag(), input.flag());
    let events = Event::list(input);
    let expected: Vec<BillLine> = events.iter().filter_map(Event::line).collect();
    let (table, said) = if is_alipay {
        let table = alipay_table(&events, input);
        // Files are recognised by their content: the summary may come first.
        let summary = b"#\r\n,1\r\n".as_slice();
        let files = if input.flag() { [summary, &table] } else { [&table, summary] };
        let said = alipay::bill_lines(&zipped(&files, is_packed));
        (table, said)
    } else {
        let table = wechat_pay_table(&events, input);
        let file = if is_packed { gzipped(&[&table], 0) } else { table.clone() };
        let said = wechat_pay::bill_lines(&file);
        (table, said)
    };
    let expected = Bill { lines: expected, ..Bill::default() };
    assert_eq!(said.as_ref(), Ok(&expected), "{}", String::from_utf8_lossy(&table));
}
