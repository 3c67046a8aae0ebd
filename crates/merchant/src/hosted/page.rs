//! Decides what is on the page.

use askama::Template as _;
use contract::{
    Environment, NextActionType, PaymentMethod, PaymentStatus, RefundStatus, Session, SessionStatus,
};

use super::blocks::{Block, Control, Document, Guide, Heading, Link, Payment, Target};
use super::marks::{OPEN_IN_BROWSER, mark};
use super::qr::Code;
use super::texts::Texts;
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

impl<'a> View<'a> {
    fn way(&self, method: PaymentMethod) -> Option<&Way> {
        self.ways.iter().find(|way| way.method == method)
    }

    /// The ways of the other wallets that can be used here.
    fn others(&self, method: PaymentMethod) -> impl Iterator<Item = &Way> {
        self.ways.iter().filter(move |way| way.method != method && way.here.is_some())
    }

    fn control(
        &self,
        class: &'static str,
        label: impl Into<String>,
        target: Target<'a>,
    ) -> Control<'a> {
        Control { token: self.token, class, mark: "", label: label.into(), target }
    }

    /// Returns the button that starts a payment.
    fn start(&self, class: &'static str, label: String, method: PaymentMethod) -> Control<'a> {
        let key = format!("{}-{method}", self.idempotency_key);
        self.control(class, label, Target::Start { method, key, is_code: false })
    }

    /// Returns the button that starts a payment by a code for another phone.
    fn start_code(&self, label: String, method: PaymentMethod) -> Control<'a> {
        let key = format!("{}-code-{method}", self.idempotency_key);
        self.control("button", label, Target::Start { method, key, is_code: true })
    }

    fn call(&self, call: &'static str, id: &'a str, label: &str) -> Control<'a> {
        self.control("button", label, Target::Payment { call, id })
    }
}

/// Renders the page of a session.
pub(super) fn session(texts: &'static Texts, view: &View<'_>) -> String {
    let session = view.session;
    let mut blocks = Vec::new();
    if let Some(notice) = view.notice {
        blocks.push(Block::Notice { is_alert: true, text: texts.notice(notice).to_owned() });
    }
    if let Some(refund) = session.refund {
        let text = match refund {
            RefundStatus::Succeeded => &texts.refund_succeeded,
            RefundStatus::Failed => &texts.refund_failed,
            RefundStatus::Pending | RefundStatus::Unknown => &texts.refund_pending,
        };
        blocks.push(Block::Notice { is_alert: false, text: text.clone() });
    }
    let reloads = main_blocks(&mut blocks, texts, view);
    blocks.extend(view.return_url.map(|url| Block::Back { url }));
    let heading = Some(Heading {
        merchant_name: &session.merchant_name,
        amount: texts.amount(session.amount),
        description: &session.description,
    });
    render(&Document { texts, reloads, stylesheet: "../hosted.css", heading, blocks })
}

/// Renders the page without a session. `stylesheet` is its address relative to the page.
pub(super) fn not_found(texts: &'static Texts, stylesheet: &str) -> String {
    let blocks = vec![outcome("ended", &texts.not_found, &texts.not_found_detail)];
    render(&Document { texts, reloads: false, stylesheet, heading: None, blocks })
}

fn render(document: &Document<'_>) -> String {
    // Writing to a String cannot fail.
    document.render().unwrap_or_default()
}

/// Adds what the session's state requires; true if the page has to reload.
fn main_blocks<'a>(blocks: &mut Vec<Block<'a>>, texts: &'static Texts, view: &View<'a>) -> bool {
    let session = view.session;
    let active = session.payment.as_ref().filter(|payment| !payment.status.is_final());
    match (session.status, active) {
        (SessionStatus::Complete, _) => {
            blocks.push(outcome("paid", &texts.succeeded, &texts.thanks));
            false
        }
        (SessionStatus::Canceled, _) => {
            blocks.push(outcome("ended", &texts.canceled, &texts.canceled_over));
            false
        }
        (SessionStatus::Open, Some(payment)) => {
            waiting(blocks, texts, view, payment);
            true
        }
        (SessionStatus::Open, None) if is_time_left(session) => {
            let chosen = view.chosen.and_then(|method| view.way(method));
            match chosen {
                Some(way) if way.here.is_none() => guide_page(blocks, texts, view, *way),
                Some(way) => chosen_wallet(blocks, texts, view, *way),
                None => choice(blocks, texts, view),
            }
            chosen.is_some_and(|way| way.here.is_none())
        }
        (SessionStatus::Open | SessionStatus::Expired | SessionStatus::Unknown, _) => {
            blocks.push(outcome("ended", &texts.expired, &texts.expired_detail));
            blocks.extend(session.payment.as_ref().map(|payment| {
                let check = view.call("check", &payment.id, &texts.i_have_paid);
                Block::Calls { controls: vec![check] }
            }));
            session.status == SessionStatus::Open
        }
    }
}

