use encoding_rs::GBK;
use time::macros::{date, datetime};

use super::super::bill::lines;
use super::calls::{signed, unsigned};
use super::{client, config, verified};
use crate::alipay::{Client, Config};
use crate::test_server::{Reaction, Received, Server};
use crate::zip::tests::archive;
use crate::{Bill, BillKind, BillLine, Fen, GatewayError};

const METHOD: &str = "alipay_data_dataservice_bill_downloadurl_query_response";
const DETAIL: &str = "#支付宝业务明细查询\r
#账号：[20880000000000000156]\r
#起始日期：[2026年11月27日 00:00:00]   终止日期：[2026年11月28日 00:00:00]\r
#-----------------------------------------业务明细列表----------------------------------------\r
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r
2026112722001400000000000001\t,ORDER_0001\t,交易,\"测试,商品\",2026-11-27 10:00:00,2026-11-27 10:00:30,,,,,张*(abc***@example.com),12.80,12.80,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,\t,-0.08,0.00,\r
2026112722001400000000000001\t,ORDER_0001\t,退款,两件,2026-11-27 11:00:00,2026-11-27 11:00:05,,,,,张*(abc***@example.com),-5.50,-5.50,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,R_1\t,0.03,0.00,\r
\r
2026112722001400000000000002\t,X\t,代扣,x,2026-11-27 11:00:00,2026-11-27 11:00:05,,,,,a,1.00,1.00,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,\t,0.00,0.00,\r
#-----------------------------------------业务明细列表结束------------------------------------\r
#交易合计：1笔，商家实收共12.80元，商家优惠共0.00元\r
#退款合计：1笔，商家实收退款共-5.50元，商家优惠退款共0.00元\r
#导出时间：[2026年11月28日 10:00:00]\r
";
const SUMMARY: &str = "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n,合计,1\r\n";

fn gbk(text: &str) -> Vec<u8> {
    GBK.encode(text).0.into_owned()
}

fn packed(detail: &str) -> Vec<u8> {
    // The summary comes first here: files are recognised by their content.
    archive(&[(&gbk(SUMMARY), true), (&gbk(detail), true)])
}

fn bill(lines: Vec<BillLine>) -> Bill {
    Bill { lines, ..Bill::default() }
}

fn expected() -> Vec<BillLine> {
    let payment = BillLine {
        out_trade_no: "ORDER_0001".to_owned(),
        transaction_id: "2026112722001400000000000001".to_owned(),
        out_refund_no: None,
        amount: Fen::new(1280).unwrap(),
        kind: BillKind::Payment,
        at: datetime!(2026-11-27 10:00:30 +8),
    };
    let refund = BillLine {
        out_refund_no: Some("R_1".to_owned()),
        amount: Fen::new(550).unwrap(),
        kind: BillKind::Refund,
        at: datetime!(2026-11-27 11:00:05 +8),
        ..payment.clone()
    };
    vec![payment, refund]
}

#[test]
fn a_row_broken_by_its_description_damages_itself_and_the_rows_after_it_are_read() {
    let broken = DETAIL.replacen(
        "\r\n2026112722001400000000000001\t,ORDER_0001\t,退款",
        "\r\n2026112722001400000000000003\t,OTHER\t,交易,two\r\n#lines,2026\r\n2026112722001400000000000001\t,ORDER_0001\t,退款",
        1,
    );
    let bill = lines(&packed(&broken)).unwrap();
    assert_eq!(bill.lines, expected());
    assert_eq!(bill.unreadable.len(), 1, "{:?}", bill.unreadable);
}

#[test]
fn a_bill_lists_payments_and_refunds() {
    assert_eq!(lines(&packed(DETAIL)), Ok(bill(expected())));
    let (before, _) = DETAIL.split_once("2026112722001400000000000001").unwrap();
    let empty = format!("{before}#-----业务明细列表结束-----\r\n");
    assert_eq!(lines(&packed(&empty)), Ok(Bill::default()));
}

#[test]
fn what_is_no_bill_is_not_an_empty_one() {
    assert!(lines(b"<html>expired</html>").is_err());
    assert!(lines(&archive(&[(&gbk(SUMMARY), true)])).is_err());
    assert!(lines(&packed(&DETAIL.replace("业务类型", "类型"))).is_err());
    // A row that cannot be read voids no other.
    for (from, to) in [("12.80,12", "12.8o,12"), ("10:00:30", "25:00:30")] {
        let read = lines(&packed(&DETAIL.replace(from, to))).unwrap();
        assert_eq!(
            (read.lines.len(), read.unreadable.len()),
            (expected().len() - 1, 1),
            "{read:?}"
        );
    }
}

