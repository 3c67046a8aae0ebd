//! The daily bills of both gateways, and the switch that makes them differ from the books.

use encoding_rs::GBK;
use miniz_oxide::inflate::decompress_to_vec;
use sandbox::Running;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use time::macros::{format_description, offset};
use time::{Duration, OffsetDateTime};

use crate::support::{
    Answer, NOWHERE, alipay, approve, keys, listed, native, native_code, own, send, start, wechat,
};

const DAY_S: u32 = 86_400;

/// The China date of today, by the real clock, and a later one.
fn date(days: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    let now = OffsetDateTime::now_utc().to_offset(offset!(+8)) + Duration::days(days);
    now.format(&format).unwrap()
}

async fn push(running: &Running, seconds: u32) {
    own(running, "/sandbox/clock", json!({ "advance_s": seconds })).await;
}

/// A paid order, half of it sent back.
async fn wechat_order(running: &Running, number: &str) {
    let mut body = native(number, NOWHERE);
    body["description"] = json!("茶, 一杯\n`");
    let code = native_code(running, &body).await;
    approve(running, &code).await;
    let refund = json!({
        "out_trade_no": number, "out_refund_no": format!("{number}_R"),
        "amount": { "refund": 2_800, "total": 12_800, "currency": "CNY" },
    });
    own(running, "/sandbox/faults", json!({ "refund_delay_ms": 0 })).await;
    wechat(running, "POST", "/v3/refund/domestic/refunds", refund.to_string()).await;
    assert_eq!(listed(running, number).await["refunded"], 2_800);
}

async fn alipay_order(running: &Running, number: &str) {
    let content =
        json!({ "out_trade_no": number, "total_amount": "128.00", "subject": "茶, 一杯" });
    let code = alipay(running, "alipay.trade.precreate", content).await["qr_code"].clone();
    approve(running, code.as_str().unwrap()).await;
    let refund =
        json!({ "out_trade_no": number, "refund_amount": "28.00", "out_request_no": "R1" });
    alipay(running, "alipay.trade.refund", refund).await;
}

async fn trade_bill(running: &Running, query: &str) -> Answer {
    wechat(running, "GET", &format!("/v3/bill/tradebill?{query}"), "").await
}

/// The bill's file and hash.
async fn wechat_file(running: &Running, query: &str) -> (Vec<u8>, String) {
    let answer = trade_bill(running, query).await.json();
    assert_eq!(answer["hash_type"], "SHA1", "{answer}");
    let url = answer["download_url"].as_str().unwrap();
    let path = url.strip_prefix(&running.base_url()).unwrap();
    let file = wechat(running, "GET", path, "").await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("wechatpay-signature"), "", "downloads are not signed");
    (file.body.to_vec(), answer["hash_value"].as_str().unwrap().to_owned())
}

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines' values, without the two headings and the sums.
fn values(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with("交易时间,公众账号ID,"));
    assert!(lines[lines.len() - 2].starts_with("总交易单数,"));
    lines[1..lines.len() - 2]
        .iter()
        .map(|line| line[1..].split(",`").map(str::to_owned).collect())
        .collect()
}

/// The entries of an archive, decoded, read by its central directory.
fn unzip(bytes: &[u8]) -> Vec<(String, String)> {
    let short = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let long = |at: usize| {
        usize::try_from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap()
    };
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
    let mut at = long(end + 16);
    let mut entries = Vec::new();
    for _ in 0..short(end + 10) {
        assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
        let (packed, size, name) = (long(at + 20), long(at + 24), short(at + 28));
        let local = long(at + 42);
        assert_eq!(&bytes[local..local + 4], b"PK\x03\x04");
        let begin = local + 30 + short(local + 26) + short(local + 28);
        let content = decompress_to_vec(&bytes[begin..begin + packed]).unwrap();
        assert_eq!(content.len(), size);
        let text = |bytes: &[u8]| {
            let (text, _, broken) = GBK.decode(bytes);
            assert!(!broken);
            text.into_owned()
        };
        entries.push((text(&bytes[at + 46..at + 46 + name]), text(&content)));
        at += 46 + name;
    }
    entries
}

