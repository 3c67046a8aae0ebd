use std::sync::atomic::{AtomicBool, Ordering};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use time::macros::{date, datetime};

use super::super::bill::{bill_lines, lines};
use super::calls::{assert_authorized, signed, unsigned};
use super::{client, config};
use crate::certificate::hex;
use crate::gzip::tests::packed;
use crate::test_server::{Reaction, Received, Server};
use crate::wechat_pay::{Client, Config};
use crate::{AnswerKind, Bill, BillKind, BillLine, Fen, GatewayError};

/// The first two lines are of the official Go SDK's test, shortened names aside; the refunds and
/// the summary are in the documented form.
const BILL: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r
`2021-01-28 17:07:11,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,`S20210128170702357723,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`for, testing,`cipher code,`0.00000,`1.00%,`12.80,`0.00,`\r
`2021-01-28 18:00:00,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,`S20210128170702357723,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50300,`R_1@2,`5.00,`0.00,`ORIGINAL,`SUCCESS,`two
lines,`cipher code,`0.00000,`1.00%,`0.00,`5.50,`\r
`2021-01-28 18:00:01,`wx81be3101902f7cb2,`1601959334,`0,`,`42,`S2,`o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50301,`R_2,`5.00,`0.00,`ORIGINAL,`FAIL,`x,`,`0.00000,`1.00%,`0.00,`5.00,`\r
`2021-01-28 18:00:02,`wx81be3101902f7cb2,`1601959334,`0,`,`43,`S3,`o,`MICROPAY,`REVOKED,`OTHERS,`CNY,`0.00,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`0.00000,`1.00%,`1.00,`0.00,`\r
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r
`4,`0.01,`5.00,`0.00,`0.00000,`12.80,`10.50\r
";

fn bill(lines: Vec<BillLine>) -> Bill {
    Bill { lines, ..Bill::default() }
}

fn expected() -> Vec<BillLine> {
    let payment = BillLine {
        out_trade_no: "S20210128170702357723".to_owned(),
        transaction_id: "4200000925202101284997714292".to_owned(),
        out_refund_no: None,
        amount: Fen::new(1280).unwrap(),
        kind: BillKind::Payment,
        at: datetime!(2021-01-28 17:07:11 +8),
    };
    let refund = BillLine {
        out_refund_no: Some("R_1@2".to_owned()),
        amount: Fen::new(550).unwrap(),
        kind: BillKind::Refund,
        at: datetime!(2021-01-28 18:00:00 +8),
        ..payment.clone()
    };
    vec![payment, refund]
}

#[test]
fn a_bill_lists_what_moved_money() {
    assert_eq!(lines(BILL), Ok(bill(expected())));
    let old = BILL.replace("订单金额,申请", "别的,申请");
    assert_eq!(lines(&old).unwrap().lines[0].amount, Fen::new(1).unwrap(), "the older column");
}

#[test]
fn what_is_no_bill_is_not_an_empty_one() {
    for text in ["", "<html>", "交易时间,商户订单号\n"] {
        assert!(lines(text).is_err(), "{text}");
    }
    // A row that cannot be read voids no other.
    for (from, to, problem) in [
        ("`12.80,", "`12.8o,", "an unreadable amount"),
        ("`2021-01-28 17", "`2021-01-32 17", "a bill with an unreadable time"),
    ] {
        let read = lines(&BILL.replace(from, to)).unwrap();
        assert_eq!(read.lines.len() + read.unreadable.len(), expected().len(), "{read:?}");
        assert!(read.unreadable.iter().all(|row| row.problem == problem), "{read:?}");
        assert!(!read.unreadable.is_empty(), "{from}");
    }
}

#[test]
fn m9_a_description_that_holds_the_separator_shifts_no_amount() {
    let odd = BILL.replace("for, testing", "for,`0.60%,` testing");
    assert_eq!(lines(&odd), Ok(bill(expected())));
    let short = BILL.replace("`for, testing,`cipher code,", "`for, testing,");
    let read = lines(&short).unwrap();
    assert_eq!((read.lines.len(), read.unreadable[0].number), (1, 1));
}

