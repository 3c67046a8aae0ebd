//! Plain server-made pages with the strict policy that the sandbox gives everything it shows.

use axum::response::{IntoResponse, Response};
use http::header;

use crate::book::OrderView;
use crate::loopback;

/// A page that the server writes whole: no script, no inline style.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    lang: &'a str,
    title: &'a str,
    main: String,
    theme: &'static str,
    leads_to_shops: bool,
    is_framed: bool,
    refresh: Option<(u32, String)>,
}

impl<'a> Page<'a> {
    /// `main` is HTML; `title` is text.
    pub(crate) fn new(lang: &'a str, title: &'a str, main: String) -> Self {
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

    /// Browsers hold `form-action` against redirects too: a page whose forms end at a shop says so.
    pub(crate) fn leading_to_shops(self) -> Self {
        Self { leads_to_shops: true, ..self }
    }

    /// May stand in a frame of a page on this machine.
    pub(crate) fn framed(self) -> Self {
        Self { is_framed: true, ..self }
    }

    /// Goes on to `url` by itself after so many seconds.
    pub(crate) fn going_on(self, seconds: u32, url: String) -> Self {
        Self { refresh: Some((seconds, url)), ..self }
    }

    pub(crate) fn respond(self) -> Response {
        let refresh = self.refresh.map(|(seconds, url)| {
            format!("<meta http-equiv=\"refresh\" content=\"{seconds};url={}\">\n", escape(&url))
        });
        let frame = if self.is_framed { " frame" } else { "" };
        let page = format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n{refresh}\
             <link rel=\"icon\" type=\"image/svg+xml\" href=\"/phone.svg\">\n\
             <link rel=\"stylesheet\" href=\"/cashier.css\">\n</head>\n\
             <body class=\"{theme}{frame}\">\n<main>\n{main}\n</main>\n</body>\n</html>\n",
            lang = self.lang,
            title = escape(self.title),
            refresh = refresh.unwrap_or_default(),
            theme = self.theme,
            main = self.main,
        );
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CONTENT_SECURITY_POLICY, policy(self.leads_to_shops, self.is_framed)),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        (headers, page).into_response()
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

/// What is to be paid, and the buttons under it: what a cashier and a payment sheet show.
pub(crate) fn sheet(mark: &str, order: &OrderView, buttons: &[String], note: &str) -> String {
    format!(
        "{mark}\n<h1>Pay <span class=\"amount\">¥{amount}</span></h1>\n\
         <dl>\n<dt>For</dt><dd>{description}</dd>\n<dt>To</dt><dd>Sandbox shop</dd>\n\
         <dt>Order</dt><dd class=\"number\">{number}</dd>\n</dl>\n\
         <div class=\"actions\">\n{buttons}\n</div>\n<p class=\"note\">{note}</p>",
        amount = yuan(order.amount),
        description = escape(&order.description),
        number = escape(&order.out_trade_no),
        buttons = buttons.join("\n"),
    )
}

/// A button that posts to `action`, alone in its form; `target` is `_top` to leave a frame.
pub(crate) fn button(
    action: &str,
    class: &str,
    label: &str,
    chinese: &str,
    target: Option<&str>,
) -> String {
    let target = target.map(|target| format!(" target=\"{target}\"")).unwrap_or_default();
    format!(
        "<form method=\"post\" action=\"{}\"{target}>\
         <button type=\"submit\" class=\"{class}\">{label} <span lang=\"zh-CN\">{chinese}</span></button></form>",
        escape(action)
    )
}

/// Fen as pages show amounts: `1.00`.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Text as it may stand in HTML, also in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