async fn alipay_bill(running: &Running, date: &str) -> Value {
    let content = json!({ "bill_type": "trade", "bill_date": date });
    alipay(running, "alipay.data.dataservice.bill.downloadurl.query", content).await
}

async fn alipay_file(running: &Running, date: &str) -> Vec<u8> {
    let node = alipay_bill(running, date).await;
    let url = node["bill_download_url"].as_str().unwrap_or_else(|| panic!("{node}")).to_owned();
    send("GET", &url, &[], "").await.body.to_vec()
}

#[tokio::test]
async fn the_trade_bill_has_a_line_per_payment_and_refund() {
    let running = start().await;
    wechat_order(&running, "BILL_0001").await;
    let day = date(0);
    push(&running, DAY_S).await;
    let (file, hash) = wechat_file(&running, &format!("bill_date={day}")).await;
    assert_eq!(sha1(&file), hash);
    let text = String::from_utf8(file).unwrap();
    let lines = values(&text);
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines.iter().all(|line| line.len() == 27));
    let (paid, refund) = (&lines[0], &lines[1]);
    assert_eq!(
        [&paid[6], &paid[9], &paid[12], &paid[24]],
        ["BILL_0001", "SUCCESS", "128.00", "128.00"]
    );
    assert_eq!(paid[20], "茶  一杯  ", "nothing in a name ends its cell");
    assert_eq!(
        [&refund[6], &refund[9], &refund[15], &refund[16], &refund[19]],
        ["BILL_0001", "REFUND", "BILL_0001_R", "28.00", "SUCCESS"]
    );
    assert!(text.ends_with("`2,`128.00,`28.00,`0.00,`0.00000,`128.00,`28.00\r\n"), "{text}");

    let (only, _) = wechat_file(&running, &format!("bill_date={day}&bill_type=REFUND")).await;
    assert_eq!(values(std::str::from_utf8(&only).unwrap()).len(), 1);
    let (packed, hash) = wechat_file(&running, &format!("bill_date={day}&tar_type=GZIP")).await;
    let plain = decompress_to_vec(&packed[10..packed.len() - 8]).unwrap();
    assert_eq!(sha1(&plain), hash, "the hash is of what is inside");
}

#[tokio::test]
async fn a_trade_bill_is_refused_for_days_without_one() {
    let running = start().await;
    wechat_order(&running, "BILL_0002").await;
    for (query, code) in [
        (String::new(), "PARAM_ERROR"),
        ("bill_date=20240102".to_owned(), "PARAM_ERROR"),
        (format!("bill_date={}", date(2)), "PARAM_ERROR"),
        (format!("bill_date={}&bill_type=ANY", date(-1)), "PARAM_ERROR"),
        (format!("bill_date={}&tar_type=ZIP", date(-1)), "PARAM_ERROR"),
        (format!("bill_date={}&more=1", date(-1)), "PARAM_ERROR"),
        (format!("bill_date={}", date(0)), "STATEMENT_CREATING"),
        (format!("bill_date={}", date(-1)), "NO_STATEMENT_EXIST"),
        (format!("bill_date={}", date(-100)), "INVALID_REQUEST"),
    ] {
        let answer = trade_bill(&running, &query).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (400, &json!(code)),
            "{query}"
        );
    }
    own(&running, "/sandbox/faults", json!({ "bills_of_today": true })).await;
    let answer = trade_bill(&running, &format!("bill_date={}", date(0))).await.json();
    let url = answer["download_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&running.base_url()).unwrap();
    assert_eq!(send("GET", &url, &[("accept", "*/*"), ("user-agent", "x")], "").await.status, 401);
    push(&running, 300).await;
    assert_eq!(wechat(&running, "GET", path, "").await.json()["code"], "INVALID_REQUEST");
}

