//! The page that works without JavaScript.

use contract::{PaymentStatus, RefundStatus, SessionStatus};
use http::Method;
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Answer, Bench, Opened, call, code, status};

const CHINESE: [(&str, &str); 1] = [("accept-language", "zh-CN,zh;q=0.9,en;q=0.8")];

async fn open(url: &str) -> Answer {
    call(Method::GET, url, &[], "").await
}

/// Presses a button and follows to the page.
async fn press(session: &Opened, action: &str, fields: &str) -> Answer {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer =
        call(Method::POST, &format!("{}/{action}", session.hosted_url), &form, fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let location = answer.header("location").strip_prefix("../").unwrap().to_owned();
    let (parent, _) = session.hosted_url.rsplit_once('/').unwrap();
    open(&format!("{parent}/{location}")).await
}

/// What the form on the page would send for this wallet.
fn pay_fields(page: &str, method: &str) -> String {
    let end = format!("-{method}\">");
    let key = page.split("name=\"key\" value=\"").find_map(|part| {
        let (value, _) = part.split_once(&end)?;
        (!value.contains('"')).then(|| format!("{value}-{method}"))
    });
    format!("key={}&method={method}", key.expect("a form for the wallet"))
}

#[tokio::test]
async fn a_shopper_pays_without_scripts() {
    let bench = Bench::new().await;
    let session =
        bench.shop.open_with(json!({ "return_url": "https://shop.example/?a=1&b=2" })).await;
    let page = open(&session.hosted_url).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let html = page.text();
    assert!(html.contains("Tea &amp; Co") && html.contains("¥128.00"));
    assert!(html.contains("龙井茶 &lt;b&gt;&amp; tea"), "{html}");
    assert!(!html.contains("<b>") && !html.contains("<script"));
    assert!(!html.contains(&session.secret));
    assert!(html.contains("https://shop.example/?a=1&amp;b=2"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    assert_eq!(page.header("cache-control"), "no-store");

    let fields = pay_fields(&html, "wechat_pay");
    let waiting = press(&session, "pay", &fields).await.text();
    assert!(waiting.contains("<svg class=\"qr\"") && waiting.contains("http-equiv=\"refresh\""));
    let again = press(&session, "pay", &fields).await.text();
    assert!(again.contains("<svg class=\"qr\""));
    assert_eq!(bench.orders().await.len(), 1, "pressing twice is pressing once");

    let started = bench.shop.session(&session).await;
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    let done = open(&session.hosted_url).await.text();
    assert!(done.contains("Paid") && !done.contains("http-equiv"), "{done}");
}

#[tokio::test]
async fn every_button_does_what_it_says() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let page = open(&session.hosted_url).await.text();
    press(&session, "pay", &pay_fields(&page, "alipay")).await;
    let started = bench.shop.session(&session).await;
    let payment = format!("payment={}", started.payment.as_ref().unwrap().id);

    press(&session, "refresh", &payment).await;
    assert_ne!(code(&bench.shop.session(&session).await), code(&started));
    press(&session, "check", &payment).await;
    let hasty = press(&session, "check", &payment).await.text();
    assert!(hasty.contains("role=\"alert\"") && hasty.contains("That was fast"), "{hasty}");
    let switched = press(&session, "pay", &pay_fields(&hasty, "wechat_pay")).await.text();
    assert!(switched.contains("Scan this code with WeChat"), "{switched}");
    let active = bench.shop.session(&session).await.payment.unwrap();
    let canceled = press(&session, "cancel", &format!("payment={}", active.id)).await.text();
    assert!(canceled.contains("canceled") && canceled.contains("value=\"alipay\""));
    assert_eq!(status(&bench.shop.session(&session).await), PaymentStatus::Canceled);
    let strange = press(&session, "pay", "key=x&method=cash").await.text();
    assert!(strange.contains("did not work"), "{strange}");
}

#[tokio::test]
async fn the_page_speaks_chinese_and_links_to_the_cashier() {
    let bench = Bench::with(DesktopFlow::Page, "").await;
    let session = bench.shop.open().await;
    let page = call(Method::GET, &session.hosted_url, &CHINESE, "").await.text();
    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("使用支付宝付款"));
    let waiting = press(&session, "pay", &pay_fields(&page, "alipay")).await.text();
    assert!(waiting.contains("Go on to Alipay") && waiting.contains("&amp;"), "{waiting}");
    // Back from Alipay the shopper is on this page again.
    let returns: String = bench.shop.stored("SELECT return_url FROM payments");
    assert_eq!(returns, session.hosted_url);
}

#[tokio::test]
async fn a_token_opens_one_page_and_nothing_else() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let other = bench.shop.open().await;
    let (parent, token) = session.hosted_url.rsplit_once('/').unwrap();
    for wrong in [
        session.secret.clone(),
        token.replace(&session.id, &other.id),
        format!("{token}0"),
        "%ff".to_owned(),
    ] {
        let page = open(&format!("{parent}/{wrong}")).await;
        assert!([400, 404].contains(&page.status.as_u16()), "{}", page.text());
        assert!(!page.text().contains("128.00"));
    }
    let notice = open(&format!("{}?notice=%3Cscript%3E", session.hosted_url)).await.text();
    assert!(!notice.contains("<script"));
    let unknown = call(
        Method::POST,
        &format!("{}/refund", session.hosted_url),
        &[("content-type", "application/x-www-form-urlencoded")],
        "",
    )
    .await;
    unknown.problem(404, "not_found");
    let style = open(&format!("{parent}.css")).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(style.status, 200);
}

#[tokio::test]
async fn an_expired_page_still_lets_the_shopper_ask() {
    let bench = Bench::new().await;
    bench.faults(json!({ "drop_notifications": true })).await;
    let session = bench.shop.open_with(json!({ "expires_in_s": 60 })).await;
    let page = open(&session.hosted_url).await.text();
    press(&session, "pay", &pay_fields(&page, "alipay")).await;
    let started = bench.shop.session(&session).await;
    bench.shop.clock.advance(61_000);
    bench.shop.wait_for_status(&session, SessionStatus::Expired).await;
    bench.approve(&code(&started)).await;
    let expired = open(&session.hosted_url).await.text();
    assert!(expired.contains("The time to pay is over"));
    let payment = format!("payment={}", started.payment.unwrap().id);
    let still = press(&session, "check", &payment).await.text();
    assert!(still.contains("The time to pay is over"), "{still}");
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    let told = open(&session.hosted_url).await.text();
    assert!(told.contains("It has gone back to you"), "{told}");
}
