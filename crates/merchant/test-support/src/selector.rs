//! A small `selector.json`, in the format of the widget's build.

use serde_json::{Value, json};

/// The file's content.
pub fn selector_json() -> Value {
    json!({
        "version": "v1",
        "script": "opencashier-0123456789.js",
        "integrity": "sha384-script",
        "styles": { "file": "opencashier-0123456789.css", "integrity": "sha384-style", "css": ":host{display:block}" },
        "locales": {
            "en": locale("en", "Pay", "CN¥"),
            "zh-CN": locale("zh-CN", "支付", "¥"),
        },
    })
}

fn locale(lang: &str, pay: &str, prefix: &str) -> Value {
    let amount = |prefix: &str, digits: u32| json!({ "prefix": prefix, "suffix": "", "group": ",", "decimal": ".", "digits": digits });
    let details = by_wallet(|wallet| {
        format!("<p class=\"detail\" data-method=\"{wallet}\" hidden>${{amount}}</p>")
    });
    let picked_details =
        by_wallet(|wallet| format!("<p class=\"detail\" data-method=\"{wallet}\">${{amount}}</p>"));
    let mut tabs = layout(lang, pay, "tabs");
    tabs["details"] = details;
    tabs["picked_details"] = picked_details;
    json!({
        "dir": "ltr",
        "amounts": { "CNY": amount(prefix, 2), "JPY": amount("¥", 0) },
        "layouts": { "accordion": layout(lang, pay, "accordion"), "tabs": tabs, "list": layout(lang, pay, "list") },
    })
}

fn layout(lang: &str, pay: &str, name: &str) -> Value {
    let row = |part: &str, checked: &str| {
        by_wallet(|wallet| {
            format!(
                "<label part=\"{part}\" data-method=\"{wallet}\"><input type=\"radio\" name=\"wallet\" value=\"{wallet}\"{checked}></label>"
            )
        })
    };
    json!({
        "html": format!(
            "<div class=\"oc\" data-theme=\"${{theme}}\" data-version=\"${{version}}\" data-embed><section lang=\"{lang}\">\
             <p part=\"merchant\">${{merchant}}</p><p part=\"amount\">${{amount}}</p>${{description_line}}\
             <form method=\"get\" target=\"_top\" action=\"${{hosted_url}}\"><fieldset data-layout=\"{name}\">${{rows}}${{details}}\
             </fieldset>${{pay_button}}</form></section></div>"
        ),
        "description_line": "<p part=\"description\">${description}</p>",
        "pay_button": format!("<button type=\"submit\">{pay} ${{amount}}</button>"),
        "rows": row("method", ""),
        "picked_rows": row("method selected", " checked"),
    })
}

fn by_wallet(html: impl Fn(&str) -> String) -> Value {
    json!({ "alipay": html("alipay"), "wechat_pay": html("wechat_pay") })
}
