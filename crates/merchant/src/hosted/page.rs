//! Renders the page.

use std::fmt::{self, Write as _};

use contract::{
    Environment, NextActionType, Payment, PaymentMethod, PaymentStatus, RefundStatus, Session,
    SessionStatus,
};

use super::marks::{OPEN_IN_BROWSER, mark};
use super::qr;
use super::texts::Texts;
use crate::html::Escaped;
use crate::rules::Product;

/// The data of the page.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    /// The token in the page's own address, under which its forms are posted.
    pub(crate) token: &'a str,
    /// The key of the forms that start a payment, so that a double click starts one.
    pub(crate) idempotency_key: &'a str,
    /// The problem code of the last submitted form.
    pub(crate) notice: Option<&'a str>,
    /// The merchant's address to return the shopper to.
    pub(crate) return_url: Option<&'a str>,
    /// The environment in which the page is open.
    pub(crate) environment: Environment,
    /// The ways to pay here, for each offered wallet, in the merchant's order.
    pub(crate) ways: &'a [Way],
    /// The wallet from the address, which the shopper selected before this page.
    pub(crate) chosen: Option<PaymentMethod>,
    /// The product of the payment that is shown; `is_payable` if it can be paid here.
    pub(crate) product: Option<Product>,
    pub(crate) is_payable: bool,
}

/// The ways to pay with a wallet in the current environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) method: PaymentMethod,
    /// The product of a payment started here; `None` if it must be paid elsewhere.
    pub(crate) here: Option<Product>,
    /// True if a code for another phone can be shown.
    pub(crate) has_code: bool,
}

impl View<'_> {
    fn way(&self, method: PaymentMethod) -> Option<&Way> {
        self.ways.iter().find(|way| way.method == method)
    }
}

/// Renders the page of a session.
pub(super) fn session(texts: &Texts, view: &View<'_>) -> String {
    let session = view.session;
    let mut body = heading(texts, session);
    if let Some(notice) = view.notice {
        push(
            &mut body,
            format_args!("<p class=\"notice\" role=\"alert\">{}</p>", texts.notice(notice)),
        );
    }
    if let Some(refund) = session.refund {
        let text = match refund {
            RefundStatus::Succeeded => texts.refund_done,
            RefundStatus::Failed => texts.refund_failed,
            RefundStatus::Pending | RefundStatus::Unknown => texts.refund_pending,
        };
        push(&mut body, format_args!("<p class=\"notice\" role=\"status\">{text}</p>\n"));
    }
    let active = session.payment.as_ref().filter(|payment| !payment.status.is_final());
    let mut reloads = false;
    match (session.status, active) {
        (SessionStatus::Complete, _) => outcome(&mut body, "paid", texts.paid, texts.paid_detail),
        (SessionStatus::Canceled, _) => {
            outcome(&mut body, "ended", texts.called_off, texts.called_off_detail);
        }
        (SessionStatus::Open, Some(payment)) => {
            reloads = true;
            waiting(&mut body, texts, view, payment);
        }
        (SessionStatus::Open, None) if is_time_left(session) => {
            match view.chosen.and_then(|method| view.way(method)) {
                Some(way) if way.here.is_none() => {
                    reloads = true;
                    guide_page(&mut body, texts, view, *way);
                }
                Some(way) => chosen_wallet(&mut body, texts, view, *way),
                None => choice(&mut body, texts, view),
            }
        }
        (SessionStatus::Open | SessionStatus::Expired | SessionStatus::Unknown, _) => {
            reloads = session.status == SessionStatus::Open;
            outcome(&mut body, "ended", texts.expired, texts.expired_detail);
            if let Some(payment) = &session.payment {
                payment_form(&mut body, view, "check", &payment.id, texts.i_have_paid);
            }
        }
    }
    if let Some(url) = view.return_url {
        push(
            &mut body,
            format_args!(
                "<p class=\"back\"><a class=\"quiet\" href=\"{}\">{}</a></p>",
                Escaped(url),
                texts.back
            ),
        );
    }
    document(texts, reloads, "../hosted.css", &body)
}

/// Renders the page without a session. `stylesheet` is its address relative to the page.
pub(super) fn not_found(texts: &Texts, stylesheet: &str) -> String {
    let mut body = String::new();
    outcome(&mut body, "ended", texts.not_found, texts.not_found_detail);
    document(texts, false, stylesheet, &body)
}

fn document(texts: &Texts, reloads: bool, stylesheet: &str, body: &str) -> String {
    // Reloading is the only way to update without JavaScript; the page says that it does.
    let refresh = if reloads { "<meta http-equiv=\"refresh\" content=\"4\">" } else { "" };
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{refresh}\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"{stylesheet}\">\n</head>\n\
         <body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        texts.language, texts.title
    )
}

fn heading(texts: &Texts, session: &Session) -> String {
    let symbol = if session.amount.currency == contract::Currency::CNY { "¥" } else { "" };
    format!(
        "<header>\n<p class=\"merchant\"><span class=\"label\">{}</span> {}</p>\n\
         <h1>{symbol}{}</h1>\n<p class=\"description\">{}</p>\n</header>\n",
        texts.pay_to,
        Escaped(&session.merchant_name),
        session.amount.to_text(),
        Escaped(&session.description),
    )
}