/// Returns the outcome of the last payment, if it has ended.
fn last_payment<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let last = session.payment.as_ref()?;
    let text = match last.status {
        PaymentStatus::Failed => &texts.last_failed,
        PaymentStatus::Expired => &texts.code_expired,
        _ => &texts.last_canceled,
    };
    let text = texts.with_wallet(text, last.payment_method);
    Some(Block::Notice { is_alert: false, text })
}

/// Shows the wallet that was selected in the selector. A form starts its payment, not the page
/// itself, because a GET request may be repeated or prefetched.
fn chosen_wallet<'a>(
    blocks: &mut Vec<Block<'a>>,
    texts: &'static Texts,
    view: &View<'a>,
    way: Way,
) {
    blocks.extend(last_payment(texts, view.session));
    let label = texts.with_wallet(&texts.pay_with, way.method);
    let start = view.start("wallet main", label, way.method);
    let mut controls = vec![Control { mark: mark(way.method), ..start }];
    if view.ways.len() > 1 {
        controls.push(view.control("button", texts.switch.as_str(), Target::Choice));
    }
    blocks.push(Block::Calls { controls });
    blocks.extend(time_left_block(texts, view.session));
}

fn choice<'a>(blocks: &mut Vec<Block<'a>>, texts: &'static Texts, view: &View<'a>) {
    blocks.extend(last_payment(texts, view.session));
    let controls = view.ways.iter().map(|way| {
        let label = texts.with_wallet(&texts.pay_with, way.method);
        let control = match way.here {
            Some(_) => view.start("wallet", label, way.method),
            None => view.control("button wallet", label, Target::Wallet { method: way.method }),
        };
        Control { mark: mark(way.method), ..control }
    });
    blocks.push(Block::Wallets { controls: controls.collect() });
    blocks.extend(time_left_block(texts, view.session));
}

/// Shows the guide for a wallet that cannot be used here (gateways.md C3). It shows the address
/// of this very page, which continues the same session in another browser.
fn guide_page<'a>(blocks: &mut Vec<Block<'a>>, texts: &'static Texts, view: &View<'a>, way: Way) {
    blocks.push(Block::Guide(guide(texts, view, way.method)));
    blocks.push(Block::Status { text: &texts.reloads });
    let mut controls = other_ways(texts, view, way.method);
    controls.push(view.control("button", texts.switch.as_str(), Target::Choice));
    blocks.push(Block::Calls { controls });
    blocks.extend(time_left_block(texts, view.session));
}

fn guide<'a>(texts: &'static Texts, view: &View<'a>, method: PaymentMethod) -> Guide<'a> {
    Guide {
        drawing: OPEN_IN_BROWSER,
        reason: texts.with_wallet(&texts.not_here, method),
        hosted_url: &view.session.hosted_url,
    }
}

/// Returns a code for another phone, and the other wallets that can be used here.
fn other_ways<'a>(
    texts: &'static Texts,
    view: &View<'a>,
    method: PaymentMethod,
) -> Vec<Control<'a>> {
    let code = view
        .way(method)
        .filter(|way| way.has_code)
        .map(|_| view.start_code(texts.guide_code.clone(), method));
    code.into_iter().chain(switches(texts, view, method)).collect()
}

fn switches<'a>(
    texts: &'static Texts,
    view: &View<'a>,
    method: PaymentMethod,
) -> impl Iterator<Item = Control<'a>> {
    view.others(method).map(|way| {
        let label = texts.with_wallet(&texts.switch_to, way.method);
        view.start("button", label, way.method)
    })
}

