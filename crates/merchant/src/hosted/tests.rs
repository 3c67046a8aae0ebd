use contract::{
    Amount, Flow, NextAction, NextActionType, Payment, PaymentMethod, PaymentStatus, Session,
    SessionStatus, Timestamp,
};

use super::page::{self, View};
use super::texts::Texts;

fn session(status: SessionStatus, payment: Option<Payment>) -> Session {
    Session {
        id: "cs_1".to_owned(),
        status,
        revision: 1,
        amount: Amount::fen(12_800),
        description: "<script>alert('x')</script> & \"tea\"".to_owned(),
        merchant_name: "Tea <b>& Co".to_owned(),
        payment_methods: vec![PaymentMethod::WechatPay, PaymentMethod::Alipay],
        payment_method_options: Vec::new(),
        payment,
        expires_at: Timestamp::from_unix_ms(600_000),
        server_time: Timestamp::from_unix_ms(0),
        refund: None,
        hosted_url: "https://shop.example/h".to_owned(),
    }
}

fn payment(kind: NextActionType, text: &str) -> Payment {
    let is_code = kind == NextActionType::DisplayQrCode;
    Payment {
        id: "pay_1".to_owned(),
        payment_method: PaymentMethod::WechatPay,
        flow: Flow::QrCode,
        status: PaymentStatus::RequiresAction,
        next_action: Some(NextAction {
            kind,
            data: is_code.then(|| text.to_owned()),
            url: (!is_code).then(|| text.to_owned()),
            fields: Vec::new(),
            expires_at: None,
        }),
        failure_code: None,
        created_at: Timestamp::from_unix_ms(0),
    }
}

fn draw(session: &Session, notice: Option<&str>) -> String {
    let view = View {
        session,
        token: "cs_1_abc",
        idempotency_key: "k",
        notice,
        return_url: Some("https://shop.example/?a=1&notify_url=\"><script>"),
    };
    page::session(Texts::choose("en"), &view)
}

#[test]
fn nothing_that_was_typed_becomes_markup() {
    let page = draw(&session(SessionStatus::Open, None), Some("<script>"));
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;tea&quot;"));
    assert!(page.contains("?a=1&amp;notify_url=&quot;&gt;&lt;script&gt;"));
}

#[test]
fn both_wallets_stand_in_the_merchants_order() {
    let page = draw(&session(SessionStatus::Open, None), None);
    let wechat = page.find("value=\"wechat_pay\"").unwrap();
    let alipay = page.find("value=\"alipay\"").unwrap();
    assert!(wechat < alipay);
    assert!(page.contains("¥128.00"));
    assert!(!page.contains("http-equiv"), "nothing to wait for yet");
}

#[test]
fn a_code_is_drawn_and_the_page_reloads() {
    let payment = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    let page = draw(&session(SessionStatus::Open, Some(payment)), None);
    assert!(page.contains("<svg class=\"qr\" viewBox=\"0 0 "));
    assert!(page.contains("http-equiv=\"refresh\""));
    assert!(!page.contains("weixin://"), "a code is not a link");
    for call in ["/check", "/refresh", "/cancel", "/pay"] {
        assert!(page.contains(&format!("action=\"cs_1_abc{call}\"")), "{call}");
    }
}

#[test]
fn an_address_is_a_link() {
    let payment =
        payment(NextActionType::RedirectToUrl, "https://openapi.alipay.com/gateway.do?a=1&b=2");
    let page = draw(&session(SessionStatus::Open, Some(payment)), None);
    assert!(page.contains("href=\"https://openapi.alipay.com/gateway.do?a=1&amp;b=2\""));
}

#[test]
fn ends_have_a_way_on() {
    let page = draw(&session(SessionStatus::Complete, None), None);
    assert!(page.contains("Paid") && page.contains("Back to the shop"));
    assert!(!page.contains("<form"));
    let last =
        Payment { status: PaymentStatus::Expired, ..payment(NextActionType::DisplayQrCode, "x") };
    let page = draw(&session(SessionStatus::Expired, Some(last)), None);
    assert!(page.contains("action=\"cs_1_abc/check\""));
}
