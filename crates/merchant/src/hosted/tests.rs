use contract::Environment as E;
use contract::{
    Amount, Flow, NextAction, NextActionType, Payment, PaymentMethod, PaymentStatus, Session,
    SessionStatus, Timestamp,
};

use super::page::{self, View, Way};
use super::texts::Texts;
use crate::rules;
use crate::rules::Product::{self, H5, Native, Page, Wap};

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

/// Renders the page for a desktop, where both wallets show a code.
fn draw(session: &Session, notice: Option<&str>) -> String {
    let ways =
        [way(PaymentMethod::WechatPay, Some(Native)), way(PaymentMethod::Alipay, Some(Page))];
    draw_at(E::Desktop, &ways, None, session, notice)
}

fn way(method: PaymentMethod, here: Option<Product>) -> Way {
    Way { method, here, has_code: true }
}

fn draw_at(
    environment: E,
    ways: &[Way],
    chosen: Option<PaymentMethod>,
    session: &Session,
    notice: Option<&str>,
) -> String {
    let payment = session.payment.as_ref();
    let product = payment.map(|payment| if payment.flow == Flow::QrCode { Native } else { Wap });
    let view = View {
        session,
        environment,
        ways,
        chosen,
        product,
        is_payable: product.is_some_and(|product| rules::is_payable(product, environment)),
        token: "cs_1_abc",
        idempotency_key: "k",
        notice,
        return_url: Some("https://shop.example/?a=1&notify_url=\"><script>"),
    };
    page::session(Texts::choose("en"), &view)
}

#[test]
fn d32_input_is_escaped() {
    let page = draw(&session(SessionStatus::Open, None), Some("<script>"));
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
    assert!(
        page.contains("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62; &#38; &#34;tea&#34;")
    );
    assert!(page.contains("?a=1&#38;notify_url=&#34;&#62;&#60;script&#62;"));
}

