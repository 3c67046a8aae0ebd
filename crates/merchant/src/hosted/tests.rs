use contract::Environment as E;
use contract::{
    Amount, Flow, NextAction, NextActionType, Payment, PaymentMethod, PaymentStatus, Session,
    SessionStatus, Timestamp,
};

use super::page::{self, View};
use super::texts::Texts;
use super::ways::{self, GuideKind, Way};
use crate::rules::Product::{self, H5, Native, Page, Wap, WechatJsapi};

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
    Way { method, here, has_code: true, guide: GuideKind::OpenInBrowser }
}

fn draw_at(
    environment: E,
    ways: &[Way],
    chosen: Option<PaymentMethod>,
    session: &Session,
    notice: Option<&str>,
) -> String {
    let return_url = Some("https://shop.example/?a=1&notify_url=\"><script>");
    render(environment, ways, chosen, session, (notice, return_url))
}

fn draw_returning(session: &Session, return_url: Option<&str>) -> String {
    let ways = [way(PaymentMethod::WechatPay, Some(Native))];
    render(E::Desktop, &ways, None, session, (None, return_url))
}

fn render(
    environment: E,
    ways: &[Way],
    chosen: Option<PaymentMethod>,
    session: &Session,
    (notice, return_url): (Option<&str>, Option<&str>),
) -> String {
    let payment = session.payment.as_ref();
    let product = payment.map(|payment| match payment.flow {
        Flow::QrCode => Native,
        Flow::Jsapi => WechatJsapi,
        _ => Wap,
    });
    let view = View {
        session,
        environment,
        ways,
        chosen,
        product,
        is_payable: product.is_some_and(|product| ways::is_payable(product, environment)),
        token: "cs_1_abc",
        idempotency_key: "k",
        notice,
        return_url,
    };
    page::session(Texts::choose("en"), &view)
}

#[test]
fn d32_input_is_escaped() {
    let page = draw(&session(SessionStatus::Open, None), Some("<script>"));
    assert_eq!(page.matches("<script").count(), 1, "only its own: {page}");
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
    assert!(page.contains("<h1 class=\"amount\">CN¥128.00</h1>"));
    assert!(!page.contains("http-equiv"), "nothing to wait for yet");
    assert!(!page.contains("class=\"detail\""), "both work here: {page}");
}

#[test]
fn a_code_is_drawn_and_the_page_updates_itself() {
    let payment = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    let page = draw(&session(SessionStatus::Open, Some(payment)), None);
    assert!(page.contains("<div class=\"qr\" data-kind=\"wechat-pay\"><svg viewBox=\"0 0 "));
    // By its script, which keeps the focus; without scripts by loading itself again.
    assert!(page.contains("data-poll=\"3\""), "{page}");
    assert!(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"4\"></noscript>"));
    assert!(!page.contains("weixin://"), "a code is not a link");
    for call in ["/check", "/cancel", "/pay"] {
        assert!(page.contains(&format!("action=\"cs_1_abc{call}\"")), "{call}");
    }
    assert!(!page.contains("/refresh"), "it is new: {page}");
    assert!(!page.contains("part=\"primary\""), "the code is the way to pay: {page}");
    // Two speech bubbles: WeChat scans.
    assert!(page.contains("data-heading><svg part=\"mark\" data-kind=\"wechat-pay\""), "{page}");
    assert!(page.contains("<path class=\"cut\" d=\"M7.5 8.4h.01"), "{page}");
    let steps = [
        "<li>Open WeChat on your phone.</li>",
        "<li>Tap Scan and point it at the code.</li>",
        "<li>Confirm the payment of CN¥128.00 to Tea &#60;b&#62;&#38; Co.</li>",
    ];
    assert!(page.contains(&steps.join("\n")), "{page}");
    // Those who cannot scan it open the page elsewhere.
    assert!(page.contains("<details class=\"fold\">") && page.contains("Can’t scan the code?"));
    assert!(page.contains("value=\"https://shop.example/h\""), "{page}");
}

