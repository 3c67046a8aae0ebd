use contract::{Amount, PaymentMethod as M, Session, Timestamp};
use merchant_test_support::selector;
use serde_json::{Value, json};

use super::*;

fn embed() -> Embed {
    let file = SelectorFile::parse(&selector::selector_json().to_string()).unwrap();
    Embed { file, assets: "https://cdn.example/oc/".to_owned() }
}

fn session() -> Session {
    Session {
        id: "cs_1".to_owned(),
        status: SessionStatus::Open,
        revision: 1,
        amount: Amount::fen(123_456_789),
        description: "Longjing tea".to_owned(),
        merchant_name: "Tea & Co".to_owned(),
        payment_methods: vec![M::Alipay, M::WechatPay],
        payment_method_options: Vec::new(),
        payment: None,
        refund: None,
        expires_at: Timestamp::from_unix_ms(600_000),
        server_time: Timestamp::from_unix_ms(0),
        hosted_url: "https://shop.example/h?a=1&b=2".to_owned(),
    }
}

/// A request for English, with further members.
fn request(more: Value) -> EmbedRequest {
    let mut request = json!({ "locale": "en" });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(request).unwrap()
}

fn html(more: Value, session: &Session) -> String {
    let (embed, request) = (embed(), request(more));
    let draft = embed.check(&request, session.amount.currency).unwrap();
    draft.html(session, "cs_1_secret_2", "https://shop.example/checkout")
}

#[track_caller]
fn refusal(more: Value) -> String {
    let (embed, request) = (embed(), request(more));
    embed.check(&request, contract::Currency::CNY).unwrap_err().to_string()
}

/// Returns the content of the shadow root.
fn shadow(html: &str) -> &str {
    html.split_once("delegatesfocus>").map_or("", |(_, shadow)| shadow)
}

#[test]
fn the_element_carries_a_declarative_shadow_root() {
    let html = html(json!({}), &session());
    let start = "<open-cashier client-secret=\"cs_1_secret_2\" api-base=\"https://shop.example/checkout\" \
         locale=\"en\" layout=\"accordion\" session=\"{&quot;id&quot;:&quot;cs_1&quot;,";
    assert!(html.starts_with(start), "{html}");
    assert_eq!(
        shadow(&html),
        "<link rel=\"stylesheet\" href=\"https://cdn.example/oc/opencashier-0123456789.css\" \
         integrity=\"sha384-style\" crossorigin=\"anonymous\">\
         <div class=\"oc\" data-theme=\"auto\" data-version=\"v1\" data-embed><section lang=\"en\">\
         <p part=\"merchant\">Tea &amp; Co</p><p part=\"amount\">CN¥1,234,567.89</p>\
         <p part=\"description\">Longjing tea</p>\
         <form method=\"get\" target=\"_top\" action=\"https://shop.example/h?a=1&amp;b=2\">\
         <fieldset data-layout=\"accordion\">\
         <label part=\"method\" data-method=\"alipay\"><input type=\"radio\" name=\"wallet\" value=\"alipay\"></label>\
         <label part=\"method\" data-method=\"wechat_pay\"><input type=\"radio\" name=\"wallet\" value=\"wechat_pay\"></label>\
         </fieldset><button type=\"submit\">Pay CN¥1,234,567.89</button></form></section></div>\
         </template></open-cashier>"
    );
}

