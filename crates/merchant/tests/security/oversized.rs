//! Requests that are too large, too deep, or not what they say.

use http::Method;
use serde_json::json;

use crate::bench::{SECRET_KEY, call, start_body};
use crate::dump::dump;
use crate::forger::bench;
use crate::raw::{exchange, status};

/// One byte more than the limit of any body.
const TOO_LARGE: usize = 64 * 1024 + 1;

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_by_every_call_that_reads_one() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let base = &bench.shop.base;
    let secret = format!("Bearer {}", session.secret);
    let key = format!("Bearer {SECRET_KEY}");
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let before = dump(&bench.shop.database);
    // A program gets a problem, and the shopper's browser a page.
    let (problem, page) = ("body_too_large", "content-type: text/html");
    for (url, authorization, kind, says) in [
        (format!("{base}/v1/checkout/sessions"), key.as_str(), json, problem),
        (format!("{base}/v1/refunds"), &key, json, problem),
        (format!("{base}/v1/checkout/sessions/{}/payments", session.id), &secret, json, problem),
        (format!("{base}/v1/notifications/alipay"), "", form, problem),
        (format!("{base}/v1/notifications/wechat_pay"), "", json, problem),
        (format!("{}/pay", session.hosted_url), "", form, page),
    ] {
        let path = url.strip_prefix(base.as_str()).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Authorization: {authorization}\r\nIdempotency-Key: large\r\n"
        );
        let body = "x".repeat(TOO_LARGE);
        // A declared length that is kept; one far above what is sent; none.
        let declared = format!("{head}Content-Length: {TOO_LARGE}\r\n\r\n{body}");
        let boasted = format!("{head}Content-Length: 18446744073709551615\r\n\r\nx");
        let chunked =
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{TOO_LARGE:x}\r\n{body}\r\n0\r\n\r\n");
        for (name, request) in [("declared", declared), ("chunked", chunked)] {
            let answer = exchange(base, request.into_bytes()).await;
            assert_eq!(status(&answer), 413, "{path}, {name}: {answer}");
            assert!(answer.contains(says), "{path}, {name}: {answer}");
        }
        let answer = exchange(base, boasted.into_bytes()).await;
        assert!([400, 413, 431].contains(&status(&answer)), "{path}, boasted: {answer}");
    }
    assert_eq!(dump(&bench.shop.database), before);
}

#[tokio::test]
async fn a_chunked_body_is_refused_at_the_limit_not_at_its_end() {
    let bench = bench("").await;
    let base = bench.shop.base.clone();
    let sent = tokio::task::spawn_blocking(move || {
        use std::io::Write as _;
        let mut stream = crate::raw::connect(&base);
        let head = "POST /v1/notifications/alipay HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(4_096));
        let mut sent = 0;
        // 256 MB, if there were no limit.
        while sent < 65_536 && stream.write_all(chunk.as_bytes()).is_ok() {
            sent += 1;
        }
        sent
    })
    .await
    .unwrap();
    assert!(sent < 8_192, "{sent} chunks of 4 kB were taken");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let bench = bench("").await;
    let base = &bench.shop.base;
    let long = "a".repeat(1_000_000);
    let many: String = (0..200).map(|index| format!("X-{index}: a\r\n")).collect();
    for (name, request, codes) in [
        (
            "a value of 1 MB",
            format!("GET /healthz HTTP/1.1\r\nHost: shop\r\nX-Long: {long}\r\n\r\n"),
            &[431_u16][..],
        ),
        (
            "a name of 1 MB",
            format!("GET /healthz HTTP/1.1\r\nHost: shop\r\n{long}: x\r\n\r\n"),
            &[431, 400],
        ),
        ("200 headers", format!("GET /healthz HTTP/1.1\r\nHost: shop\r\n{many}\r\n"), &[431]),
        ("a path of 1 MB", format!("GET /{long} HTTP/1.1\r\nHost: shop\r\n\r\n"), &[414, 431]),
        (
            "a path of 70 kB",
            format!("GET /{} HTTP/1.1\r\nHost: shop\r\n\r\n", &long[..70_000]),
            &[414, 431],
        ),
        ("a method of 1 MB", format!("{long} / HTTP/1.1\r\nHost: shop\r\n\r\n"), &[400, 431]),
    ] {
        let answer = exchange(base, request.into_bytes()).await;
        // A server may close on a client that still sends; then the answer is lost.
        assert!(codes.contains(&status(&answer)) || answer.is_empty(), "{name}: {answer}");
    }
    assert_eq!(call(Method::GET, &format!("{base}/healthz"), &[], "").await.status, 200);
}