#[test]
fn an_expired_code_says_so_and_is_refreshed_by_a_button_over_it() {
    let mut payment = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    payment.next_action.as_mut().unwrap().expires_at = Some(Timestamp::from_unix_ms(60_000));
    let fresh = session(SessionStatus::Open, Some(payment));
    let page = draw(&fresh, None);
    assert!(!page.contains("qr-over"), "{page}");
    // The code's own end, which is before that of the session.
    assert!(page.contains("data-urgency=\"soon\"><i"), "{page}");
    assert!(page.contains("Waiting for your payment · <b data-time data-left=\"60\">1:00</b></p>"));
    let stale = Session { server_time: Timestamp::from_unix_ms(60_000), ..fresh };
    let page = draw(&stale, None);
    assert!(page.contains("data-says=\"This code has expired.\""), "{page}");
    let over = "<div class=\"qr-over\"><span>This code has expired.</span><form method=\"post\" \
                action=\"cs_1_abc/refresh\" data-stays><button part=\"primary\"";
    assert!(page.contains(over), "{page}");
    assert!(!page.contains("class=\"countdown\"") && !page.contains("<details"), "{page}");
    let over = Session { server_time: stale.expires_at, ..stale };
    let page = draw(&over, None);
    assert!(page.contains("qr-over") && !page.contains("/refresh"), "its time is over: {page}");
    assert!(page.contains("/check"), "{page}");
}

#[test]
fn a_code_that_cannot_be_drawn_says_so_and_leads_to_the_other_wallet() {
    let payment = payment(NextActionType::DisplayQrCode, &"x".repeat(4_000));
    let page = draw(&session(SessionStatus::Open, Some(payment)), None);
    let text = "We couldn’t show the code. Choose another wallet.";
    assert!(page.contains(&format!("<p class=\"qr-failed\">{text}</p></div>")), "{page}");
    assert!(page.contains(&format!("data-says=\"{text}\"")), "{page}");
    assert_eq!(page.matches("part=\"primary\"").count(), 1, "{page}");
    assert!(page.contains("value=\"alipay\">Pay with Alipay instead</button>"), "{page}");
}

#[test]
fn a_screen_reader_hears_what_the_page_shows_once() {
    let code = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    for (session, expected) in [
        (session(SessionStatus::Open, None), "Choose how to pay"),
        (session(SessionStatus::Open, Some(code)), "Scan with WeChat"),
        (session(SessionStatus::Complete, None), "Payment complete"),
        (session(SessionStatus::Expired, None), "Time is up"),
    ] {
        let page = draw(&session, None);
        assert!(page.contains(&format!("data-says=\"{expected}\"")), "{expected}: {page}");
        assert_eq!(page.matches("role=\"status\"").count(), 1, "one live region: {page}");
        assert_eq!(page.matches("data-heading").count(), 1, "{page}");
    }
    let page = draw(&session(SessionStatus::Open, None), Some("rate_limited"));
    assert!(page.contains("data-says=\"Too many attempts. Please wait a moment. Choose"), "{page}");
}