#[test]
fn a_bill_of_endless_rows_or_columns_is_refused() {
    let (header, rows) = BILL.split_once('\n').unwrap();
    let wide = format!("{}{}\n{rows}", header.trim_end(), ",x".repeat(200));
    assert_eq!(lines(&wide), Err("a bill of more than 128 columns"));
    let commas = format!("{header}{}\n{rows}", ",".repeat(100_000));
    assert_eq!(lines(&commas), Err("a bill with a row of more than 16 KiB"));
    let long = BILL.replace("for, testing", &"长".repeat(6_000));
    assert_eq!(lines(&long), Err("a bill with a row of more than 16 KiB"));
    // The rest of a row is one row with it.
    let broken = BILL.replace("for, testing", &"for\n".repeat(5_000));
    assert_eq!(lines(&broken), Err("a bill with a row of more than 16 KiB"));
}

#[test]
fn a_description_that_looks_like_the_end_is_not_the_end() {
    let odd = BILL.replace("for, testing,", "for\n总交易单数, testing,");
    assert_eq!(lines(&odd), Ok(bill(expected())));
    assert_eq!(bill_lines(odd.as_bytes()), Ok(bill(expected())));
    assert_eq!(bill_lines(&packed(odd.as_bytes())), Ok(bill(expected())));
}

/// A platform whose bill is at `host`, or at its own if empty. It packs what it is asked to.
fn platform(host: &'static str, sha1: Option<&'static str>, file: &'static str) -> Server {
    let whole = packed(file.as_bytes());
    sending(
        host,
        sha1,
        file,
        move |is_packed| {
            if is_packed { whole.clone() } else { file.as_bytes().to_vec() }
        },
    )
}

/// A platform that announces the hash of `table` and sends something.
fn sending(
    host: &'static str,
    sha1: Option<&'static str>,
    table: &'static str,
    sent: impl Fn(bool) -> Vec<u8> + Send + 'static,
) -> Server {
    let is_packed = AtomicBool::new(false);
    Server::start(move |request: &Received| {
        if request.target.starts_with("/v3/billdownload/") {
            return Reaction::Answer {
                status: 200,
                headers: Vec::new(),
                body: sent(is_packed.load(Ordering::Relaxed)),
            };
        }
        is_packed.store(request.target.ends_with("&tar_type=GZIP"), Ordering::Relaxed);
        let sha1 = sha1.map_or_else(
            || hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, table.as_bytes()).as_ref()),
            str::to_owned,
        );
        let own = format!("http://{}", request.header("host"));
        let host = if host.is_empty() { own.as_str() } else { host };
        signed(
            200,
            &format!(
                r#"{{"hash_type":"SHA1","hash_value":"{sha1}","download_url":"{host}/v3/billdownload/file?token=a%2Fb"}}"#
            ),
        )
    })
}

#[tokio::test]
async fn a_bill_is_fetched_signed_and_checked_by_its_hash() {
    let server = platform("", None, BILL);
    let client = client(&server.url);
    assert_eq!(client.trade_bill(date!(2021 - 01 - 28)).await.unwrap().lines, expected());
    let received = server.received();
    assert_eq!(
        received[0].target,
        "/v3/bill/tradebill?bill_date=2021-01-28&bill_type=ALL&tar_type=GZIP"
    );
    assert_eq!(received[1].target, "/v3/billdownload/file?token=a%2Fb");
    assert_authorized(&received[0]);
    assert_authorized(&received[1]);
}

#[tokio::test]
async fn a_bill_that_is_not_packed_is_read_too() {
    let server = sending("", None, BILL, |_| BILL.as_bytes().to_vec());
    let lines = client(&server.url).trade_bill(date!(2021 - 01 - 28)).await;
    assert_eq!(lines.unwrap().lines, expected());
}

