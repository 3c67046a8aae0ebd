//! Rows of gateways.md part D that are visible from outside and in no other test, and the check
//! that every row has a test.

use std::fs;
use std::path::Path;

use contract::{PaymentStatus, Session};
use http::Method;
use merchant::Clock;
use sandbox::Flows;
use serde_json::json;

use crate::bench::{Bench, Shop, call, payment_id, start_body, status, unique};
use crate::stored::Database;

#[tokio::test]
async fn d11_no_gateway_is_called_at_the_start() {
    let bench = Bench::new().await;
    bench.faults(json!({ "down": true })).await;
    let shop =
        Shop::start(&bench.sandbox, Flows::default(), "", Database::new(), Clock::default()).await;
    let answer = call(Method::GET, &format!("{}/healthz", shop.base), &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    shop.open().await;
}

#[tokio::test]
async fn d13_money_is_never_a_fraction() {
    let bench = Bench::new().await;
    for value in [json!(19.9), json!(9.8), json!(12_800.0), json!(1e2), json!("19.90")] {
        let amount = json!({ "amount": { "value": value, "currency": "CNY" } });
        let answer = bench.shop.create(&unique("key"), amount).await;
        answer.problem(400, "request_malformed");
    }
}

#[tokio::test]
async fn d15_a_price_from_the_page_is_ignored() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let mut body = start_body("wechat_pay");
    body["amount"] = json!({ "value": 1, "currency": "CNY" });
    let started: Session = bench.shop.try_start(&session, "k", body).await.json();
    assert_eq!(started.amount.value, 12_800);
    assert_eq!(bench.orders().await[0]["amount"], 12_800);
}

#[tokio::test]
async fn d27_an_order_unknown_to_the_gateway_is_neither_failed_nor_closed() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    // Nobody has scanned: Alipay has no trade (gateways.md B5.2).
    let started = bench.shop.start_payment(&session, "alipay").await;
    let answer = bench.shop.on_payment(&session, &payment_id(&started), "check").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(status(&answer.json()), PaymentStatus::RequiresAction);
}

#[tokio::test]
async fn d28_a_second_attempt_has_a_number_of_its_own() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let first = bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.on_payment(&session, &payment_id(&first), "cancel").await;
    let second = bench.shop.start_payment(&session, "wechat_pay").await;
    assert_ne!(payment_id(&second), payment_id(&first));
    let orders = bench.orders().await;
    assert_eq!(orders.len(), 2);
    assert_ne!(orders[0]["out_trade_no"], orders[1]["out_trade_no"]);
}

/// The rows of gateways.md part D; all of them concern us, and each has a test with its number in
/// the name.
const ROWS: std::ops::RangeInclusive<u32> = 1..=40;

#[test]
fn every_row_has_a_test_with_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = Vec::new();
    for folder in ["crates", "proofs", "tests"] {
        collect(&root.join(folder), &mut names);
    }
    let has = |row: u32| {
        let number = format!("d{row:02}");
        let mut words =
            names.iter().flat_map(|name| name.split(|sign: char| !sign.is_alphanumeric()));
        words.any(|word| word == number)
    };
    let missing: Vec<u32> = ROWS.filter(|row| !has(*row)).collect();
    assert!(missing.is_empty(), "no test has these rows' numbers in its name: {missing:?}");
    assert!(!has(41), "a row that is not in the list");
}

/// Adds the names of the tests in `folder`, in lower case: functions after `#[test]`, and
/// `test("…")` and `scenario("…")` in JavaScript.
fn collect(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_of_others = path.ends_with("node_modules") || path.ends_with("target");
        if path.is_dir() && !is_of_others {
            collect(&path, names);
            continue;
        }
        match path.extension().and_then(|end| end.to_str()) {
            Some("rs") => {
                let text = fs::read_to_string(&path).unwrap();
                let mut is_test = false;
                for line in text.lines().map(str::trim) {
                    if line.starts_with("#[") {
                        is_test |= line.contains("test]") || line.contains("test(");
                    } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                        names.push(rest.to_lowercase());
                        is_test = false;
                    } else if !line.starts_with("//") {
                        is_test = false;
                    }
                }
            }
            Some("mjs" | "js" | "ts") => {
                let text = fs::read_to_string(&path).unwrap();
                let calls = ["test(", "scenario("];
                for call in calls.iter().flat_map(|call| text.split(call).skip(1)) {
                    let title = call.trim_start().split(['"', '`']).nth(1).unwrap_or_default();
                    names.push(title.to_lowercase());
                }
            }
            _ => {}
        }
    }
}