#[test]
fn both_wallets_are_in_the_merchants_order() {
    let page = draw(&session(SessionStatus::Open, None), None);
    let wechat = page.find("value=\"wechat_pay\"").unwrap();
    let alipay = page.find("value=\"alipay\"").unwrap();
    assert!(wechat < alipay);
    assert!(page.contains("<h1>CN¥128.00</h1>"));
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

/// A payment by Alipay's phone page.
fn cashiers_page() -> Payment {
    Payment {
        payment_method: PaymentMethod::Alipay,
        flow: Flow::Redirect,
        ..payment(NextActionType::RedirectToUrl, "https://openapi.alipay.com/gateway.do?a=1&b=2")
    }
}

#[test]
fn an_address_is_a_link() {
    let payment = cashiers_page();
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let page =
        draw_at(E::MobileBrowser, &ways, None, &session(SessionStatus::Open, Some(payment)), None);
    assert!(page.contains("href=\"https://openapi.alipay.com/gateway.do?a=1&#38;b=2\""));
}

#[test]
fn ended_sessions_have_a_link_back_or_a_check_button() {
    let page = draw(&session(SessionStatus::Complete, None), None);
    assert!(page.contains("Payment complete") && page.contains("Back to the shop"));
    assert!(!page.contains("<form"));
    let last =
        Payment { status: PaymentStatus::Expired, ..payment(NextActionType::DisplayQrCode, "x") };
    let page = draw(&session(SessionStatus::Expired, Some(last)), None);
    assert!(page.contains("action=\"cs_1_abc/check\""));
}

/// The ways inside WeChat: nothing can be paid there on a page without scripts.
const IN_WECHAT: [Way; 2] = [
    Way { method: PaymentMethod::WechatPay, here: None, has_code: true },
    Way { method: PaymentMethod::Alipay, here: None, has_code: true },
];

#[test]
fn d23_alipay_inside_wechat_is_explained_without_a_link_to_the_gateway() {
    let open = session(SessionStatus::Open, None);
    let page = draw_at(E::Wechat, &IN_WECHAT, None, &open, None);
    assert!(page.contains("href=\"cs_1_abc?wallet=alipay\""), "{page}");
    let page = draw_at(E::Wechat, &IN_WECHAT, Some(PaymentMethod::Alipay), &open, None);
    assert!(page.contains("Open this page in your browser"), "{page}");
    // The address alone continues the session.
    assert!(page.contains("<input readonly dir=\"ltr\" value=\"https://shop.example/h\">"));
    assert!(page.contains("class=\"drawing\"") && !page.contains("<script"));
    // Another phone can still scan.
    assert!(page.contains("name=\"flow\" value=\"qr_code\""));
    assert!(page.contains("http-equiv=\"refresh\""), "it is paid elsewhere");
    for address in ["openapi.alipay.com", "wx.tenpay.com", "alipays://", "goto="] {
        assert!(!page.contains(address), "{address}");
    }
}

#[test]
fn a_payment_started_elsewhere_has_no_link_if_it_cannot_be_paid_here() {
    let open = session(SessionStatus::Open, Some(cashiers_page()));
    let page = draw_at(E::Wechat, &IN_WECHAT, None, &open, None);
    assert!(!page.contains("openapi.alipay.com"), "{page}");
    assert!(page.contains("Open this page in your browser"));
    assert!(
        page.contains("action=\"cs_1_abc/check\"") && page.contains("action=\"cs_1_abc/cancel\"")
    );
    // The phone's browser can pay by itself.
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let page = draw_at(E::MobileBrowser, &ways, None, &open, None);
    assert!(page.contains("openapi.alipay.com") && !page.contains("class=\"guide\""));
}

#[test]
fn a_payment_of_another_device_can_be_replaced_on_this_one() {
    let mut code = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    code.payment_method = PaymentMethod::WechatPay;
    let open = session(SessionStatus::Open, Some(code));
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let page = draw_at(E::MobileBrowser, &ways, None, &open, None);
    assert!(page.contains("Pay with WeChat Pay on this device"), "{page}");
    assert!(page.contains("Long-pressing the code doesn’t work in WeChat."));
    let desktop = draw(&open, None);
    assert!(!desktop.contains("on this device") && desktop.contains("Scan with WeChat<"));
}

#[test]
fn the_selected_wallet_is_shown_instead_of_the_choice() {
    let open = session(SessionStatus::Open, None);
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    for (method, other) in
        [(PaymentMethod::Alipay, "wechat_pay"), (PaymentMethod::WechatPay, "alipay")]
    {
        let page = draw_at(E::MobileBrowser, &ways, Some(method), &open, None);
        let button = format!("<button class=\"wallet main\" name=\"method\" value=\"{method}\">");
        assert!(page.contains(&button), "{page}");
        assert!(!page.contains(other) && !page.contains("Choose how to pay"), "{page}");
        assert!(page.contains("href=\"cs_1_abc\">Use another wallet</a>"), "{page}");
        assert!(!page.contains("class=\"guide\"") && !page.contains("http-equiv"), "{page}");
    }
    let only = [way(PaymentMethod::Alipay, Some(Wap))];
    let page = draw_at(E::MobileBrowser, &only, Some(PaymentMethod::Alipay), &open, None);
    assert!(!page.contains("Use another wallet"), "{page}");
    // A wallet that is not offered is ignored.
    let page = draw_at(E::MobileBrowser, &only, Some(PaymentMethod::WechatPay), &open, None);
    assert!(page.contains("Choose how to pay"), "{page}");
}

#[test]
fn a_payment_is_shown_whatever_wallet_was_selected() {
    let code = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    let open = session(SessionStatus::Open, Some(code));
    let ways =
        [way(PaymentMethod::WechatPay, Some(Native)), way(PaymentMethod::Alipay, Some(Page))];
    let page = draw_at(E::Desktop, &ways, Some(PaymentMethod::Alipay), &open, None);
    assert!(page.contains("Scan with WeChat") && page.contains("<svg class=\"qr\""));
}
