//! Plain server-made pages with the strict policy that the sandbox gives everything it shows.

use axum::response::{IntoResponse, Response};
use http::header;

/// A whole page around `main`; forms may also lead to `form_target`, an origin.
pub(crate) fn html(lang: &str, title: &str, main: &str, form_target: Option<&str>) -> Response {
    let title = escape(title);
    let page = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/phone.svg\">\n\
         <link rel=\"stylesheet\" href=\"/cashier.css\">\n</head>\n<body>\n<main>\n{main}\n</main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy(form_target)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, page).into_response()
}

/// The Content-Security-Policy. Browsers hold `form-action` against redirects too, so a cashier that
/// sends its visitor back to the shop has to name the shop's origin.
pub(crate) fn policy(form_target: Option<&str>) -> String {
    let target = form_target.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'self'{target}; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
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
