//! The page of a payment under way.

use contract::{Environment, NextAction, NextActionType, PaymentMethod};

use super::super::blocks::{
    Actions, Alignment, Block, Bridge, Control, CopyLink, Countdown, Document, Look, Scan, Target,
    Updates,
};
use super::super::marks::{app_mark, mark};
use super::super::qr::Code;
use super::super::texts::Texts;
use super::View;
use super::choosing::{guide, switches};
use super::parts::{add_words, head, is_stale, is_time_left, refund, seconds_left, wallet_head};

/// Shows the payment under way.
pub(super) fn waiting<'a>(
    document: &mut Document<'a>,
    texts: &'static Texts,
    view: &View<'a>,
    payment: &'a contract::Payment,
) {
    let session = view.session;
    let method = payment.payment_method;
    document.updates = Updates::Often;
    document.blocks.extend(refund(texts, session));
    let way = view.way(method).copied();
    let here = way.and_then(|way| way.here);
    let action = payment.next_action.as_ref();
    let data = action.and_then(|action| action.data.as_deref());
    let url = action.and_then(|action| action.url.as_deref());
    let is_time_left = is_time_left(session);
    let is_guided = action.is_some() && !view.is_payable && here.is_none();
    let mut actions = Actions::default();
    let mut switches =
        if is_guided || !is_time_left { Vec::new() } else { switches(texts, view, method) };
    let mut countdown = Some(Countdown {
        waiting: &texts.waiting,
        seconds_left: seconds_left(session, action.filter(|_| data.is_some())),
    });
    match (action, data, url) {
        (Some(action), Some(data), _) if action.kind == NextActionType::DisplayQrCode => {
            let mut scan = scan(texts, view, payment, data, is_stale(action, session));
            if scan.code.is_none() {
                add_words(document, &texts.qr_failed);
                // The way on that the text names.
                let other = switches.pop();
                actions.main = other.map(|other| Control { look: Look::Primary, ..other });
            } else if scan.is_stale {
                add_words(document, &texts.code_stale);
            } else {
                add_words(document, &scan.title);
                scan.countdown = countdown.take();
                let open = texts.with_wallet(&texts.open_app, method);
                actions.main =
                    url.map(|url| view.control("go", Look::Primary, open, Target::Link { url }));
                let url = session.hosted_url.clone();
                actions.fold = Some(CopyLink { texts, text: None, url, look: Look::Secondary });
            }
            countdown = None;
            document.blocks.push(Block::Scan(scan));
        }
        (Some(action), _, Some(url)) if view.is_payable && is_address(action) => {
            elsewhere(document, texts, view, method);
            let label = texts.with_wallet(&texts.go_on, method);
            let target = if is_stale(action, session) {
                Target::Payment { call: "refresh", id: &payment.id, stays: false }
            } else {
                Target::Link { url }
            };
            actions.main = Some(view.control("go", Look::Primary, label, target));
        }
        (Some(action), _, _)
            if view.is_payable && action.kind == NextActionType::InvokeWechatJsapi =>
        {
            elsewhere(document, texts, view, method);
            document.bridge = Some(Bridge { payment: &payment.id, parameters: parameters(action) });
            let label = texts.with_wallet(&texts.go_on, method);
            actions.main = Some(view.control("go", Look::Primary, label, Target::Bridge));
        }
        // Started in an environment where it is payable, and opened in one where it is not.
        (Some(_), _, _) if here.is_none() => {
            if let Some(way) = way {
                actions = guide(document, texts, view, way);
                actions.main = actions.main.filter(|_| is_time_left);
            }
        }
        (Some(_), _, _) => {
            wallet_head(document, method, texts.method(method));
            add_words(document, &texts.started_elsewhere);
            document.blocks.push(Block::Text(texts.started_elsewhere.clone()));
        }
        (None, _, _) => {
            document.alignment = Alignment::Center;
            let emblem = mark(method).map(|mark| Block::Emblem { mark, is_waiting: true });
            document.blocks.extend(emblem);
            head(document, &texts.with_wallet(&texts.starting, method));
        }
    }
    // This device has a way of its own.
    if is_time_left && here.is_some() && here != view.product && actions.main.is_none() {
        let label = texts.with_wallet(&texts.pay_here, method);
        actions.main = Some(view.start(Look::Primary, label, method));
    }
    actions.others.insert(0, view.call("check", &payment.id, &texts.i_have_paid));
    actions.others.append(&mut switches);
    if is_time_left {
        actions.others.push(view.call("cancel", &payment.id, &texts.cancel));
    }
    document.blocks.extend(countdown.map(Block::Countdown));
    document.blocks.extend(actions.block());
}

/// True if the action leads to an address.
fn is_address(action: &NextAction) -> bool {
    matches!(action.kind, NextActionType::RedirectToUrl | NextActionType::DisplayFrame)
}

/// Adds the heading and the words for a payment in the wallet itself.
fn elsewhere(
    document: &mut Document<'_>,
    texts: &'static Texts,
    view: &View<'_>,
    method: PaymentMethod,
) {
    let amount = texts.amount(view.session.amount);
    wallet_head(document, method, &texts.with_wallet(&texts.elsewhere, method));
    let text = texts.fill(&texts.elsewhere_how, method, &[("amount", &amount)]);
    document.blocks.push(Block::Text(text));
}

/// Returns the code, and how to scan it, which depends on the device that shows it.
fn scan<'a>(
    texts: &'static Texts,
    view: &View<'a>,
    payment: &'a contract::Payment,
    data: &str,
    is_stale: bool,
) -> Scan<'a> {
    let method = payment.payment_method;
    let amount = texts.amount(view.session.amount);
    let values = [("amount", &*amount), ("merchant", &*view.session.merchant_name)];
    let text = |text: &str| texts.fill(text, method, &values);
    let is_phone = !matches!(view.environment, Environment::Desktop | Environment::WechatDesktop);
    let (mut steps, mut hints) = (Vec::new(), Vec::new());
    if is_phone {
        hints.push(text(&texts.scan_other));
        if method == PaymentMethod::WechatPay {
            // gateways.md C2: a long press on the code does nothing.
            hints.push(texts.no_long_press.clone());
        }
        hints.push(text(&texts.scan_pays));
    } else {
        steps.extend([&texts.scan_open, &texts.scan_how, &texts.scan_pays].map(|step| text(step)));
    }
    let refresh = (is_stale && is_time_left(view.session)).then(|| {
        let refresh = view.call("refresh", &payment.id, &texts.refresh);
        Control { look: Look::Primary, ..refresh }
    });
    Scan {
        title: text(&texts.scan),
        mark: app_mark(method),
        code: Code::of(data),
        label: text(&texts.qr_label),
        is_stale,
        refresh,
        steps,
        hints,
        countdown: None,
    }
}

/// The parameters of a bridge as a JSON object.
fn parameters(action: &NextAction) -> String {
    let fields = action.fields.iter();
    let fields = fields.map(|field| (field.name.clone(), field.value.clone().into())).collect();
    serde_json::Value::Object(fields).to_string()
}