#[tokio::test]
async fn a_packed_bill_that_is_damaged_or_another_is_refused() {
    let cut = || {
        let mut cut = packed(BILL.as_bytes());
        cut.pop();
        cut
    };
    for server in [
        sending("", None, BILL, move |_| cut()),
        sending("", None, BILL, |_| packed(BILL.replace("12.80", "92.80").as_bytes())),
        // The hash is of the table, not of the file.
        sending("", None, BILL, |_| packed(&packed(BILL.as_bytes()))),
    ] {
        let error = client(&server.url).trade_bill(date!(2021 - 01 - 28)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_day_beyond_the_calendar_is_not_asked_for() {
    let server = platform("", None, BILL);
    let error = client(&server.url).trade_bill(time::Date::MIN).await.unwrap_err();
    assert!(matches!(error, GatewayError::InvalidOrder { field: "date", .. }), "{error:?}");
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn another_hash_another_host_and_another_file_are_refused() {
    let wrong = "0000000000000000000000000000000000000000";
    for server in [
        platform("", Some(wrong), BILL),
        platform("https://evil.example", None, BILL),
        platform("http://127.0.0.1:9@evil.example", None, BILL),
        platform("", None, "<html>expired</html>"),
    ] {
        let error = client(&server.url).trade_bill(date!(2021 - 01 - 28)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_day_without_trade_has_no_bill_and_a_new_one_is_not_ready() {
    let day = date!(2026 - 11 - 27);
    let server = Server::start(|_| {
        unsigned(400, r#"{"code":"NO_STATEMENT_EXIST","message":"账单文件不存在"}"#)
    });
    assert_eq!(client(&server.url).trade_bill(day).await, Ok(Bill::default()));
    let server =
        Server::start(|_| unsigned(400, r#"{"code":"STATEMENT_CREATING","message":"账单生成中"}"#));
    let error = client(&server.url).trade_bill(day).await.unwrap_err();
    assert!(error.kind() == Some(AnswerKind::Unavailable) && error.is_retryable());
}

#[tokio::test]
async fn the_backup_hosts_bill_is_the_platforms_too() {
    let server = platform("", None, BILL);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(Config {
        base_url: format!("http://{free}"),
        backup_base_url: Some(server.url.clone()),
        ..config()
    })
    .unwrap();
    assert_eq!(client.trade_bill(date!(2021 - 01 - 28)).await.unwrap().lines, expected());
}

#[test]
fn a_bill_may_be_at_any_of_the_platforms_hosts_if_the_platform_is_asked() {
    let own = "https://api.mch.weixin.qq.com";
    let client =
        |base_url: &str| Client::new(Config { base_url: base_url.to_owned(), ..config() }).unwrap();
    let is_own = |base_url: &str, url: &str| client(base_url).own_address(url).is_some();
    for base_url in [own, "https://api.wechatpay.cn"] {
        for host in [
            "api.mch.weixin.qq.com",
            "api2.mch.weixin.qq.com",
            "api.wechatpay.cn",
            "api2.wechatpay.cn",
        ] {
            assert!(is_own(base_url, &format!("https://{host}/v3/billdownload/file?token=x")));
        }
    }
    for url in [
        "http://api.wechatpay.cn/x",
        "https://api.wechatpay.cn:8443/x",
        "https://a@api.wechatpay.cn/x",
        "https://api.wechatpay.cn.evil.example/x",
        "https://evilapi.wechatpay.cn/x",
        "/x",
    ] {
        assert!(!is_own(own, url), "{url}");
    }
    assert!(!is_own(own, &format!("{own}/{}", "x".repeat(4096))), "an endless one");
    assert!(!is_own("http://127.0.0.1:9", "https://api.wechatpay.cn/x"), "a sandbox has its own");
}
