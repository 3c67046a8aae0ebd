//! Secrets and personal data: in no log line, no address, no error, no answer to others.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use sandbox::{DesktopFlow, Keys, Options, Running, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bench::{Answer, ORIGIN, SECRET_KEY, call, unique};
use crate::forger::{
    BUYER_ID, BUYER_LOGON_ID, OPENID, WechatNotification, folder, forger, now_s, remove, with,
};
use crate::process::{Process, SIGNING_KEY, WEBHOOK_SECRET};

/// All output to the outside: answers of the backend, and its webhooks.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<String>>>);

impl Recorded {
    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    /// Makes a call and records the answer.
    async fn call(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answer = call(method, url, headers, body).await;
        // Without the request's address, into which the test itself puts secrets.
        self.note(format!("{:?}\n{}", answer.headers, answer.text()));
        answer
    }
}

/// Starts a receiver of webhooks that fails at first.
async fn receiver(recorded: Recorded) -> String {
    async fn receive(State(recorded): State<Recorded>, request: Request) -> StatusCode {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let is_first = !recorded.0.lock().unwrap().iter().any(|text| text.starts_with("webhook"));
        recorded.note(format!("webhook {:?}\n{}", head.headers, String::from_utf8_lossy(&body)));
        if is_first { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(recorded);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Returns the secrets, by name, that only their owner may see.
fn secrets(keys: &Keys) -> Vec<(String, String)> {
    let mut all = vec![
        ("the secret key".to_owned(), SECRET_KEY.to_owned()),
        ("the signing key".to_owned(), SIGNING_KEY.to_owned()),
        ("the webhook secret".to_owned(), WEBHOOK_SECRET.trim_start_matches("whsec_").to_owned()),
        ("the webhook secret, decoded".to_owned(), "01234567890123456789012345678901".to_owned()),
        ("the APIv3 key".to_owned(), keys.wechat_pay.api_v3_key.expose().to_owned()),
        ("the app's secret".to_owned(), keys.wechat_pay.app_secret.expose().to_owned()),
        ("a shopper's openid".to_owned(), OPENID.to_owned()),
        ("a shopper's number".to_owned(), BUYER_ID.to_owned()),
        ("a shopper's account".to_owned(), BUYER_LOGON_ID.to_owned()),
        ("the sandbox's shopper".to_owned(), "wal***@example.com".to_owned()),
    ];
    for (name, pem) in [
        ("the merchant's private key", keys.wechat_pay.merchant_private_key.expose()),
        ("the app's private key", keys.alipay.app_private_key.expose()),
    ] {
        // Any whole line of it, but the first, which all such keys share.
        let lines = pem.lines().filter(|line| line.len() == 64 && !line.starts_with("MII"));
        all.extend(lines.map(|line| (name.to_owned(), line.to_owned())));
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

#[track_caller]
fn assert_not_disclosed(place: &str, text: &str, secrets: &[(String, String)]) {
    for (name, secret) in secrets {
        if let Some(at) = text.find(secret.as_str()) {
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            panic!("{name} is in {place}, after: {line}");
        }
    }
}

async fn start_sandbox() -> Running {
    let options = Options { keys: Some(forger().keys), notify_speed: 1_000, ..Options::default() };
    Sandbox::start(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_logs_answers_addresses_or_webhooks() {
    for (flow, format) in [(DesktopFlow::Precreate, "text"), (DesktopFlow::Page, "json")] {
        let sandbox = start_sandbox().await;
        let recorded = Recorded::default();
        let hooks = receiver(recorded.clone()).await;
        let process = Process::start(&sandbox, flow, &hooks, ("trace", format)).await;
        let mut opened = Vec::new();
        for method in ["wechat_pay", "alipay"] {
            opened.push(drive(&process, &sandbox, &recorded, method).await);
        }
        errors(&process, &sandbox, &recorded, &opened[0]).await;
        process.wait_for("webhook").await;
        for _ in 0..500 {
            let count = recorded
                .0
                .lock()
                .unwrap()
                .iter()
                .filter(|text| text.starts_with("webhook"))
                .count();
            if count >= 3 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let log = process.end().await;
        assert!(log.lines().count() > 100, "the log is not verbose: {log}");
        assert!(log.contains("TRACE"), "the log is not verbose");

        let secrets = secrets(&sandbox.keys);
        assert_not_disclosed("the log", &log, &secrets);
        for session in &opened {
            // The whole secret, its last part, and the hosted page's token, which is a secret, too.
            let tail = session.secret.rsplit('_').next().unwrap().to_owned();
            let token = session.hosted_url.rsplit('/').next().unwrap().to_owned();
            let token_tail = token.rsplit('_').next().unwrap().to_owned();
            let own = [
                ("a client secret".to_owned(), session.secret.clone()),
                ("a client secret's tail".to_owned(), tail.clone()),
                ("a hosted page's token".to_owned(), token_tail),
            ];
            assert_not_disclosed("the log", &log, &own);
            for text in
                recorded.0.lock().unwrap().iter().filter(|text| !text.contains("\"client_secret\""))
            {
                assert_not_disclosed("an answer", text, &own[..2]);
            }
        }
        for text in recorded.0.lock().unwrap().iter() {
            assert_not_disclosed("an answer", text, &secrets);
        }
    }
}

struct Opened {
    id: String,
    secret: String,
    hosted_url: String,
    payment: String,
}

/// Runs a payment from its session to its refund, with failures on the way.
async fn drive(process: &Process, sandbox: &Running, recorded: &Recorded, method: &str) -> Opened {
    let base = &process.base;
    control(sandbox, "faults", json!({ "drop_notifications": true })).await;
    let key = format!("Bearer {SECRET_KEY}");
    let merchant = |idempotency: &str| {
        vec![
            ("authorization", key.clone()),
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", idempotency.to_owned()),
        ]
    };
    let ask = async |method: Method, path: &str, headers: Vec<(&str, String)>, body: Value| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        recorded.call(method, &format!("{base}{path}"), &headers, &body.to_string()).await
    };
    let order = json!({
        "order_id": unique("order"), "description": "龙井茶",
        "amount": { "value": 12_800, "currency": "CNY" }, "return_url": "https://shop.example/done",
    });
    let created = ask(Method::POST, "/v1/checkout/sessions", merchant(&unique("k")), order).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let created: Value = created.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, secret) = (text(&created["session"]["id"]), text(&created["client_secret"]));
    let hosted_url = text(&created["session"]["hosted_url"]);
    let path = format!("/v1/checkout/sessions/{id}");
    let shopper = || {
        vec![
            ("authorization", format!("Bearer {secret}")),
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", format!("start-{method}")),
            ("origin", ORIGIN.to_owned()),
        ]
    };
    let start = json!({ "payment_method": method, "environment": "desktop", "return_url": "https://shop.example/" });
    let payments = format!("{path}/payments");
    // First an outage, then an unclear answer, then the code.
    control(sandbox, "faults", json!({ "down": true })).await;
    let outage = ask(Method::POST, &payments, shopper(), start.clone()).await;
    // A redirect to Alipay calls no gateway: the address is signed locally.
    assert!([200, 503].contains(&outage.status.as_u16()), "{}", outage.text());
    control(
        sandbox,
        "faults",
        json!({ "down": false, "wechat_next_status": 500, "alipay_next_unknown": true }),
    )
    .await;
    ask(Method::POST, &payments, shopper(), start.clone()).await;
    let started = ask(Method::POST, &payments, shopper(), start).await;
    assert_eq!(started.status, 200, "{}", started.text());
    let payment = text(&started.json::<Value>()["payment"]["id"]);
    for verb in ["refresh", "check", "check"] {
        ask(Method::POST, &format!("{payments}/{payment}/{verb}"), shopper(), json!({})).await;
    }
    ask(Method::GET, &path, shopper(), json!({})).await;
    recorded.call(Method::GET, &hosted_url, &[("accept-language", "zh-CN")], "").await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    recorded
        .call(Method::POST, &format!("{hosted_url}/check"), &form, &format!("payment={payment}"))
        .await;
    notifications(process, recorded, method, &payment).await;
    let done = ask(Method::GET, &path, shopper(), json!({})).await;
    assert!(done.text().contains("\"complete\""), "{}", done.text());
    // The end is sent at once, so that the stream ends by itself.
    ask(Method::GET, &format!("{path}/events"), shopper(), json!({})).await;
    ask(Method::GET, &path, merchant("-"), json!({})).await;
    ask(Method::POST, &format!("{path}/expire"), merchant("-"), json!({})).await;
    let refund = json!({ "payment_id": payment, "amount": { "value": 1, "currency": "CNY" } });
    let refund = ask(Method::POST, "/v1/refunds", merchant(&unique("refund")), refund).await;
    assert_eq!(refund.status, 201, "{}", refund.text());
    let refund = text(&refund.json::<Value>()["id"]);
    ask(Method::GET, &format!("/v1/refunds/{refund}"), merchant("-"), json!({})).await;
    Opened { id, secret, hosted_url, payment }
}

/// Sends forged, stale, contradicting, then genuine notifications, each with personal data.
async fn notifications(process: &Process, recorded: &Recorded, method: &str, payment: &str) {
    let forger = forger();
    let sql = format!("SELECT out_trade_no FROM payments WHERE id = '{payment}'");
    let number: String = process.database.one(&sql);
    let messages = if method == "alipay" {
        let pairs = forger.alipay_paid(&number, "128.00");
        vec![
            forger.alipay_signed(&forger.other_key, &pairs),
            forger.alipay(&with(&pairs, &[("total_amount", "1.00")])),
            forger.alipay(&with(&pairs, &[("total_amount", BUYER_LOGON_ID)])),
            forger.alipay(&with(&pairs, &[("trade_status", BUYER_LOGON_ID)])),
            forger.alipay(&with(&pairs, &[("refund_fee", "1.00")])),
            forger.alipay(&pairs),
        ]
    } else {
        let notification = forger.wechat_paid(&number, 12_800);
        let body = forger.wechat(&notification).body;
        let odd = |resource: Value| {
            forger.wechat(&WechatNotification { resource, ..notification.clone() })
        };
        vec![
            forger.wechat_signed(&forger.other_key, &now_s().to_string(), body.clone()),
            forger.wechat_signed(&forger.wechat, &(now_s() - 900).to_string(), body),
            forger.wechat(&forger.wechat_paid(&number, 1)),
            odd(json!({ "payer": { "openid": OPENID }, "amount": OPENID })),
            odd(json!([OPENID])),
            forger.wechat(&WechatNotification {
                event_type: "PAYSCORE.USER_PAID",
                ..notification.clone()
            }),
            forger.wechat(&notification),
        ]
    };
    for message in messages {
        let answer = message.to(&process.base).await;
        recorded.note(format!("{}: {:?}\n{}", message.path, answer.headers, answer.text()));
    }
}

/// Makes calls that are refused, with secrets in wrong positions.
async fn errors(process: &Process, sandbox: &Running, recorded: &Recorded, opened: &Opened) {
    let (base, secret) = (&process.base, opened.secret.as_str());
    let session = format!("{base}/v1/checkout/sessions/{}", opened.id);
    let token = opened.hosted_url.rsplit('/').next().unwrap();
    let bearer = |text: &str| format!("Bearer {text}");
    let key = bearer(SECRET_KEY);
    let json = ("content-type", "application/json");
    for (method, url) in [
        (Method::GET, format!("{base}/v1/checkout/sessions/{secret}")),
        (Method::GET, format!("{session}?client_secret={secret}")),
        (Method::GET, format!("{base}/{secret}/{SECRET_KEY}?{token}")),
        (Method::POST, format!("{session}/payments/{secret}/check")),
        (Method::DELETE, format!("{session}?{secret}")),
        (Method::GET, format!("{base}/v1/checkout/hosted/{secret}")),
        (Method::GET, format!("{base}/v1/checkout/hosted/{token}0")),
        (Method::POST, format!("{}/nothing", opened.hosted_url)),
        (Method::POST, format!("{}/check", opened.hosted_url)),
        (Method::POST, format!("{}/pay", opened.hosted_url)),
        (Method::GET, format!("{base}/v1/returns/alipay?sign={secret}&out_trade_no=1")),
        (Method::GET, format!("{base}/v1/refunds/{SECRET_KEY}")),
        (Method::OPTIONS, format!("{session}?{secret}")),
    ] {
        for authorization in [
            bearer(secret),
            key.clone(),
            bearer(&format!("{SECRET_KEY}x")),
            bearer(&format!("{secret}x")),
            secret.to_owned(),
        ] {
            let headers = [
                ("authorization", authorization.as_str()),
                ("idempotency-key", secret),
                ("cookie", SECRET_KEY),
                ("x-request-id", secret),
                ("referer", &opened.hosted_url),
                json,
            ];
            recorded.call(method.clone(), &url, &headers, "{\"payment_id\":").await;
        }
    }
    // An idempotency key reused with another body; a truncated body.
    let start =
        |method: &str| json!({ "payment_method": method, "environment": "desktop" }).to_string();
    let own = bearer(secret);
    for (idempotency, body) in
        [("start-wechat_pay", start("alipay")), ("a b", start("alipay")), ("k", "{".to_owned())]
    {
        let headers = [("authorization", own.as_str()), ("idempotency-key", idempotency), json];
        recorded.call(Method::POST, &format!("{session}/payments"), &headers, &body).await;
    }
    // More than was paid, and a refund that the gateway refuses for lack of money.
    control(sandbox, "faults", json!({ "refund_not_enough": true })).await;
    for value in [99_999_999, 2] {
        let headers = [("authorization", key.as_str()), ("idempotency-key", &unique("r")), json];
        let body = json!({ "payment_id": opened.payment, "amount": { "value": value, "currency": "CNY" } });
        recorded
            .call(Method::POST, &format!("{base}/v1/refunds"), &headers, &body.to_string())
            .await;
    }
    control(sandbox, "faults", json!({ "signtest_response": true, "alipay_unsigned": true })).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
}

async fn control(sandbox: &Running, call_name: &str, body: Value) {
    let url = format!("{}/sandbox/{call_name}", sandbox.base_url());
    let json = [("content-type", "application/json")];
    let answer = call(Method::POST, &url, &json, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn no_secret_is_in_configuration_errors() {
    let keys = forger().keys;
    let folder = folder();
    let gateways = keys.gateways_toml("http://127.0.0.1:9", DesktopFlow::Page);
    let server = format!(
        "[server]\npublic_url = \"http://127.0.0.1:1\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n\
         secret_key = \"{SECRET_KEY}\"\nsigning_key = \"{SIGNING_KEY}\"\n\
         [webhooks]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{WEBHOOK_SECRET}\"\n",
        folder.join("merchant.db").display()
    );
    let good = format!("{server}{gateways}");
    let line = keys.wechat_pay.merchant_private_key.expose().lines().nth(5).unwrap().to_owned();
    let api_v3 = keys.wechat_pay.api_v3_key.expose();
    // The text to change, its replacement, and a word that the error must contain.
    let cases: Vec<(String, String, &str)> = vec![
        (format!("\"{SECRET_KEY}\""), "\"sk_tooshort7\"".into(), "server.secret_key"),
        (
            format!("\"{SECRET_KEY}\""),
            "\"pk_0123456789abcdef01234567\"".into(),
            "server.secret_key",
        ),
        (format!("\"{SECRET_KEY}\""), format!("\"{SECRET_KEY}"), "line "),
        (
            format!("secret_key = \"{SECRET_KEY}\""),
            format!("secretkey = \"{SECRET_KEY}\""),
            "server.secretkey",
        ),
        (
            format!("secret_key = \"{SECRET_KEY}\""),
            format!("secret_key = [\"{SECRET_KEY}\", 7]"),
            "server.secret_key",
        ),
        (
            format!("secret_key = \"{SECRET_KEY}\""),
            format!("secret_key = \"{SECRET_KEY}\"\nsecret_key = \"{SECRET_KEY}\""),
            "line ",
        ),
        (format!("secret_key = \"{SECRET_KEY}\""), format!("secret_key = {SECRET_KEY}"), "line "),
        (format!("\"{SIGNING_KEY}\""), "\"shortsigning\"".into(), "server.signing_key"),
        (WEBHOOK_SECRET.into(), "whsec_!!notbase64!!".into(), "webhooks.secret"),
        (WEBHOOK_SECRET.into(), "c2hvcnQ=".into(), "webhooks.secret"),
        (format!("\"{api_v3}\""), format!("\"{}\"", &api_v3[1..]), "wechat_pay.api_v3_key"),
        (line.clone(), line.replace(&line[10..20], "!!!!!!!!!!"), "private_key"),
        (line.clone(), String::new(), "private_key"),
        (format!("{line}\n"), format!("{line}\"\"\"\n"), "line "),
    ];
    let mut secrets = secrets(&keys);
    for value in [
        "sk_tooshort7",
        "pk_0123456789abcdef01234567",
        "shortsigning",
        "!!notbase64!!",
        "c2hvcnQ=",
        &api_v3[1..],
    ] {
        secrets.push(("a wrong setting".to_owned(), value.to_owned()));
    }
    for (from, to, named) in cases {
        assert!(good.contains(&from), "{from} is not there");
        let file = folder.join("bad.toml");
        std::fs::write(&file, good.replacen(&from, &to, 1)).unwrap();
        let output = run(&file, &[]);
        assert!(output.contains(named), "{to}: {output}");
        assert_not_disclosed("the error message", &output, &secrets);
    }
    std::fs::write(folder.join("good.toml"), &good).unwrap();
    for (name, value, named) in [
        ("OPENCASHIER_SERVER__SECRET_KEY", "sk_from_env", "server.secret_key"),
        ("OPENCASHIER_SERVER__SIGNING_KEY", "signing_from_env", "server.signing_key"),
        ("OPENCASHIER_WECHAT_PAY__API_V3_KEY", "api_from_env", "wechat_pay.api_v3_key"),
        ("OPENCASHIER_WECHAT_PAY__MERCHANT_PRIVATE_KEY", "pem_from_env", "merchant_private_key"),
        ("OPENCASHIER_WEBHOOKS__SECRET", "whsec_from_env!", "webhooks.secret"),
        ("OPENCASHIER_SERVER__SECRETKEY", "sk_misnamed_from_env", "server.secretkey"),
    ] {
        let output = run(&folder.join("good.toml"), &[(name, value)]);
        assert!(output.contains(named), "{name}: {output}");
        assert!(!output.contains(value), "{name}: {output}");
        assert_not_disclosed("the error message", &output, &secrets);
    }
    remove(&folder);
}

/// Starts the program, which must stop by itself; returns its output.
fn run(file: &Path, environment: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_merchant"))
        .arg("--config")
        .arg(file)
        .env("OPENCASHIER_LOG", "trace")
        .envs(environment.iter().copied())
        // If it started by mistake, this address would keep it from serving for ever.
        .env("OPENCASHIER_SERVER__LISTEN", "203.0.113.1:1")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let output = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&output).into_owned()
}

#[test]
fn debug_output_of_the_configuration_hides_every_secret() {
    let keys = forger().keys;
    let server = format!(
        "[server]\npublic_url = \"http://127.0.0.1:1\"\nmerchant_name = \"Tea\"\n\
         secret_key = \"{SECRET_KEY}\"\nsigning_key = \"{SIGNING_KEY}\"\n\
         [webhooks]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"{WEBHOOK_SECRET}\"\n"
    );
    let gateways = keys.gateways_toml("http://127.0.0.1:9", DesktopFlow::Page);
    let texts = [server, gateways].map(|text| (Path::new("test.toml"), text));
    let config = merchant::Config::parse(texts, []).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("***"));
    assert_not_disclosed("Debug", &shown, &secrets(&keys));
    // A list of the key's bytes would disclose it, too.
    assert!(!shown.contains("48, 49, 50"), "{shown}");
}
