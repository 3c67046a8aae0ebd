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

async fn open_as(url: &str, user_agent: &str) -> String {
    call(Method::GET, url, &[("user-agent", user_agent)], "").await.text()
}

/// Submits a form in this browser; returns the address to which it leads.
async fn submit(session: &Opened, action: &str, fields: &str, user_agent: &str) -> String {
    let form = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", user_agent)];
    let url = format!("{}/{action}", session.hosted_url);
    let answer = call(Method::POST, &url, &form, fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

/// Submits a form and follows the redirect to the page.
async fn press(session: &Opened, action: &str, fields: &str) -> Answer {
    let location = submit(session, action, fields, "").await;
    let location = location.strip_prefix("../").expect(&location);
    let (parent, _) = session.hosted_url.rsplit_once('/').unwrap();
    open(&format!("{parent}/{location}")).await
}

/// Returns the fields that the page's form sends for this wallet.
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
    assert!(html.contains("Tea &#38; Co") && html.contains("<h1 class=\"amount\">CN¥128.00</h1>"));
    assert!(html.contains("龙井茶 &#60;b&#62;&#38; tea"), "{html}");
    assert!(!html.contains("<b>"));
    assert_eq!(html.matches("<script").count(), 1, "only its own");
    assert!(!html.contains(&session.secret));
    assert!(html.contains("https://shop.example/?a=1&#38;b=2"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; connect-src 'self';"));
    assert!(policy.contains("; form-action 'self' https://*.alipay.com"), "{policy}");
    assert!(policy.contains(&bench.sandbox.base_url()), "{policy}");
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    assert_eq!(page.header("cache-control"), "no-store");

    let fields = pay_fields(&html, "wechat_pay");
    let waiting = press(&session, "pay", &fields).await.text();
    assert!(waiting.contains("class=\"qr\"") && waiting.contains("http-equiv=\"refresh\""));
    let again = press(&session, "pay", &fields).await.text();
    assert!(again.contains("class=\"qr\""));
    assert_eq!(bench.orders().await.len(), 1, "a double click starts one payment");

    let started = bench.shop.session(&session).await;
    bench.approve(&code(&started)).await;
    bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    let done = open(&session.hosted_url).await.text();
    assert!(done.contains("Payment complete") && !done.contains("http-equiv"), "{done}");
    assert!(
        done.contains("<p class=\"amount\">CN¥128.00</p>") && done.contains("</svg>WeChat Pay</p>")
    );
}

#[tokio::test]
async fn every_button_makes_its_call() {
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
    assert!(hasty.contains("role=\"alert\"") && hasty.contains("Too many attempts"), "{hasty}");
    let switched = press(&session, "pay", &pay_fields(&hasty, "wechat_pay")).await.text();
    assert!(switched.contains("Scan with WeChat"), "{switched}");
    let active = bench.shop.session(&session).await.payment.unwrap();
    let canceled = press(&session, "cancel", &format!("payment={}", active.id)).await.text();
    assert!(canceled.contains("canceled") && canceled.contains("value=\"alipay\""));
    assert_eq!(status(&bench.shop.session(&session).await), PaymentStatus::Canceled);
    let strange = press(&session, "pay", "key=x&method=cash").await.text();
    assert!(strange.contains("That didn’t work"), "{strange}");
}

#[tokio::test]
async fn the_page_is_chinese_on_request_and_leads_to_the_cashier() {
    let bench = Bench::with(DesktopFlow::Page, "").await;
    let session = bench.shop.open().await;
    let page = call(Method::GET, &session.hosted_url, &CHINESE, "").await.text();
    assert!(
        page.contains("<html lang=\"zh-Hans\" dir=\"ltr\">") && page.contains("使用支付宝付款")
    );
    // One way to pay: the form leads straight to the cashier.
    let cashier = submit(&session, "pay", &pay_fields(&page, "alipay"), "").await;
    assert!(cashier.starts_with(&bench.sandbox.base_url()), "{cashier}");
    assert!(cashier.contains("alipay.trade.page.pay"), "{cashier}");
    // A shopper who comes back finds the way there again.
    let waiting = open(&session.hosted_url).await.text();
    assert!(waiting.contains("Continue to Alipay") && waiting.contains("&#38;"), "{waiting}");
    // Alipay returns the shopper to this page.
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
    assert!(!notice.contains("<script>"));
    let unknown = call(
        Method::POST,
        &format!("{}/refund", session.hosted_url),
        &[("content-type", "application/x-www-form-urlencoded")],
        "",
    )
    .await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("There is no payment here"), "{}", unknown.text());
    for (extension, kind) in [("css", "text/css"), ("js", "text/javascript")] {
        let file = open(&format!("{parent}.{extension}")).await;
        assert_eq!(file.header("content-type"), format!("{kind}; charset=utf-8"));
        assert_eq!(file.status, 200);
    }
}

#[tokio::test]
async fn d40_an_expired_page_still_has_the_check_button() {
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
    assert!(expired.contains("Time is up"));
    let payment = format!("payment={}", started.payment.unwrap().id);
    let still = press(&session, "check", &payment).await.text();
    assert!(still.contains("Time is up"), "{still}");
    bench.shop.wait_for(&session, |now| now.refund == Some(RefundStatus::Succeeded)).await;
    let refunded = open(&session.hosted_url).await.text();
    assert!(refunded.contains("It has been refunded to the same account"), "{refunded}");
}

const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile Safari/604.1";
const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile MicroMessenger/8.0.49";

/// Submits a form of the page in this browser; returns the page.
async fn press_as(session: &Opened, user_agent: &str, fields: &str) -> String {
    let location = submit(session, "pay", fields, user_agent).await;
    let location = location.strip_prefix("../").expect(&location);
    let (parent, _) = session.hosted_url.rsplit_once('/').unwrap();
    open_as(&format!("{parent}/{location}"), user_agent).await
}

#[tokio::test]
async fn d20_a_phone_is_led_straight_to_the_wallet_with_a_referrer() {
    let bench = Bench::with(DesktopFlow::Precreate, "").await;
    for (method, address) in
        [("wechat_pay", "/cgi-bin/mmpayweb-bin/checkmweb?"), ("alipay", "alipay.trade.wap.pay")]
    {
        let session = bench.shop.open().await;
        let page = open_as(&session.hosted_url, SAFARI).await;
        let link = submit(&session, "pay", &pay_fields(&page, method), SAFARI).await;
        assert!(link.contains(address), "{link}");
        // A shopper who comes back has one button to the same page.
        let back = open_as(&session.hosted_url, SAFARI).await.replace("&#38;", "&");
        assert_eq!(back.matches("part=\"primary\"").count(), 1, "{back}");
        assert!(back.contains(&format!("href=\"{link}\"")), "{back}");
        if method == "wechat_pay" {
            // The header that a browser sends under the page's policy: our origin, and no more.
            let policy = open(&session.hosted_url).await;
            assert_eq!(policy.header("referrer-policy"), "strict-origin");
            let referer = format!("{}/", bench.shop.base);
            let headers = [("user-agent", SAFARI), ("referer", referer.as_str())];
            let app = call(Method::GET, &link, &headers, "").await;
            assert!(app.text().contains("¥128.00"), "{}", app.text());
            assert!(app.text().contains("/v1/checkout/hosted/"), "it returns to this page");
        }
    }
}

#[tokio::test]
async fn d23_a_page_inside_wechat_explains_and_continues_in_another_browser() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let page = open_as(&session.hosted_url, WECHAT).await;
    let (_, link) = page
        .split_once("?wallet=alipay\"")
        .map(|(before, _)| before.rsplit_once("href=\"").expect("a link"))
        .expect(&page);
    let (parent, _) = session.hosted_url.rsplit_once('/').unwrap();
    let address = format!("{parent}/{link}?wallet=alipay");
    let guide = open_as(&address, WECHAT).await;
    assert!(guide.contains("Open this page in your browser"), "{guide}");
    assert!(guide.contains(&format!("value=\"{}?wallet=alipay\"", session.hosted_url)), "{guide}");
    let sandbox = bench.sandbox.base_url();
    assert!(!guide.contains(&sandbox) && !guide.contains("alipays://"), "no gateway's address");
    let chinese = [("user-agent", WECHAT), ("accept-language", "zh-CN")];
    let guide = call(Method::GET, &address, &chinese, "").await;
    assert!(guide.text().contains("在浏览器中打开"), "{}", guide.text());
    assert_eq!(guide.header("vary"), "Accept-Language, User-Agent");

    // The same address in the phone's browser: Alipay works, without a cookie.
    let elsewhere = open_as(&address, SAFARI).await;
    assert!(elsewhere.contains("data-continue"), "the script presses the button: {elsewhere}");
    let paying = submit(&session, "pay", &pay_fields(&elsewhere, "alipay"), SAFARI).await;
    assert!(paying.contains("alipay.trade.wap.pay"), "{paying}");
    // The page in WeChat offers no payment there, but shows the payment's state.
    let still = open_as(&session.hosted_url, WECHAT).await;
    assert!(!still.contains("alipay.trade.wap.pay"), "{still}");
    assert!(still.contains("Open this page in your browser") && still.contains("I’ve paid"));
    // Another phone may scan instead.
    let key = format!("key=other-{}&method=alipay&flow=qr_code", session.id);
    let code = press_as(&session, WECHAT, &key).await;
    assert!(code.contains("class=\"qr\""), "{code}");
}

#[tokio::test]
async fn a_form_that_cannot_work_here_shows_the_reason() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let page = press_as(&session, WECHAT, "key=k&method=alipay").await;
    assert!(page.contains("The wallet couldn’t be opened here"), "{page}");
    assert!(bench.orders().await.is_empty());
}

