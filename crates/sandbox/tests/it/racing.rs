//! Many phones and closings at once: an order is paid once or not at all.

use std::sync::Arc;

use sandbox::Running;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Answer, NOWHERE, alipay, approve, keys, listed, native, native_code, own, scan, start, wechat,
};

fn mchid() -> String {
    json!({ "mchid": keys().wechat_pay.mchid }).to_string()
}

async fn close(running: &Running, number: &str) -> u16 {
    let url = format!("/v3/pay/transactions/out-trade-no/{number}/close");
    wechat(running, "POST", &url, mchid()).await.status.as_u16()
}

async fn qr_code(running: &Running, number: &str) -> String {
    let content = json!({ "out_trade_no": number, "total_amount": "1.00", "subject": "茶" });
    let node = alipay(running, "alipay.trade.precreate", content).await;
    node["qr_code"].as_str().unwrap().to_owned()
}

/// Approves ten times at once; returns the number of successes.
async fn stormed(running: &Arc<Running>, codes: Vec<String>) -> usize {
    let mut phones = JoinSet::new();
    for turn in 0..10 {
        let (running, code) = (running.clone(), codes[turn % codes.len()].clone());
        phones.spawn(async move { approve(&running, &code).await });
    }
    let answers: Vec<Answer> = phones.join_all().await;
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let code = answer.json()["code"].clone();
        assert!(code == "order_paid" || code == "order_closed", "{code}");
    }
    answers.iter().filter(|answer| answer.status == 200).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_closed_while_it_is_paid_ends_as_one_of_both() {
    let running = Arc::new(start().await);
    let mut outcomes = [0, 0];
    for turn in 0..12 {
        let number = format!("RACE_{turn:04}");
        let code = native_code(&running, &native(&number, NOWHERE)).await;
        let closing = {
            let (running, number) = (running.clone(), number.clone());
            // Half of the closings start after the phones, so that either side may win.
            tokio::spawn(async move {
                if turn % 2 == 0 {
                    tokio::task::yield_now().await;
                }
                close(&running, &number).await
            })
        };
        let paid = stormed(&running, vec![code]).await;
        let closed = closing.await.unwrap();
        let books = listed(&running, &number).await;
        let expected = if paid == 1 { (400, 1, "SUCCESS") } else { (204, 0, "CLOSED") };
        assert_eq!(
            (closed, books["captures"].clone(), books["state"].clone()),
            (expected.0, json!(expected.1), json!(expected.2)),
            "{number}: paid {paid} times"
        );
        outcomes[paid] += 1;
    }
    assert_eq!(outcomes.iter().sum::<usize>(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_live_codes_of_one_trade_pay_once() {
    let running = Arc::new(start().await);
    for turn in 0..6 {
        let number = format!("RACE_A_{turn}");
        let codes = vec![qr_code(&running, &number).await, qr_code(&running, &number).await];
        scan(&running, &codes[0]).await;
        let closing = {
            let (running, number) = (running.clone(), number.clone());
            tokio::spawn(async move {
                let content = json!({ "out_trade_no": number });
                alipay(&running, "alipay.trade.close", content).await
            })
        };
        let paid = stormed(&running, codes).await;
        let closed = closing.await.unwrap();
        let books = listed(&running, &number).await;
        let expected = if paid == 1 {
            json!([1, 100, "TRADE_SUCCESS", "ACQ.TRADE_STATUS_ERROR"])
        } else {
            json!([0, 0, "TRADE_CLOSED", null])
        };
        let got = json!([books["captures"], books["captured"], books["state"], closed["sub_code"]]);
        assert_eq!((paid <= 1, got), (true, expected), "{number}");
    }
}

#[tokio::test]
async fn a_late_shopper_is_refused() {
    let running = start().await;
    let paid = native_code(&running, &native("LATE_0001", NOWHERE)).await;
    assert_eq!(approve(&running, &paid).await.json()["captures"], 1);
    assert_eq!(approve(&running, &paid).await.json()["code"], "order_paid");
    let closed = native_code(&running, &native("LATE_0002", NOWHERE)).await;
    scan(&running, &closed).await;
    assert_eq!(close(&running, "LATE_0002").await, 204);
    assert_eq!(approve(&running, &closed).await.json()["code"], "order_closed");
    let old = native_code(&running, &native("LATE_0003", NOWHERE)).await;
    let (unseen, opened) =
        (qr_code(&running, "LATE_0004").await, qr_code(&running, "LATE_0005").await);
    scan(&running, &old).await;
    scan(&running, &opened).await;
    own(&running, "/sandbox/clock", json!({ "advance_s": 4 * 3600 })).await;
    assert_eq!(approve(&running, &old).await.json()["code"], "code_expired");
    assert_eq!(approve(&running, &unseen).await.json()["code"], "code_expired");
    assert_eq!(approve(&running, &opened).await.json()["code"], "order_closed");
    let orders = own(&running, "/sandbox/orders", Value::Null).await.json();
    for order in orders.as_array().unwrap() {
        let number = order["out_trade_no"].as_str().unwrap();
        let expected = u32::from(number == "LATE_0001");
        assert_eq!(order["captures"], expected, "{number}");
    }
}