fn waiting<'a>(
    blocks: &mut Vec<Block<'a>>,
    texts: &'static Texts,
    view: &View<'a>,
    payment: &'a contract::Payment,
) {
    let method = payment.payment_method;
    let name = texts.method(method);
    let action = payment.next_action.as_ref();
    let data = action.and_then(|action| action.data.as_deref());
    let url = action.and_then(|action| action.url.as_deref());
    // The product of a new payment from here, if it differs from this payment's.
    let here = view.way(method).and_then(|way| way.here);
    let is_offered_here = here.is_some();
    let amount = texts.amount(view.session.amount);
    let values = [("amount", amount.as_str()), ("merchant", view.session.merchant_name.as_str())];
    let mut shown = Payment {
        mark: mark(method),
        name,
        code: None,
        code_label: texts.fill(&texts.qr_label, method, &values),
        hint: None,
        link: None,
        guide: None,
        time_left: time_left(texts, view.session),
    };
    match (action.map(|action| action.kind), data, url) {
        (Some(NextActionType::DisplayQrCode), Some(data), _) => {
            shown.code = Code::of(data);
            shown.hint = Some(scan_hint(texts, view, method, url.is_some()));
            shown.link =
                url.map(|url| Link { url, label: texts.with_wallet(&texts.open_app, method) });
        }
        (Some(NextActionType::RedirectToUrl | NextActionType::DisplayFrame), _, Some(url))
            if view.is_payable =>
        {
            shown.link = Some(Link { url, label: texts.with_wallet(&texts.go_on, method) });
        }
        // Started in an environment where it is payable, and opened in one where it is not.
        (Some(_), _, _) if !is_offered_here => shown.guide = Some(guide(texts, view, method)),
        (Some(_), _, _) => {}
        _ => shown.hint = Some(texts.with_wallet(&texts.starting, method)),
    }
    let is_guided = shown.guide.is_some();
    blocks.push(Block::Payment(shown));
    let mut controls = vec![view.call("check", &payment.id, &texts.i_have_paid)];
    if is_time_left(view.session) {
        if is_offered_here && here != view.product {
            controls.push(view.start("button", texts.with_wallet(&texts.pay_here, method), method));
        }
        if data.is_some() || view.is_payable {
            let label = if data.is_some() { &texts.refresh } else { &texts.try_again };
            controls.push(view.call("refresh", &payment.id, label));
        }
        if is_guided {
            controls.extend(other_ways(texts, view, method));
        } else {
            controls.extend(switches(texts, view, method));
        }
        controls.push(view.call("cancel", &payment.id, &texts.cancel));
    }
    blocks.push(Block::Calls { controls });
}

/// Returns how to scan the code, which depends on the device that shows it.
fn scan_hint(
    texts: &'static Texts,
    view: &View<'_>,
    method: PaymentMethod,
    has_link: bool,
) -> String {
    let is_phone = view.environment != Environment::Desktop;
    match method {
        // gateways.md C2: a long press on the code does nothing.
        PaymentMethod::WechatPay if is_phone => texts.no_long_press.clone(),
        PaymentMethod::Alipay if is_phone && !has_link => {
            texts.with_wallet(&texts.scan_other, method)
        }
        _ => texts.with_wallet(&texts.scan, method),
    }
}

fn outcome<'a>(class: &'static str, title: &'static str, detail: &'static str) -> Block<'a> {
    Block::Outcome { class, title, detail }
}

fn time_left_block<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    time_left(texts, session).map(|text| Block::TimeLeft { text })
}

fn time_left(texts: &'static Texts, session: &Session) -> Option<String> {
    let ms = session.expires_at.since_ms(session.server_time);
    match ms / 60_000 {
        _ if ms <= 0 => None,
        0 => Some(texts.last_minute.clone()),
        minutes => {
            let values = [("minutes", &*minutes.to_string())];
            Some(texts.fill(&texts.minutes_left, PaymentMethod::Unknown, &values))
        }
    }
}

fn is_time_left(session: &Session) -> bool {
    session.server_time < session.expires_at
}