/// Renders the outcome of the last payment, if it has ended.
fn last_payment(body: &mut String, texts: &Texts, session: &Session) {
    let Some(last) = &session.payment else { return };
    let text = match last.status {
        PaymentStatus::Failed => texts.last_failed,
        PaymentStatus::Expired => texts.last_expired,
        _ => texts.last_canceled,
    };
    let text = text.replace("{}", texts.method(last.payment_method));
    push(body, format_args!("<p class=\"notice\" role=\"status\">{text}</p>\n"));
}

/// Renders the wallet that was selected in the selector. A form starts its payment, not the page
/// itself, because a GET request may be repeated or prefetched.
fn chosen_wallet(body: &mut String, texts: &Texts, view: &View<'_>, way: Way) {
    last_payment(body, texts, view.session);
    let name = texts.method(way.method);
    let label = texts.pay_with.replace("{}", name);
    body.push_str("<div class=\"calls\">\n");
    let content = format!("{}<span>{label}</span>", mark(way.method));
    start_form(body, view, way.method, "", &content, "wallet main");
    if view.ways.len() > 1 {
        push(
            body,
            format_args!(
                "<a class=\"button\" href=\"{}\">{}</a>\n",
                Escaped(view.token),
                texts.choose_again
            ),
        );
    }
    body.push_str("</div>\n");
    time_left(body, texts, view.session);
}

fn choice(body: &mut String, texts: &Texts, view: &View<'_>) {
    let session = view.session;
    last_payment(body, texts, session);
    push(body, format_args!("<h2>{}</h2>\n<div class=\"wallets\">\n", texts.choose));
    for way in view.ways {
        let method = way.method;
        let label = texts.pay_with.replace("{}", texts.method(method));
        let content = format!("{}<span>{label}</span>", mark(method));
        if way.here.is_some() {
            start_form(body, view, method, "", &content, "wallet");
        } else {
            push(
                body,
                format_args!(
                    "<a class=\"button wallet\" href=\"{}?wallet={method}\">{content}</a>\n",
                    Escaped(view.token)
                ),
            );
        }
    }
    body.push_str("</div>\n");
    time_left(body, texts, session);
}

/// Renders the guide for a wallet that cannot be used here (gateways.md C3). It shows the address
/// of this very page, which continues the same session in another browser.
fn guide_page(body: &mut String, texts: &Texts, view: &View<'_>, way: Way) {
    guide(body, texts, view, way.method);
    push(body, format_args!("<p class=\"status\" role=\"status\">{}</p>\n", texts.reloads));
    body.push_str("<div class=\"calls\">\n");
    other_ways(body, texts, view, way.method);
    push(
        body,
        format_args!(
            "<a class=\"button\" href=\"{}\">{}</a>\n</div>\n",
            Escaped(view.token),
            texts.choose_again
        ),
    );
    time_left(body, texts, view.session);
}

fn guide(body: &mut String, texts: &Texts, view: &View<'_>, method: PaymentMethod) {
    let reason = texts.not_here.replace("{}", texts.method(method));
    push(
        body,
        format_args!(
            "<section class=\"guide\">\n{OPEN_IN_BROWSER}\n<h2>{}</h2>\n<p>{reason}</p>\n\
             <ol>\n<li>{}</li>\n<li>{}</li>\n</ol>\n\
             <label>{}<input readonly value=\"{}\"></label>\n</section>\n",
            texts.open_in_browser,
            texts.tap_the_menu,
            texts.choose_browser,
            texts.or_copy,
            Escaped(&view.session.hosted_url),
        ),
    );
}

/// Renders a code for another phone, and the other wallets that can be used here.
fn other_ways(body: &mut String, texts: &Texts, view: &View<'_>, method: PaymentMethod) {
    if view.way(method).is_some_and(|way| way.has_code) {
        let label = texts.code_for_other_phone.replace("{}", texts.method(method));
        start_form(body, view, method, FOR_OTHER_PHONE, &label, "button");
    }
    for way in view.ways.iter().filter(|way| way.method != method && way.here.is_some()) {
        let label = texts.switch_to.replace("{}", texts.method(way.method));
        start_form(body, view, way.method, "", &label, "button");
    }
}