#[test]
fn input_is_escaped() {
    for (typed, expected) in [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("${merchant}", "${merchant}"),
        ("${rows}</p><script>", "${rows}&lt;/p&gt;&lt;script&gt;"),
        ("\"'>&amp;", "&quot;&#39;&gt;&amp;amp;"),
        ("</template></open-cashier>", "&lt;/template&gt;&lt;/open-cashier&gt;"),
    ] {
        let typed = typed.to_owned();
        let session = Session { merchant_name: typed.clone(), description: typed, ..session() };
        let html = html(json!({}), &session);
        assert!(html.contains(&format!("<p part=\"merchant\">{expected}</p>")), "{html}");
        assert!(html.contains(&format!("<p part=\"description\">{expected}</p>")), "{html}");
        assert_eq!(html.matches("<img").count() + html.matches("<script").count(), 0, "{html}");
        assert_eq!(html.matches("</template>").count(), 1, "{html}");
        // The unescaped attribute is JSON.
        let attribute = html.split("session=\"").nth(1).unwrap().split('"').next().unwrap();
        let json = attribute
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        assert_eq!(serde_json::from_str::<Session>(&json).unwrap(), session);
    }
}

#[test]
fn wallets_are_in_the_order_of_the_request_then_of_the_session() {
    for (offered, order, expected) in [
        (&[M::Alipay, M::WechatPay][..], json!(null), &["alipay", "wechat_pay"][..]),
        (&[M::WechatPay, M::Alipay], json!(null), &["wechat_pay", "alipay"]),
        (&[M::Alipay, M::WechatPay], json!(["wechat_pay"]), &["wechat_pay", "alipay"]),
        (&[M::Alipay, M::WechatPay], json!(["wechat_pay", "alipay"]), &["wechat_pay", "alipay"]),
        (&[M::Alipay], json!(["wechat_pay", "alipay"]), &["alipay"]),
        (&[M::Unknown, M::WechatPay], json!(null), &["wechat_pay"]),
    ] {
        let session = Session { payment_methods: offered.to_vec(), ..session() };
        let html = html(json!({ "payment_method_order": order }), &session);
        let shown: Vec<_> = shadow(&html)
            .split(" value=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(shown, expected, "{offered:?} {order}");
    }
}

#[test]
fn a_single_wallet_is_selected_and_its_detail_shown() {
    let session = Session { payment_methods: vec![M::WechatPay], ..session() };
    let html = html(json!({ "layout": "tabs" }), &session);
    let html = shadow(&html);
    assert!(html.contains("part=\"method selected\"") && html.contains(" checked>"), "{html}");
    assert!(html.contains("<p class=\"detail\" data-method=\"wechat_pay\">"), "{html}");
    assert!(!html.contains("alipay"), "{html}");
}

#[test]
fn parts_without_content_are_omitted() {
    let plain = Session { description: String::new(), ..session() };
    assert!(!html(json!({}), &plain).contains("part=\"description\""));
    let without = html(json!({ "show_pay_button": false }), &session());
    assert!(!without.contains("<button") && without.contains(" show-pay-button=\"false\""));
    let with = html(json!({ "show_pay_button": true }), &session());
    assert!(with.contains("<button") && !with.contains("show-pay-button"));
}

#[test]
fn options_are_attributes_of_the_element() {
    let html = html(
        json!({
            "layout": "list",
            "appearance": { "theme": "night", "variables": { "colorPrimary": "#8a2be2" } },
            "csp_nonce": "q83vASNFZ4k=",
            "payment_method_order": ["wechat_pay", "alipay"],
            "return_url": "https://shop.example/?a=1&b=2",
        }),
        &session(),
    );
    for attribute in [
        " layout=\"list\"",
        " appearance=\"{&quot;theme&quot;:&quot;night&quot;,&quot;variables&quot;:{&quot;colorPrimary&quot;:&quot;#8a2be2&quot;}}\"",
        " payment-method-order=\"wechat_pay alipay\"",
        " return-url=\"https://shop.example/?a=1&amp;b=2\"",
        " nonce=\"q83vASNFZ4k=\"",
        "<style nonce=\"q83vASNFZ4k=\">:host{display:block}.oc{--oc-color-primary:#8a2be2;}</style>",
        " data-theme=\"night\"",
    ] {
        assert!(html.contains(attribute), "{attribute}: {html}");
    }
    assert!(!html.contains("<link") && !html.contains(" style="), "{html}");
}

#[test]
fn locales_are_negotiated() {
    for (tag, expected) in [
        ("en", "en"),
        ("en-GB", "en"),
        ("zh-CN", "zh-CN"),
        ("zh-cn", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh_TW", "zh-CN"),
        ("zh", "zh-CN"),
        ("fr-FR", "en"),
    ] {
        let html = html(json!({ "locale": tag }), &session());
        assert!(html.contains(&format!(" locale=\"{expected}\"")), "{tag}: {html}");
        assert!(html.contains(&format!("<section lang=\"{expected}\">")), "{tag}: {html}");
    }
    for tag in ["", "zh CN", "en\"", "zh-CN,en;q=0.5", &"x".repeat(36)] {
        assert!(refusal(json!({ "locale": tag })).starts_with("`embed.locale`"), "{tag}");
    }
}

#[test]
fn variables_cannot_leave_their_declaration() {
    let with = |name: &str, value: &str| json!({ "csp_nonce": "abc", "appearance": { "variables": { name: value } } });
    for (name, value) in [
        ("colorPrimary", "rgb(36 86 199 / 90%)"),
        ("colorText", "var(--ink)"),
        ("fontFamily", "'PingFang SC', 微软雅黑, sans-serif"),
        ("borderRadius", "calc(4px + .25em)"),
    ] {
        let html = html(with(name, value), &session());
        assert!(html.contains(&format!(":{value};}}</style>")), "{html}");
    }
    for value in [
        "red;}*{color:blue",
        "red}",
        "{",
        "</style><script>",
        "\"a\"",
        "a\\3b b",
        "url(https://evil.example/)",
        "URL (x)",
        "image-set('x')",
        "red/*",
        "'open",
        "rgb(1",
        ")(",
        "red!important",
        "@import",
        "a\nb",
        " ",
        "",
        &"x".repeat(201),
    ] {
        let refusal = refusal(with("colorPrimary", value));
        assert!(refusal.starts_with("`embed.appearance.variables`"), "{value}: {refusal}");
    }
    assert!(refusal(with("color", "red")).contains("colorPrimary, colorPrimaryText"));
    let without_nonce = json!({ "appearance": { "variables": { "colorPrimary": "red" } } });
    assert!(refusal(without_nonce).starts_with("`embed.csp_nonce` is needed"));
}

#[test]
fn nonces_are_base64() {
    for nonce in ["q83vASNFZ4k=", "a-b_c", "ab=="] {
        assert!(html(json!({ "csp_nonce": nonce }), &session()).contains(nonce), "{nonce}");
    }
    for nonce in ["", "=", "a b", "a\"b", "a'", "a=b", "ab===", "<", &"x".repeat(129)] {
        let refusal = refusal(json!({ "csp_nonce": nonce }));
        assert!(refusal.starts_with("`embed.csp_nonce`"), "{nonce}: {refusal}");
    }
}

#[test]
fn sessions_that_show_no_selector_get_the_element_alone() {
    let payment = json!({
        "id": "pay_1", "payment_method": "alipay", "flow": "qr_code", "status": "canceled",
        "created_at": "2026-11-30T00:00:00.000Z",
    });
    let paid = serde_json::from_value(payment).unwrap();
    for session in [
        Session { status: SessionStatus::Complete, ..session() },
        Session { status: SessionStatus::Expired, ..session() },
        Session { payment: Some(paid), ..session() },
        Session { server_time: Timestamp::from_unix_ms(600_000), ..session() },
        Session { payment_methods: vec![M::Unknown], ..session() },
    ] {
        let html = html(json!({}), &session);
        assert!(html.ends_with("\"></open-cashier>") && !html.contains("<template"), "{html}");
    }
}

#[test]
fn amounts_are_grouped_and_have_the_minor_unit_of_the_currency() {
    let pattern = |prefix: &str, suffix: &str, group: &str, decimal: &str| -> AmountPattern {
        let pattern = json!({ "prefix": prefix, "suffix": suffix, "group": group, "decimal": decimal, "digits": 2 });
        serde_json::from_value(pattern).unwrap()
    };
    let english = pattern("CN¥", "", ",", ".");
    for (value, currency, expected) in [
        (1, "CNY", "CN¥0.01"),
        (99, "CNY", "CN¥0.99"),
        (12_800, "CNY", "CN¥128.00"),
        (99_999, "CNY", "CN¥999.99"),
        (100_000, "CNY", "CN¥1,000.00"),
        (123_456_789, "CNY", "CN¥1,234,567.89"),
        (i64::MAX, "CNY", "CN¥92,233,720,368,547,758.07"),
        (-123_456, "CNY", "-CN¥1,234.56"),
        (1_234_567, "JPY", "CN¥1,234,567"),
        (0, "JPY", "CN¥0"),
    ] {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(english.format(Amount { value, currency }), expected);
    }
    let german = pattern("", "\u{a0}CN¥", ".", ",");
    assert_eq!(german.format(Amount::fen(123_456_789)), "1.234.567,89\u{a0}CN¥");
}

#[test]
fn a_currency_without_a_pattern_is_refused() {
    let (embed, request) = (embed(), request(json!({})));
    for (code, is_known) in [("CNY", true), ("JPY", true), ("USD", false), ("XAU", false)] {
        let checked = embed.check(&request, Currency::parse(code).unwrap());
        assert_eq!(checked.is_ok(), is_known, "{code}");
    }
}

#[test]
fn unknown_members_are_refused() {
    for wrong in [
        json!({ "locale": "en", "rules": {} }),
        json!({ "locale": "en", "layout": "grid" }),
        json!({ "locale": "en", "appearance": { "rules": {} } }),
        json!({ "locale": "en", "appearance": { "theme": "dark" } }),
        json!({}),
    ] {
        assert!(serde_json::from_value::<EmbedRequest>(wrong.clone()).is_err(), "{wrong}");
    }
    let order = json!({ "payment_method_order": ["cash"] });
    assert!(refusal(order).starts_with("`embed.payment_method_order`"));
}

#[test]
fn the_templates_are_checked_at_start() {
    let change = |pointer: &str, value: Value| {
        let mut json = selector::selector_json();
        *json.pointer_mut(pointer).unwrap() = value;
        SelectorFile::parse(&json.to_string()).unwrap_err()
    };
    for (pointer, value, expected) in [
        ("/version", json!(""), "version: must not be empty"),
        ("/styles/css", json!("a</style>"), "styles.css: must be"),
        ("/locales", json!({}), "locales: must contain `en`"),
        ("/locales/zh-CN/amounts", json!({}), "locales.zh-CN.amounts: must contain `CNY`"),
        ("/locales/en/amounts/JPY/digits", json!(2), "locales.en.amounts.JPY.digits"),
        (
            "/locales/en/layouts/list/html",
            json!("<p>"),
            "locales.en.layouts.list.html: has no slot ${rows}",
        ),
        (
            "/locales/en/layouts/tabs/pay_button",
            json!("${rows}"),
            "locales.en.layouts.tabs.pay_button: unknown slot ${rows}",
        ),
        (
            "/locales/en/layouts/tabs/details/alipay",
            json!("${x}"),
            "locales.en.layouts.tabs.details: unknown slot ${x}",
        ),
        (
            "/locales/en/layouts/list/rows/alipay",
            json!(""),
            "locales.en.layouts.list.rows.alipay: must not be empty",
        ),
        ("/locales/en/layouts", json!({}), "missing field `accordion`"),
    ] {
        let error = change(pointer, value);
        assert!(error.starts_with(expected), "{pointer}: {error}");
    }
    let missing = SelectorFile::open(std::path::Path::new("/nowhere/selector.json")).unwrap_err();
    assert!(missing.to_string().starts_with("/nowhere/selector.json: cannot be read"), "{missing}");
}
