//! Strange texts in the log: each entry is one line, written by us.

use http::Method;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Opened, SECRET_KEY, call, start_body, unique};
use crate::forger::forger;
use crate::injection::{CONTROLLED, STRANGE, encoded};
use crate::process::Process;
use crate::raw::exchange;

#[tokio::test(flavor = "multi_thread")]
async fn each_log_entry_is_one_line_whatever_is_sent() {
    for format in ["text", "json"] {
        let options = sandbox::Options {
            keys: Some(forger().keys),
            notify_speed: 1_000,
            ..sandbox::Options::default()
        };
        let sandbox = sandbox::Sandbox::start(options).await.unwrap();
        let process = Process::start(
            &sandbox,
            DesktopFlow::Precreate,
            "http://127.0.0.1:9/",
            ("debug", format),
        )
        .await;
        let base = process.base.clone();
        for text in STRANGE.iter().chain(CONTROLLED) {
            speak(&base, text).await;
        }
        let log = process.end().await;
        let lines: Vec<&str> =
            log.lines().filter(|line| !line.starts_with("merchant listening on")).collect();
        assert!(lines.len() > 100, "{log}");
        for line in lines {
            if format == "json" {
                let parsed: Result<Value, _> = serde_json::from_str(line);
                assert!(parsed.is_ok(), "no JSON: {line}");
            } else {
                let is_line = line.starts_with("20") && line.get(10..11) == Some("T");
                assert!(is_line, "a line that we did not write: {line}");
            }
            let is_clean = !line.chars().any(|letter| letter.is_control() && letter != '\t');
            assert!(is_clean, "control characters: {line:?}");
            assert!(!line.contains('\u{202e}'), "text that runs backwards: {line:?}");
        }
    }
}

/// Sends a text in every field that might be logged.
async fn speak(base: &str, text: &str) {
    let key = format!("Bearer {SECRET_KEY}");
    let json = ("content-type", "application/json");
    let post = async |path: &str, body: String| {
        let headers = [("authorization", key.as_str()), json, ("idempotency-key", &unique("k"))];
        call(Method::POST, &format!("{base}{path}"), &headers, &body).await
    };
    let order = |more: Value| {
        let mut body = json!({
            "order_id": text, "description": text, "amount": { "value": 1, "currency": "CNY" },
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string()
    };
    let sessions = "/v1/checkout/sessions";
    let opened = post(sessions, order(json!({}))).await;
    for more in [
        json!({ "return_url": text }),
        json!({ "payment_methods": [text] }),
        json!({ "expires_in_s": text }),
        json!({ "amount": text }),
        json!({ "amount": { "value": text, "currency": text } }),
        json!({ "payment_methods": text }),
        json!({ text: text }),
    ] {
        post(sessions, order(more)).await;
    }
    post("/v1/refunds", json!({ "payment_id": text, "amount": text }).to_string()).await;
    post("/v1/refunds", format!("{{\"{text}\":")).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let fields = format!(
        "{}={}&sign={}&sign_type={}",
        encoded(text),
        encoded(text),
        encoded(text),
        encoded(text)
    );
    call(Method::POST, &format!("{base}/v1/notifications/alipay"), &form, &fields).await;
    let path = format!("{base}/{0}/v1/returns/alipay?{0}", encoded(text));
    call(Method::GET, &path, &[], "").await;
    let raw = format!(
        "POST /v1/notifications/wechat_pay HTTP/1.1\r\nHost: {text}\r\nConnection: close\r\nWechatpay-Timestamp: {text}\r\n\
         Wechatpay-Nonce: {text}\r\nWechatpay-Serial: {text}\r\nWechatpay-Signature: {text}\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    // Invalid headers end the connection; either way one line is written.
    let _ = exchange(base, raw.into_bytes()).await;
    if opened.status == 201 {
        let created: Value = opened.json();
        let session = Opened {
            id: created["session"]["id"].as_str().unwrap().to_owned(),
            secret: created["client_secret"].as_str().unwrap().to_owned(),
            hosted_url: created["session"]["hosted_url"].as_str().unwrap().to_owned(),
        };
        let bearer = format!("Bearer {}", session.secret);
        let headers = [("authorization", bearer.as_str()), json, ("idempotency-key", "k")];
        let url = format!("{base}{sessions}/{}/payments", session.id);
        for body in [
            start_body("wechat_pay"),
            json!({ "payment_method": text, "environment": text, "flow": text }),
            json!({ "payment_method": "alipay", "environment": [text] }),
        ] {
            call(Method::POST, &url, &headers, &body.to_string()).await;
        }
    }
}