fn waiting(body: &mut String, texts: &Texts, view: &View<'_>, payment: &Payment) {
    let name = texts.method(payment.payment_method);
    let mark = mark(payment.payment_method);
    push(body, format_args!("<section class=\"payment\">\n<h2>{mark}<span>{name}</span></h2>\n"));
    let action = payment.next_action.as_ref();
    let data = action.and_then(|action| action.data.as_deref());
    let url = action.and_then(|action| action.url.as_deref());
    // The product of a new payment from here, if it differs from this payment's.
    let here = view.way(payment.payment_method).and_then(|way| way.here);
    let is_offered_here = here.is_some();
    let is_other = is_offered_here && here != view.product;
    let mut is_guided = false;
    match (action.map(|action| action.kind), data, url) {
        (Some(NextActionType::DisplayQrCode), Some(data), _) => {
            let is_phone = view.environment != Environment::Desktop;
            let hint = match payment.payment_method {
                // gateways.md C2: a long press on the code does nothing.
                PaymentMethod::WechatPay if is_phone => texts.scan_wechat_pay_elsewhere,
                PaymentMethod::WechatPay => texts.scan_wechat_pay,
                _ if is_phone && url.is_none() => texts.scan_alipay_elsewhere,
                PaymentMethod::Alipay | PaymentMethod::Unknown => texts.scan_alipay,
            };
            let label = texts.qr_alt.replace("{}", name);
            body.push_str(&qr::svg(data, &label).unwrap_or_default());
            push(body, format_args!("<p class=\"hint\">{hint}</p>\n"));
            if let Some(url) = url {
                link(body, url, &texts.open_app.replace("{}", name));
            }
        }
        (Some(NextActionType::RedirectToUrl | NextActionType::DisplayFrame), _, Some(url))
            if view.is_payable =>
        {
            link(body, url, &texts.go_on.replace("{}", name));
        }
        // Started in an environment where it is payable, and opened in one where it is not.
        (Some(_), _, _) if !is_offered_here => {
            guide(body, texts, view, payment.payment_method);
            is_guided = true;
        }
        (Some(_), _, _) => {}
        _ => {
            let text = texts.preparing.replace("{}", name);
            push(body, format_args!("<p class=\"hint\">{text}</p>\n"));
        }
    }
    push(
        body,
        format_args!(
            "<p class=\"status\" role=\"status\">{} {}</p>\n",
            texts.waiting, texts.reloads
        ),
    );
    time_left(body, texts, view.session);
    body.push_str("</section>\n<div class=\"calls\">\n");
    payment_form(body, view, "check", &payment.id, texts.i_have_paid);
    if is_time_left(view.session) {
        if is_other {
            let label = texts.pay_here.replace("{}", name);
            start_form(body, view, payment.payment_method, "", &label, "button");
        }
        if data.is_some() || view.is_payable {
            let label = if data.is_some() { texts.fresh_code } else { texts.try_again };
            payment_form(body, view, "refresh", &payment.id, label);
        }
        if is_guided {
            other_ways(body, texts, view, payment.payment_method);
        } else {
            let others = view.ways.iter().filter(|way| way.method != payment.payment_method);
            for way in others.filter(|way| way.here.is_some()) {
                let label = texts.switch_to.replace("{}", texts.method(way.method));
                start_form(body, view, way.method, "", &label, "button");
            }
        }
        payment_form(body, view, "cancel", &payment.id, texts.cancel);
    }
    body.push_str("</div>\n");
}

fn outcome(body: &mut String, class: &str, title: &str, detail: &str) {
    push(
        body,
        format_args!(
            "<section class=\"outcome {class}\" role=\"status\">\n<h2>{title}</h2>\n<p>{detail}</p>\n</section>\n"
        ),
    );
}

fn time_left(body: &mut String, texts: &Texts, session: &Session) {
    let ms = session.expires_at.since_ms(session.server_time);
    let text = match ms / 60_000 {
        _ if ms <= 0 => return,
        0 => texts.last_minute.to_owned(),
        minutes => texts.minutes_left.replace("{}", &minutes.to_string()),
    };
    push(body, format_args!("<p class=\"time\">{text}</p>\n"));
}

fn is_time_left(session: &Session) -> bool {
    session.server_time < session.expires_at
}

/// Renders a form that starts a payment. `more` are further fields and `content` is the label, in
/// HTML.
fn start_form(
    body: &mut String,
    view: &View<'_>,
    method: PaymentMethod,
    more: &str,
    content: &str,
    class: &str,
) {
    let suffix = if more.is_empty() { "" } else { "-code" };
    push(
        body,
        format_args!(
            "<form method=\"post\" action=\"{}/pay\">{more}\
             <input type=\"hidden\" name=\"key\" value=\"{}{suffix}-{method}\">\
             <button class=\"{class}\" name=\"method\" value=\"{method}\">{content}</button></form>\n",
            Escaped(view.token),
            Escaped(view.idempotency_key),
        ),
    );
}

/// Renders a link to a wallet. `label` is HTML.
fn link(body: &mut String, url: &str, label: &str) {
    push(
        body,
        format_args!("<p><a class=\"button main\" href=\"{}\">{label}</a></p>\n", Escaped(url)),
    );
}

/// Renders a form about a payment.
fn payment_form(body: &mut String, view: &View<'_>, call: &str, payment_id: &str, label: &str) {
    push(
        body,
        format_args!(
            "<form method=\"post\" action=\"{}/{call}\">\
             <button class=\"button\" name=\"payment\" value=\"{}\">{label}</button></form>\n",
            Escaped(view.token),
            Escaped(payment_id),
        ),
    );
}

/// Requests a code for another phone, whatever this phone can do.
const FOR_OTHER_PHONE: &str = "<input type=\"hidden\" name=\"flow\" value=\"qr_code\">";

fn push(body: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = body.write_fmt(text);
}
