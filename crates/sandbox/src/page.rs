//! Plain server-made pages with the strict policy that the sandbox gives everything it shows.

use axum::response::{IntoResponse, Response};
use http::header;
use maud::{DOCTYPE, Markup, html};

use crate::book::OrderView;
use crate::loopback;

/// A page that the server writes whole: no script, no inline style.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    lang: &'a str,
    title: &'a str,
    main: Markup,
    theme: &'static str,
    leads_to_shops: bool,
    is_framed: bool,
    refresh: Option<(u32, String)>,
}

impl<'a> Page<'a> {
    /// A page with this title and content.
    pub(crate) fn new(lang: &'a str, title: &'a str, main: Markup) -> Self {
        Self {
            lang,
            title,
            main,
            theme: "alipay",
            leads_to_shops: false,
            is_framed: false,
            refresh: None,
        }
    }

    /// In WeChat's colours.
    pub(crate) fn wechat(self) -> Self {
        Self { theme: "wechat", ..self }
    }

    /// Browsers apply `form-action` to redirects, too: a page whose forms end at a shop sets it.
    pub(crate) fn leading_to_shops(self) -> Self {
        Self { leads_to_shops: true, ..self }
    }

    /// True if it may be in a frame of a page on this machine.
    pub(crate) fn framed(self) -> Self {
        Self { is_framed: true, ..self }
    }

    /// Redirects to `url` after this number of seconds.
    pub(crate) fn going_on(self, seconds: u32, url: String) -> Self {
        Self { refresh: Some((seconds, url)), ..self }
    }

    pub(crate) fn respond(self) -> Response {
        let class =
            if self.is_framed { format!("{} frame", self.theme) } else { self.theme.into() };
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    @if let Some((seconds, url)) = &self.refresh {
                        meta http-equiv="refresh" content={ (seconds) ";url=" (url) };
                    }
                    link rel="icon" type="image/svg+xml" href="/phone.svg";
                    link rel="stylesheet" href="/cashier.css";
                }
                body class=(class) {
                    main { (self.main) }
                }
            }
        };
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CONTENT_SECURITY_POLICY, policy(self.leads_to_shops, self.is_framed)),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        (headers, page.into_string()).into_response()
    }
}

/// The Content-Security-Policy of everything shown.
pub(crate) fn policy(leads_to_shops: bool, is_framed: bool) -> String {
    let shops = loopback::SOURCES;
    let target = if leads_to_shops { format!(" {shops}") } else { String::new() };
    let ancestors = if is_framed { shops } else { "'none'" };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'self'{target}; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'"
    )
}

/// The order to be paid and the buttons under it, for a cashier and a payment sheet.
pub(crate) fn sheet(
    mark: &Markup,
    merchant_name: &str,
    order: &OrderView,
    buttons: &[Markup],
    note: &str,
) -> Markup {
    html! {
        (mark)
        h1 { "Pay " span class="amount" { "¥" (yuan(order.amount)) } }
        dl {
            dt { "For" }
            dd { (order.description) }
            dt { "To" }
            dd { (merchant_name) }
            dt { "Order" }
            dd class="number" { (order.out_trade_no) }
        }
        div class="actions" {
            @for button in buttons { (button) }
        }
        p class="note" { (note) }
    }
}

/// A text with its Chinese counterpart behind it.
pub(crate) fn heading(text: &str, chinese: &str) -> Markup {
    html! { h1 { (text) " " small lang="zh-CN" { (chinese) } } }
}

/// The line that names the page's origin.
pub(crate) fn mark(chinese: &str, text: &str) -> Markup {
    html! { p class="mark" { span lang="zh-CN" { (chinese) } " " (text) } }
}

/// A button that posts to `action`, alone in its form; `target` is `_top` to leave a frame.
pub(crate) fn button(
    action: &str,
    class: &str,
    label: &str,
    chinese: &str,
    target: Option<&str>,
) -> Markup {
    html! {
        form method="post" action=(action) target=[target] {
            button type="submit" class=(class) { (label) " " span lang="zh-CN" { (chinese) } }
        }
    }
}

/// Fen as pages show amounts: `1.00`.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