#[tokio::test]
async fn alipays_bill_is_a_zip_of_two_tables_in_gbk() {
    let running = start().await;
    alipay_order(&running, "BILL_0003").await;
    let day = date(0);
    push(&running, DAY_S).await;
    let entries = unzip(&alipay_file(&running, &day).await);
    let stem = format!("{}0156_{}", keys().alipay.seller_id, day.replace('-', ""));
    assert_eq!(entries[0].0, format!("{stem}_业务明细.csv"));
    assert_eq!(entries[1].0, format!("{stem}_业务明细(汇总).csv"));
    let lines: Vec<&str> = entries[0].1.split_terminator("\r\n").collect();
    let begin = lines.iter().position(|line| line.contains("业务明细列表-")).unwrap();
    let end = lines.iter().position(|line| line.contains("业务明细列表结束")).unwrap();
    assert!(lines[begin + 1].starts_with("支付宝交易号,商户订单号,业务类型,"));
    let rows: Vec<Vec<&str>> =
        lines[begin + 2..end].iter().map(|line| line.split(',').map(str::trim).collect()).collect();
    assert_eq!(rows.len(), 2, "{lines:?}");
    assert!(rows.iter().all(|row| row.len() == 25));
    assert_eq!([rows[0][1], rows[0][2], rows[0][11]], ["BILL_0003", "交易", "128.00"]);
    assert_eq!(
        [rows[1][1], rows[1][2], rows[1][11], rows[1][21]],
        ["BILL_0003", "退款", "-28.00", "R1"]
    );
    assert!(entries[0].1.contains("#交易合计：1笔，商家实收共128.00元"));
    assert!(entries[0].1.contains("#退款合计：1笔，商家实收退款共-28.00元"));
    assert!(entries[1].1.contains("100.00\r\n"), "{}", entries[1].1);
}

#[tokio::test]
async fn alipays_bill_is_refused_for_days_without_one() {
    let running = start().await;
    alipay_order(&running, "BILL_0004").await;
    assert_eq!(alipay_bill(&running, &date(-1)).await["sub_code"], "isp.bill_not_exist");
    for bad in ["2024-1-2", "20240102", &date(0), &date(1)] {
        let node = alipay_bill(&running, bad).await;
        assert_eq!(node["sub_code"], "isv.invalid-arguments", "{bad}");
    }
    own(&running, "/sandbox/faults", json!({ "bills_of_today": true })).await;
    let url = alipay_bill(&running, &date(0)).await["bill_download_url"].clone();
    push(&running, 30).await;
    assert_eq!(send("GET", url.as_str().unwrap(), &[], "").await.status, 404, "half a minute");
}

#[tokio::test]
async fn a_switch_drops_or_alters_one_line() {
    let running = start().await;
    own(&running, "/sandbox/faults", json!({ "bills_of_today": true })).await;
    wechat_order(&running, "BILL_0005").await;
    alipay_order(&running, "BILL_0006").await;
    for (fault, count, amount) in [
        (Value::Null, 2, "128.00"),
        (json!("drop_line"), 1, "0.00"),
        (json!("alter_line"), 2, "128.01"),
    ] {
        own(&running, "/sandbox/faults", json!({ "bill_fault": fault })).await;
        let (file, hash) = wechat_file(&running, &format!("bill_date={}", date(0))).await;
        assert_eq!(sha1(&file), hash, "the file is whole; what it says is wrong");
        let lines = values(std::str::from_utf8(&file).unwrap());
        assert_eq!((lines.len(), lines[0][24].as_str()), (count, amount), "{fault}");
        let text = &unzip(&alipay_file(&running, &date(0)).await)[0].1;
        let paid = text.contains("\t,交易,");
        assert_eq!(paid, fault != "drop_line", "{text}");
        assert_eq!(text.contains("128.01"), fault == "alter_line", "{text}");
    }
}