#[test]
fn the_pages_state_changes_with_what_it_shows_and_not_with_time() {
    let state = |session: &Session| {
        let page = draw(session, None);
        let (_, rest) = page.split_once("data-state=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let open = session(SessionStatus::Open, None);
    let later = Session { server_time: Timestamp::from_unix_ms(120_000), ..open.clone() };
    assert_eq!(state(&open), state(&later));
    assert_ne!(draw(&open, None), draw(&later, None), "the rest of the time is another");
    assert_ne!(state(&open), state(&Session { revision: 2, ..open.clone() }));
    let over = Session { server_time: open.expires_at, ..open.clone() };
    assert_ne!(state(&open), state(&over));
    let refund = Some(contract::RefundStatus::Pending);
    assert_ne!(state(&open), state(&Session { refund, ..open }));
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
    assert!(page.contains("Continue in Alipay") && page.contains("Continue to Alipay</a>"));
    assert!(!page.contains("Try again") && !page.contains("/refresh"), "one way on: {page}");
    assert_eq!(page.matches("part=\"primary\"").count(), 1, "{page}");
}

#[test]
fn an_expired_address_is_renewed_by_the_same_button() {
    let mut payment = cashiers_page();
    payment.next_action.as_mut().unwrap().expires_at = Some(Timestamp::from_unix_ms(0));
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let page =
        draw_at(E::MobileBrowser, &ways, None, &session(SessionStatus::Open, Some(payment)), None);
    assert!(!page.contains("openapi.alipay.com"), "{page}");
    let button = "action=\"cs_1_abc/refresh\"><button part=\"primary\"";
    assert!(page.contains(button) && page.contains("Continue to Alipay</button>"), "{page}");
}

#[test]
fn ended_sessions_have_a_link_back_or_a_check_button() {
    let page = draw(&session(SessionStatus::Complete, None), None);
    assert!(page.contains("Payment complete") && page.contains("Back to the shop"));
    assert!(!page.contains("<form") && page.contains("data-poll=\"0\""));
    let last =
        Payment { status: PaymentStatus::Expired, ..payment(NextActionType::DisplayQrCode, "x") };
    let page = draw(&session(SessionStatus::Expired, Some(last)), None);
    assert!(page.contains("action=\"cs_1_abc/check\"") && page.contains("check it below"));
    let page = draw(&session(SessionStatus::Expired, None), None);
    assert!(!page.contains("check it below") && !page.contains("/check"), "{page}");
    assert!(page.contains("Already paid? Ask the shop first."), "{page}");
    assert!(page.contains("<a class=\"link\" part=\"primary\" data-key=\"back\""), "{page}");
}

#[test]
fn a_receipt_shows_the_order_once_and_the_wallet() {
    let paid = Payment {
        status: PaymentStatus::Succeeded,
        ..payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc")
    };
    let page = draw(&session(SessionStatus::Complete, Some(paid)), None);
    assert!(page.contains("<section class=\"screen center paid\">"), "{page}");
    assert_eq!(page.matches("CN¥128.00").count(), 1, "{page}");
    assert!(page.contains("<h1 class=\"heading\"") && page.contains("<p class=\"paid-with\"><svg"));
    assert!(page.contains("</svg>WeChat Pay</p>"), "{page}");
}

#[test]
fn a_page_that_says_that_money_goes_back_says_when_it_is_back() {
    let polls = |refund| {
        let page = draw(&Session { refund, ..session(SessionStatus::Complete, None) }, None);
        page.contains("data-poll=\"15\"")
    };
    assert!(polls(Some(contract::RefundStatus::Pending)));
    assert!(!polls(Some(contract::RefundStatus::Succeeded)) && !polls(None));
}

/// The configuration allows exactly these addresses: `server.allowed_return_urls`.
#[test]
fn a_link_leads_back_to_the_merchants_app() {
    let complete = session(SessionStatus::Complete, None);
    let page = draw_returning(&complete, Some("shopapp://paid"));
    assert!(page.contains("href=\"shopapp://paid\">Back to the shop</a>"), "{page}");
}

#[test]
fn a_page_without_buttons_has_no_room_for_them() {
    for status in [SessionStatus::Complete, SessionStatus::Canceled, SessionStatus::Expired] {
        let page = draw_returning(&session(status, None), None);
        assert!(!page.contains("class=\"actions\""), "{page}");
    }
}

#[test]
fn every_page_has_one_main_heading() {
    for status in [SessionStatus::Open, SessionStatus::Complete, SessionStatus::Expired] {
        assert_eq!(draw(&session(status, None), None).matches("<h1").count(), 1);
    }
    assert_eq!(page::not_found(Texts::choose("en"), "../").matches("<h1").count(), 1);
}

/// The ways inside WeChat without a contract for its bridge.
const IN_WECHAT: [Way; 2] = [
    Way {
        method: PaymentMethod::WechatPay,
        here: None,
        has_code: true,
        guide: GuideKind::OnlyOtherPhone,
    },
    Way {
        method: PaymentMethod::Alipay,
        here: None,
        has_code: true,
        guide: GuideKind::OpenInBrowser,
    },
];

#[test]
fn d23_alipay_inside_wechat_is_explained_without_a_link_to_the_gateway() {
    let open = session(SessionStatus::Open, None);
    let page = draw_at(E::Wechat, &IN_WECHAT, None, &open, None);
    assert!(page.contains("href=\"cs_1_abc?wallet=alipay\""), "{page}");
    let page = draw_at(E::Wechat, &IN_WECHAT, Some(PaymentMethod::Alipay), &open, None);
    // The arrow to the menu is the first thing on the page.
    let sheet = page.find("class=\"root sheet\"").expect(&page);
    assert!(sheet < page.find("<h1").unwrap() && page.contains("class=\"arrow\""));
    assert!(page.contains("Open this page in your browser"), "{page}");
    // The address alone continues the session, with the wallet.
    assert!(page.contains("readonly dir=\"ltr\" aria-label=\"Link to this payment\" value=\"https://shop.example/h?wallet=alipay\">"), "{page}");
    // Another phone can still scan.
    assert!(page.contains("name=\"flow\" value=\"qr_code\""));
    assert!(page.contains("http-equiv=\"refresh\""), "it is paid elsewhere");
    for address in ["openapi.alipay.com", "wx.tenpay.com", "alipays://", "goto="] {
        assert!(!page.contains(address), "{address}");
    }
}

#[test]
fn b27_without_the_bridge_wechat_pay_in_wechat_leads_to_another_phone_and_not_in_a_circle() {
    let open = session(SessionStatus::Open, None);
    let page = draw_at(E::Wechat, &IN_WECHAT, Some(PaymentMethod::WechatPay), &open, None);
    assert!(page.contains("Scan the code with WeChat on another phone."), "{page}");
    assert!(page.contains("<button part=\"primary\" data-key=\"code\""), "{page}");
    assert!(!page.contains("class=\"root sheet\"") && !page.contains("data-copy"), "{page}");
    assert!(!page.contains("open it in WeChat"), "it is open there: {page}");
}

#[test]
fn a_guide_leads_to_the_other_wallet_once() {
    let open = session(SessionStatus::Open, None);
    let choice = "Pay another way</a>";
    let page = draw_at(E::Wechat, &IN_WECHAT, Some(PaymentMethod::Alipay), &open, None);
    assert!(page.contains(choice) && !page.contains("instead"), "{page}");
    let here = Way { here: Some(WechatJsapi), ..IN_WECHAT[0] };
    let ways = [here, IN_WECHAT[1]];
    let page = draw_at(E::Wechat, &ways, Some(PaymentMethod::Alipay), &open, None);
    assert!(!page.contains(choice) && page.contains("Pay with WeChat Pay instead"), "{page}");
    let page = draw_at(E::Wechat, &ways[1..], Some(PaymentMethod::Alipay), &open, None);
    assert!(!page.contains(choice), "{page}");
}

#[test]
fn b27_with_the_bridge_the_page_pays_in_wechat() {
    let here = Way { here: Some(WechatJsapi), ..IN_WECHAT[0] };
    let ways = [here, IN_WECHAT[1]];
    let open = session(SessionStatus::Open, None);
    let page = draw_at(E::Wechat, &ways, Some(PaymentMethod::WechatPay), &open, None);
    assert!(page.contains("data-continue"), "{page}");
    let fields = vec![
        contract::NameValue { name: "appId".to_owned(), value: "wx1".to_owned() },
        contract::NameValue { name: "package".to_owned(), value: "prepay_id=\"1\"".to_owned() },
    ];
    let action = NextAction {
        kind: NextActionType::InvokeWechatJsapi,
        data: None,
        url: None,
        fields,
        expires_at: None,
    };
    let base = payment(NextActionType::DisplayQrCode, "x");
    let bridge = Payment { flow: Flow::Jsapi, next_action: Some(action), ..base };
    let started = session(SessionStatus::Open, Some(bridge));
    let page = draw_at(E::Wechat, &ways, None, &started, None);
    let parameters = "data-bridge=\"{&#34;appId&#34;:&#34;wx1&#34;,&#34;package&#34;:&#34;prepay_id=\\&#34;1\\&#34;&#34;}\"";
    assert!(page.contains(parameters), "{page}");
    assert!(page.contains("data-payment=\"pay_1\"") && page.contains("Continue to WeChat Pay"));
    // In another browser it is started again by that browser's flow.
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let page = draw_at(E::MobileBrowser, &ways, None, &started, None);
    assert!(!page.contains("data-bridge") && page.contains("on this device"), "{page}");
}

#[test]
fn row_7_each_wallet_says_before_the_press_what_it_takes() {
    let open = session(SessionStatus::Open, None);
    let here = Way { here: Some(WechatJsapi), ..IN_WECHAT[0] };
    let page = draw_at(E::Wechat, &[here, IN_WECHAT[1]], None, &open, None);
    assert!(page.contains("Opens right here.") && page.contains("Continues in your browser."));
    let page = draw_at(E::Wechat, &IN_WECHAT, None, &open, None);
    assert!(page.contains("Needs another phone to scan.") && !page.contains("Opens right here."));
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
    assert!(page.contains("openapi.alipay.com") && !page.contains("class=\"root sheet\""));
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
        let button = "<button part=\"primary\" data-key=\"pay\" name=\"method\"";
        assert!(page.contains(&format!("{button} value=\"{method}\">")), "{page}");
        assert!(page.contains("data-continue"), "one way: the script goes on");
        assert!(!page.contains(other) && !page.contains("Choose how to pay"), "{page}");
        assert!(page.contains("href=\"cs_1_abc\">Pay another way</a>"), "{page}");
        assert!(!page.contains("class=\"root sheet\"") && !page.contains("http-equiv"), "{page}");
    }
    let only = [way(PaymentMethod::Alipay, Some(Wap))];
    let page = draw_at(E::MobileBrowser, &only, Some(PaymentMethod::Alipay), &open, None);
    assert!(!page.contains("Pay another way"), "{page}");
    // A wallet that is not offered is ignored.
    let page = draw_at(E::MobileBrowser, &only, Some(PaymentMethod::WechatPay), &open, None);
    assert!(page.contains("Choose how to pay"), "{page}");
}

#[test]
fn a_shopper_who_had_chosen_is_not_sent_on_twice() {
    let ways = [way(PaymentMethod::WechatPay, Some(H5)), way(PaymentMethod::Alipay, Some(Wap))];
    let draw = |payment: Option<Payment>, notice| {
        let open = session(SessionStatus::Open, payment);
        draw_at(E::MobileBrowser, &ways, Some(PaymentMethod::Alipay), &open, notice)
    };
    assert!(draw(None, None).contains("data-continue"));
    assert!(!draw(None, Some("gateway_unavailable")).contains("data-continue"), "it failed");
    let canceled = Payment { status: PaymentStatus::Canceled, ..cashiers_page() };
    assert!(!draw(Some(canceled), None).contains("data-continue"), "it was called off");
    let waiting = draw(Some(cashiers_page()), None);
    assert!(!waiting.contains("data-continue") && waiting.contains("Continue to Alipay</a>"));
}

#[test]
fn the_selected_wallet_replaces_a_payment_of_the_other_by_a_press() {
    let code = payment(NextActionType::DisplayQrCode, "weixin://wxpay/bizpayurl?pr=abc");
    let open = session(SessionStatus::Open, Some(code));
    let ways =
        [way(PaymentMethod::WechatPay, Some(Native)), way(PaymentMethod::Alipay, Some(Page))];
    let page = draw_at(E::Desktop, &ways, Some(PaymentMethod::Alipay), &open, None);
    assert!(page.contains(">Pay with Alipay</button>"), "{page}");
    assert!(!page.contains("data-continue"), "it would close the other one: {page}");
    // Without a selection, and with that of the payment, the payment is shown.
    for chosen in [None, Some(PaymentMethod::WechatPay)] {
        let page = draw_at(E::Desktop, &ways, chosen, &open, None);
        assert!(page.contains("Scan with WeChat") && page.contains("class=\"qr\""));
    }
}