#[test]
fn a_bill_of_endless_rows_or_columns_is_refused() {
    let wide = DETAIL.replace(",备注\r", &format!("{}\r", ",x".repeat(200)));
    assert_eq!(lines(&packed(&wide)), Err("a bill of more than 128 columns"));
    let commas = DETAIL.replace(",备注\r", &format!("{}\r", ",".repeat(100_000)));
    assert_eq!(lines(&packed(&commas)), Err("a bill with a row of more than 16 KiB"));
    let long = DETAIL.replace("两件", &"长".repeat(6_000));
    assert_eq!(lines(&packed(&long)), Err("a bill with a row of more than 16 KiB"));
}

/// Alipay with a bill at `address`, or where the gateway is if empty.
fn alipay(address: &'static str) -> Server {
    Server::start(move |request: &Received| {
        if request.target.starts_with("/downloadBillFile") {
            return Reaction::Answer { status: 200, headers: Vec::new(), body: packed(DETAIL) };
        }
        let own = format!("http://{}/downloadBillFile.resource", request.header("host"));
        let address = if address.is_empty() { own.as_str() } else { address };
        signed(
            METHOD,
            &format!(
                r#"{{"code":"10000","msg":"Success","bill_download_url":"{address}?bizType=trade&fileId=%2Ftrade"}}"#
            ),
        )
    })
}

#[tokio::test]
async fn a_bill_is_asked_for_fetched_and_unpacked() {
    let server = alipay("");
    assert_eq!(
        client(&server.url).trade_bill(date!(2026 - 11 - 27)).await.unwrap().lines,
        expected()
    );
    let received = server.received();
    let query = received[0].target.split_once('?').unwrap().1.as_bytes();
    let parameters = verified(&[query, &received[0].body]);
    assert_eq!(parameters["method"], "alipay.data.dataservice.bill.downloadurl.query");
    assert_eq!(parameters["biz_content"], r#"{"bill_type":"trade","bill_date":"2026-11-27"}"#);
    assert_eq!(received[1].target, "/downloadBillFile.resource?bizType=trade&fileId=%2Ftrade");
}

#[test]
fn alipays_plain_http_address_becomes_https_and_others_are_refused() {
    let client = Client::new(Config {
        gateway_url: "https://openapi.alipay.com/gateway.do".to_owned(),
        ..config()
    })
    .unwrap();
    let address = |url: &str| client.bill_address(url).map(|uri| uri.to_string());
    assert_eq!(
        address("http://dwbillcenter.alipay.com/downloadBillFile.resource?a=b").as_deref(),
        Some("https://dwbillcenter.alipay.com/downloadBillFile.resource?a=b")
    );
    for url in [
        "http://127.0.0.1/x",
        "https://evil.example/x",
        "https://evilalipay.com/x",
        "https://alipay.com.evil.example/x",
        "https://a@dwbillcenter.alipay.com/x",
        "https://dwbillcenter.alipay.com:22/x",
        "/x",
    ] {
        assert_eq!(address(url), None, "{url}");
    }
}

#[tokio::test]
async fn a_day_beyond_the_calendar_is_not_asked_for() {
    let server = alipay("");
    let error = client(&server.url).trade_bill(time::Date::MIN).await.unwrap_err();
    assert!(matches!(error, GatewayError::InvalidOrder { field: "date", .. }), "{error:?}");
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn a_bill_at_somebody_elses_host_is_not_fetched() {
    let server = alipay("https://evil.example/bill.zip");
    let error = client(&server.url).trade_bill(date!(2026 - 11 - 27)).await.unwrap_err();
    assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_day_without_trade_has_no_bill_if_that_is_proved() {
    let none = r#"{"code":"40004","msg":"Business Failed","sub_code":"isp.bill_not_exist","sub_msg":"账单不存在"}"#;
    let day = date!(2026 - 11 - 27);
    let server = Server::start(move |_| signed(METHOD, none));
    assert_eq!(client(&server.url).trade_bill(day).await, Ok(Bill::default()));
    let server = Server::start(move |_| unsigned(METHOD, none));
    let error = client(&server.url).trade_bill(day).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unverified { .. }), "{error:?}");

    let early = r#"{"code":"40004","msg":"Business Failed","sub_code":"isv.invalid_arguments","sub_msg":"入参不合法"}"#;
    let server = Server::start(move |_| signed(METHOD, early));
    let error = client(&server.url).trade_bill(day).await.unwrap_err();
    assert_eq!(error.code(), "isv.invalid_arguments");
}