#[tokio::test]
async fn ambiguous_requests_are_read_once_or_refused() {
    let bench = bench("").await;
    let base = &bench.shop.base;
    let inner = "GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n";
    let post = "POST /v1/notifications/alipay HTTP/1.1\r\nHost: shop\r\n";
    for (name, request) in [
        (
            "two lengths",
            format!("{post}Content-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()),
        ),
        ("a length with a sign", format!("{post}Content-Length: +0\r\n\r\n{inner}")),
        ("a negative length", format!("{post}Content-Length: -1\r\n\r\n{inner}")),
        ("an unknown coding", format!("{post}Transfer-Encoding: x\r\n\r\n{inner}")),
        (
            "chunked not last",
            format!("{post}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n{inner}"),
        ),
        ("a bad chunk size", format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{inner}")),
        ("a blank before the colon", format!("{post}Content-Length : 5\r\n\r\nhello{inner}")),
        (
            "a folded header",
            format!("GET /healthz HTTP/1.1\r\nHost: shop\r\nX: a\r\n b\r\n\r\n{inner}"),
        ),
        (
            "a NUL in a header",
            format!("GET /healthz HTTP/1.1\r\nHost: shop\r\nX: a\0b\r\n\r\n{inner}"),
        ),
        (
            "a bare CR in a header",
            format!("GET /healthz HTTP/1.1\r\nHost: shop\r\nX: a\rb: c\r\n\r\n{inner}"),
        ),
        ("HTTP/2 unasked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("HTTP/9", format!("GET /healthz HTTP/9.9\r\nHost: shop\r\n\r\n{inner}")),
        ("no HTTP", format!("\u{16}\u{3}\u{1}\u{2}\u{0}{inner}")),
    ] {
        let answer = exchange(base, request.into_bytes()).await;
        assert!(
            !answer.contains("{\"status\":\"ok\"}"),
            "{name}: the inner request was served: {answer}"
        );
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            usize::from(status(&answer) != 0),
            "{name}: {answer}"
        );
        assert!([0, 400, 505].contains(&status(&answer)), "{name}: {answer}");
    }
    // Chunked wins over a length, as RFC 9112 section 6.3 requires; what follows is not served.
    let both =
        format!("{post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}");
    let answer = exchange(base, both.into_bytes()).await;
    assert_eq!(status(&answer), 400, "{answer}");
}

#[tokio::test]
async fn nested_odd_or_compressed_json_is_refused() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let base = &bench.shop.base;
    let url = format!("{base}/v1/checkout/sessions/{}/payments", session.id);
    let secret = format!("Bearer {}", session.secret);
    let start = async |headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("authorization", secret.as_str()), ("idempotency-key", "k-odd")];
        all.extend_from_slice(headers);
        call(Method::POST, &url, &all, body).await
    };
    let before = dump(&bench.shop.database);
    let json = [("content-type", "application/json")];
    let good = start_body("alipay").to_string();
    let unclosed = "[".repeat(60_000);
    let deep = format!(
        "{{\"payment_method\":\"alipay\",\"environment\":\"desktop\",\"x\":{}1{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let deep_in_place = deep.replacen("\"alipay\"", "[[[[]]]]", 1);
    let objects = "{\"a\":".repeat(12_000);
    for (name, body) in [
        ("unclosed", unclosed.as_str()),
        ("deep in a field's place", deep_in_place.as_str()),
        ("deep objects", objects.as_str()),
        (
            "a member twice",
            "{\"payment_method\":\"alipay\",\"payment_method\":\"wechat_pay\",\"environment\":\"desktop\"}",
        ),
        ("two documents", &format!("{good}{good}")),
        ("a trailing comma", "{\"payment_method\":\"alipay\",}"),
        ("a byte order mark", &format!("\u{feff}{good}")),
        ("a lone surrogate", "{\"payment_method\":\"\\ud800\",\"environment\":\"desktop\"}"),
        ("half a pair", "{\"payment_method\":\"alipay\",\"environment\":\"\\udc00\\ud800\"}"),
        ("a raw NUL", "{\"payment_method\":\"ali\0pay\",\"environment\":\"desktop\"}"),
        ("not a number", "{\"payment_method\":NaN,\"environment\":\"desktop\"}"),
        (
            "a large number",
            &format!("{{\"payment_method\":1e{},\"environment\":\"desktop\"}}", "9".repeat(5_000)),
        ),
    ] {
        let answer = start(&json, body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        let problem = answer.problem(400, "request_malformed");
        assert!(problem.detail.len() < 300, "{name}: {}", problem.detail.len());
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "application/json-patch+json",
        "",
        ";",
        "\u{7f}",
    ] {
        if http::HeaderValue::from_str(kind).is_err() {
            continue;
        }
        start(&[("content-type", kind)], &good).await.problem(400, "request_malformed");
    }
    // Nothing is decompressed, so nothing can grow.
    for coding in ["gzip", "br", "deflate", "zstd", "gzip, gzip"] {
        let packed = "\u{1f}\u{8b}\u{8}\0\0\0\0\0";
        let headers = [json[0], ("content-encoding", coding)];
        start(&headers, packed).await.problem(400, "request_malformed");
    }
    assert_eq!(dump(&bench.shop.database), before);
    // An ignored member may be nested to any depth: it is skipped without recursion.
    assert_eq!(start(&json, &deep).await.status, 200);
    // Another charset in the content type is ignored: JSON is UTF-8.
    let utf16 = json!({ "payment_method": "alipay", "environment": "desktop" }).to_string();
    let answer = start(&[("content-type", "application/json;charset=utf-16")], &utf16).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