/// The form of the prerendered selector leads here, with the wallet in the query.
#[tokio::test]
async fn a_wallet_in_the_address_is_paid_without_another_choice() {
    let bench = Bench::new().await;
    for (method, shown, other) in [
        ("alipay", "Pay with Alipay", "wechat_pay"),
        ("wechat_pay", "Pay with WeChat Pay", "alipay"),
    ] {
        let session = bench.shop.open().await;
        let page = open(&format!("{}?wallet={method}", session.hosted_url)).await.text();
        assert!(page.contains(shown) && !page.contains(&format!("value=\"{other}\"")), "{page}");
        let unpaid = bench.shop.session(&session).await;
        assert!(unpaid.payment.is_none(), "a GET request starts nothing");
        let waiting = press(&session, "pay", &pay_fields(&page, method)).await.text();
        assert!(waiting.contains("class=\"qr\""), "{waiting}");
        bench.approve(&code(&bench.shop.session(&session).await)).await;
        bench.shop.wait_for_status(&session, SessionStatus::Complete).await;
    }
    let session = bench.shop.open().await;
    for query in ["wallet=", "wallet=cash", "wallet=%3Cscript%3E"] {
        let page = open(&format!("{}?{query}", session.hosted_url)).await.text();
        assert!(
            page.contains("Choose how to pay") && !page.contains("<script>"),
            "{query}: {page}"
        );
    }
}

#[tokio::test]
async fn l2_a_hosted_link_expires_a_month_after_its_session() {
    let bench = Bench::new().await;
    let session = bench.shop.open().await;
    let page = async || crate::bench::call(Method::GET, &session.hosted_url, &[], "").await.status;
    assert_eq!(page().await, 200);
    bench.shop.clock.advance(31 * 86_400_000);
    assert_eq!(page().await, 404);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/pay", session.hosted_url);
    let pressed = crate::bench::call(Method::POST, &url, &form, "method=wechat_pay&key=k").await;
    assert_eq!(pressed.status, 404);
}

#[tokio::test]
async fn b35_wechats_file_for_the_domain_is_served_at_the_root() {
    let more = "[wechat_pay]\ndomain_verification = \"MP_verify_AbC1.txt\"\n";
    let bench = Bench::with(sandbox::DesktopFlow::Precreate, more).await;
    let get = async |path: &str| {
        crate::bench::call(Method::GET, &format!("{}{path}", bench.shop.base), &[], "").await
    };
    let file = get("/MP_verify_AbC1.txt").await;
    assert_eq!((file.status.as_u16(), &file.body[..]), (200, b"AbC1".as_slice()));
    assert_eq!(get("/MP_verify_other.txt").await.status, 404);
}
