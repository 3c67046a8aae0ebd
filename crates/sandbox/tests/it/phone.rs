//! The wallet phone, its JSON API, and requests that the sandbox refuses.

use sandbox::{Error, Options, Sandbox};
use serde_json::{Value, json};

use crate::support::{NOWHERE, alipay, keys, listed, native, native_code, own, scan, send, start};

#[tokio::test]
async fn the_phone_page_keeps_its_strict_policy() {
    let running = start().await;
    for path in ["/phone", "/phone.js", "/phone-settings.js", "/phone.css", "/cashier.css"] {
        let answer = own(&running, path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        );
    }
    let page = own(&running, "/phone", Value::Null).await;
    for forbidden in ["<style", " style=", " onclick=", "javascript:", "<script>"] {
        assert!(!page.text().contains(forbidden), "{forbidden}");
    }
    for path in ["/phone.js", "/phone-settings.js", "/bridge.js"] {
        let script = own(&running, path, Value::Null).await;
        for forbidden in ["innerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!script.text().contains(forbidden), "{path} {forbidden}");
        }
    }
}

#[tokio::test]
async fn the_phone_names_the_shop_as_it_is_called() {
    let name = "清禾茶铺 Qinghe Tea".to_owned();
    let options = Options { keys: Some(keys()), merchant_name: name.clone(), ..Options::default() };
    let running = Sandbox::start(options).await.unwrap();
    let code = native_code(&running, &native("PHONE_0009", NOWHERE)).await;
    let scanned = own(&running, "/sandbox/scan", json!({ "code": code })).await.json();
    assert_eq!(scanned["merchant"], json!(name));
}

#[tokio::test]
async fn waiting_codes_are_those_a_phone_could_scan() {
    let running = start().await;
    let old = native_code(&running, &native("PHONE_0001", NOWHERE)).await;
    let new = native_code(&running, &native("PHONE_0001", NOWHERE)).await;
    let content = json!({ "out_trade_no": "PHONE_0002", "total_amount": "0.01", "subject": "茶" });
    let qr_code = alipay(&running, "alipay.trade.precreate", content).await["qr_code"].clone();
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    let listed: Vec<&Value> = codes.as_array().unwrap().iter().map(|code| &code["code"]).collect();
    assert!(
        listed.contains(&&json!(new))
            && listed.contains(&&qr_code)
            && !listed.contains(&&json!(old))
    );
    let tea = codes.as_array().unwrap().iter().find(|code| code["code"] == qr_code).unwrap();
    assert_eq!(
        (&tea["wallet"], &tea["amount"], &tea["description"], &tea["out_trade_no"]),
        (&json!("alipay"), &json!(1), &json!("茶"), &json!("PHONE_0002"))
    );
    own(&running, "/sandbox/approve", json!({ "code": qr_code })).await;
    let codes = own(&running, "/sandbox/codes", Value::Null).await.json();
    assert_eq!(codes.as_array().unwrap().len(), 1, "a paid code does not wait");
}

#[tokio::test]
async fn a_wallet_scans_only_its_own_codes() {
    let running = start().await;
    let code = native_code(&running, &native("PHONE_0003", NOWHERE)).await;
    let answer = own(&running, "/sandbox/scan", json!({ "code": code, "wallet": "alipay" })).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("wrong_wallet"), &json!(422)));
    let answer =
        own(&running, "/sandbox/scan", json!({ "code": code, "wallet": "wechat_pay" })).await;
    assert_eq!(answer.json()["amount"], 12_800);
    assert_eq!(answer.json()["description"], "测试商品 A+B");
}

#[tokio::test]
async fn the_first_scan_binds_the_user() {
    let running = start().await;
    let code = native_code(&running, &native("PHONE_0004", NOWHERE)).await;
    let by = |user: &str| json!({ "code": code, "user": user });
    assert_eq!(own(&running, "/sandbox/scan", by("ann")).await.status, 200);
    for verb in ["scan", "approve", "refuse", "leave"] {
        let problem = own(&running, &format!("/sandbox/{verb}"), by("bob")).await.json();
        assert_eq!(problem["code"], "bound_to_other_user", "{verb}");
        assert_eq!(problem["detail"], "商家订单信息有误，请重新下单支付");
    }
    assert_eq!(own(&running, "/sandbox/approve", by("ann")).await.json()["state"], "SUCCESS");
}

#[tokio::test]
async fn refusing_and_leaving_change_nothing() {
    let running = start().await;
    let code = native_code(&running, &native("PHONE_0005", NOWHERE)).await;
    for verb in ["refuse", "leave"] {
        let answer = own(&running, &format!("/sandbox/{verb}"), json!({ "code": code })).await;
        assert_eq!(answer.json()["state"], "NOTPAY", "{verb}");
    }
    assert!(listed(&running, "PHONE_0005").await["notifications"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_api_names_what_is_wrong() {
    let running = start().await;
    assert_eq!(
        scan(&running, "weixin://wxpay/bizpayurl?pr=nothing").await.json()["detail"],
        "系统繁忙，请稍后再试"
    );
    let url = format!("{}/sandbox/scan", running.base_url());
    let answer = send("POST", &url, &[("content-type", "text/plain")], "{\"code\":\"x\"}").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (415, &json!("not_json")));
    for body in [json!({}), json!({ "code": 1 }), json!({ "code": "x", "more": 1 }), json!([])] {
        let answer = own(&running, "/sandbox/scan", body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("invalid_body")));
    }
}

#[tokio::test]
async fn fault_switches_are_set_one_by_one_and_reset_together() {
    let running = start().await;
    let off = own(&running, "/sandbox/faults", Value::Null).await.json();
    own(&running, "/sandbox/faults", json!({ "slow_ms": 5 })).await;
    let both = own(&running, "/sandbox/faults", json!({ "down": true })).await.json();
    assert_eq!((&both["slow_ms"], &both["down"]), (&json!(5), &json!(true)));
    for bad in [
        json!({ "no_such": true }),
        json!({ "slow_ms": 60_001 }),
        json!({ "wechat_next_status": 200 }),
    ] {
        assert_eq!(own(&running, "/sandbox/faults", bad).await.json()["code"], "invalid_faults");
    }
    assert_eq!(
        own(&running, "/sandbox/faults", Value::Null).await.json(),
        both,
        "a bad change changes nothing"
    );
    let url = format!("{}/sandbox/faults", running.base_url());
    assert_eq!(send("DELETE", &url, &[], "").await.status, 204);
    assert_eq!(own(&running, "/sandbox/faults", Value::Null).await.json(), off);
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let options =
        Options { addr: "0.0.0.0:0".parse().unwrap(), keys: Some(keys()), ..Options::default() };
    assert!(matches!(Sandbox::start(options).await, Err(Error::NotLoopback(_))));
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let running = start().await;
    let addr = running.addr;
    running.stop().await;
    let again = Options { addr, keys: Some(keys()), ..Options::default() };
    Sandbox::start(again).await.unwrap().stop().await;
}
