//! Decides what is on the page.

use askama::Template as _;
use contract::{
    Environment, NextAction, NextActionType, PaymentMethod, PaymentStatus, RefundStatus, Session,
    SessionStatus,
};

use super::blocks::{
    Actions, Alignment, Block, Bridge, Control, CopyLink, Countdown, Document, Look, Order, Scan,
    Target, Updates,
};
use super::marks::{Drawing, OFF, OK, TIME, app_mark, mark};
use super::qr::Code;
use super::texts::Texts;
use super::ways::{GuideKind, Way};
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
    /// The ways to pay here, for each offered wallet: those that work here first, each in the
    /// merchant's order.
    pub(crate) ways: &'a [Way],
    /// The wallet from the address, which the shopper selected before this page.
    pub(crate) chosen: Option<PaymentMethod>,
    /// The product of the payment that is shown; `is_payable` if it can be paid here.
    pub(crate) product: Option<Product>,
    pub(crate) is_payable: bool,
}

impl<'a> View<'a> {
    fn way(&self, method: PaymentMethod) -> Option<&Way> {
        self.ways.iter().find(|way| way.method == method)
    }

    fn control(
        &self,
        key: &'static str,
        look: Look,
        label: impl Into<String>,
        target: Target<'a>,
    ) -> Control<'a> {
        Control {
            token: self.token,
            key,
            look,
            mark: None,
            label: label.into(),
            detail: None,
            target,
        }
    }

    /// Returns the button that starts a payment.
    fn start(&self, look: Look, label: String, method: PaymentMethod) -> Control<'a> {
        let key = format!("{}-{method}", self.idempotency_key);
        let name = if look == Look::Quiet { "switch" } else { "pay" };
        self.control(name, look, label, Target::Start { method, key, is_code: false })
    }

    /// Returns the button that starts a payment by a code for another phone.
    fn start_code(&self, look: Look, label: String, method: PaymentMethod) -> Control<'a> {
        let key = format!("{}-code-{method}", self.idempotency_key);
        self.control("code", look, label, Target::Start { method, key, is_code: true })
    }

    fn call(&self, call: &'static str, id: &'a str, label: &str) -> Control<'a> {
        self.control(call, Look::Quiet, label, Target::Payment { call, id, stays: true })
    }

    /// Returns the link back to the merchant.
    fn back(&self, texts: &'static Texts, look: Look) -> Option<Control<'a>> {
        let url = self.return_url?;
        Some(self.control("back", look, texts.back.as_str(), Target::Link { url }))
    }

    fn order(&self, texts: &'static Texts) -> Order<'a> {
        Order {
            merchant_name: &self.session.merchant_name,
            amount: texts.amount(self.session.amount),
            description: &self.session.description,
        }
    }

    /// Returns the address of this page for a wallet, which continues the same session in another
    /// browser.
    fn url_for(&self, method: PaymentMethod) -> String {
        format!("{}?wallet={method}", self.session.hosted_url)
    }
}

/// Renders the page of a session.
pub(super) fn session(texts: &'static Texts, view: &View<'_>) -> String {
    let session = view.session;
    let mut document =
        Document { state: state(session), summary: Some(view.order(texts)), ..empty(texts, "../") };
    if let Some(notice) = view.notice {
        document.says = texts.notice(notice).to_owned();
        document.blocks.push(Block::Notice { is_alert: true, text: document.says.clone() });
    }
    add_content(&mut document, texts, view);
    if session.refund == Some(RefundStatus::Pending) && document.updates == Updates::Never {
        document.updates = Updates::Rarely;
    }
    render(&document)
}

/// Renders the page without a session. `folder` is the path to the style sheet's folder relative to the page.
pub(super) fn not_found(texts: &'static Texts, folder: &str) -> String {
    let mut document = empty(texts, folder);
    outcome(&mut document, &OFF, &texts.not_found);
    document.blocks.push(Block::Text(texts.not_found_detail.clone()));
    render(&document)
}

/// Renders the page for a failure that does not last, under `title`. The browser loads it again.
pub(super) fn away(texts: &'static Texts, title: &str, folder: &str) -> String {
    let mut document = empty(texts, folder);
    outcome(&mut document, &TIME, title);
    document.blocks.push(Block::Text(texts.away_detail.clone()));
    render(&document)
}

fn empty<'a>(texts: &'static Texts, folder: &'a str) -> Document<'a> {
    Document {
        texts,
        folder,
        updates: Updates::Never,
        state: String::new(),
        says: String::new(),
        continues: false,
        bridge: None,
        points_to_menu: false,
        summary: None,
        alignment: Alignment::Start,
        blocks: Vec::new(),
    }
}

fn render(document: &Document<'_>) -> String {
    // Writing to a String cannot fail.
    document.render().unwrap_or_default()
}

/// Identifies what the page of a session shows.
fn state(session: &Session) -> String {
    let action = session.payment.as_ref().and_then(|payment| payment.next_action.as_ref());
    let is_stale = action.is_some_and(|action| is_stale(action, session));
    format!(
        "{}.{}.{}.{}",
        session.revision,
        session.refund.map_or("", RefundStatus::as_str),
        u8::from(is_time_left(session)),
        u8::from(is_stale)
    )
}

/// Adds what the session's state requires.
fn add_content<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    let active = session.payment.as_ref().filter(|payment| !payment.status.is_final());
    let chosen = view.chosen.and_then(|method| view.way(method)).copied();
    match (session.status, active) {
        (SessionStatus::Complete, _) => paid(document, texts, view),
        (SessionStatus::Canceled, _) => {
            outcome(document, &OFF, &texts.canceled);
            document.blocks.push(Block::Text(texts.canceled_over.clone()));
            document.blocks.extend(refund(texts, session));
            let main = view.back(texts, Look::Primary);
            document.blocks.extend(Actions { main, ..Actions::default() }.block());
        }
        (SessionStatus::Open, Some(payment)) => match chosen {
            // Selected before this page, instead of the payment that was started elsewhere.
            Some(way) if is_replaced(view, payment, way) => {
                chosen_wallet(document, texts, view, way)
            }
            _ => waiting(document, texts, view, payment),
        },
        (SessionStatus::Open, None) if is_time_left(session) => match chosen {
            Some(way) if way.here.is_none() => guide_page(document, texts, view, way),
            Some(way) => {
                // A payment that has ended was started here: the shopper chooses again.
                document.continues = session.payment.is_none() && view.notice.is_none();
                chosen_wallet(document, texts, view, way);
            }
            None => choice(document, texts, view),
        },
        (SessionStatus::Open | SessionStatus::Expired | SessionStatus::Unknown, _) => {
            over(document, texts, view);
        }
    }
}

/// True if the shopper selected another wallet before this page than that of the payment, or the
/// payment cannot be paid here: the selected one is started here instead.
fn is_replaced(view: &View<'_>, payment: &contract::Payment, way: Way) -> bool {
    let is_other = payment.payment_method != way.method || !view.is_payable;
    is_other && way.here.is_some() && is_time_left(view.session)
}

/// Shows the receipt.
fn paid<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    outcome(document, &OK, &texts.succeeded);
    document.alignment = Alignment::Paid;
    document.summary = None;
    let method = session.payment.as_ref().map(|payment| payment.payment_method);
    let method = method.unwrap_or(PaymentMethod::Unknown);
    document.blocks.push(Block::Receipt {
        order: view.order(texts),
        mark: mark(method),
        wallet: texts.method(method),
    });
    document.blocks.extend(refund(texts, session));
    document.blocks.push(Block::Text(texts.thanks.clone()));
    let main = view.back(texts, Look::Primary);
    document.blocks.extend(Actions { main, ..Actions::default() }.block());
}

/// Shows that the time is over. A payment may still have been made: it can be checked.
fn over<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    let session = view.session;
    if session.status == SessionStatus::Open {
        document.updates = Updates::Often;
    }
    outcome(document, &TIME, &texts.expired);
    let payment = session.payment.as_ref();
    let detail = payment.map_or(&texts.expired_how, |_| &texts.expired_detail);
    document.blocks.push(Block::Text(detail.clone()));
    document.blocks.extend(refund(texts, session));
    let main = match payment {
        Some(payment) => {
            let check = view.call("check", &payment.id, &texts.i_have_paid);
            Some(Control { look: Look::Secondary, ..check })
        }
        None => view.back(texts, Look::Primary),
    };
    let back = payment.and_then(|_| view.back(texts, Look::Quiet));
    let others = back.into_iter().collect();
    document.blocks.extend(Actions { main, others, ..Actions::default() }.block());
}

/// Adds the sign and the heading of an outcome.
fn outcome(document: &mut Document<'_>, sign: &'static Drawing, title: &str) {
    document.alignment = Alignment::Center;
    document.blocks.push(Block::Sign(sign));
    head(document, title);
}

/// Adds the mark of a wallet and a heading.
fn wallet_head(document: &mut Document<'_>, method: PaymentMethod, title: &str) {
    document.alignment = Alignment::Center;
    let emblem = mark(method).map(|mark| Block::Emblem { mark, is_waiting: false });
    document.blocks.extend(emblem);
    head(document, title);
}

/// Adds the heading, which screen readers say.
fn head(document: &mut Document<'_>, title: &str) {
    add_words(document, title);
    document.blocks.push(Block::Heading(title.to_owned()));
}

/// Returns how far money is that was paid too often or too late and goes back.
fn refund<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let text = match session.refund? {
        RefundStatus::Succeeded => &texts.refund_succeeded,
        RefundStatus::Failed => &texts.refund_failed,
        RefundStatus::Pending | RefundStatus::Unknown => &texts.refund_pending,
    };
    Some(Block::Notice { is_alert: false, text: text.clone() })
}

/// Adds to what screen readers say.
fn add_words(document: &mut Document<'_>, text: &str) {
    if !document.says.is_empty() {
        document.says.push(' ');
    }
    document.says.push_str(text);
}

/// Returns the outcome of the last payment, if it has ended.
fn last_payment<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let last = session.payment.as_ref().filter(|payment| payment.status.is_final())?;
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
    document: &mut Document<'a>,
    texts: &'static Texts,
    view: &View<'a>,
    way: Way,
) {
    document.updates = Updates::Rarely;
    document.blocks.extend(refund(texts, view.session));
    document.blocks.extend(last_payment(texts, view.session));
    wallet_head(document, way.method, texts.method(way.method));
    let label = texts.with_wallet(&texts.pay_with, way.method);
    let main = Some(view.start(Look::Primary, label, way.method));
    let mut others = Vec::new();
    if view.ways.len() > 1 {
        others.push(view.control("choice", Look::Quiet, texts.switch.as_str(), Target::Choice));
    }
    others.extend(view.back(texts, Look::Quiet));
    document.blocks.extend(time_left(texts, view.session));
    document.blocks.extend(Actions { main, others, ..Actions::default() }.block());
}

fn choice<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
    document.updates = Updates::Rarely;
    document.blocks.extend(refund(texts, view.session));
    document.blocks.extend(last_payment(texts, view.session));
    head(document, &texts.choose);
    let here = view.environment;
    let is_mixed = view.ways.iter().any(|way| !way.opens_in(here));
    let controls = view.ways.iter().map(|way| {
        let label = texts.with_wallet(&texts.pay_with, way.method);
        let control = match way.here {
            Some(_) => view.start(Look::Wallet, label, way.method),
            None => {
                view.control("guide", Look::Wallet, label, Target::Wallet { method: way.method })
            }
        };
        let detail = if way.opens_in(here) {
            (here.is_inside_an_app() && is_mixed).then_some(texts.opens_here.as_str())
        } else {
            match (way.here, way.guide) {
                (None, GuideKind::OpenInBrowser | GuideKind::MiniProgram) => {
                    Some(texts.opens_in_browser.as_str())
                }
                (Some(_), _) | (None, GuideKind::OtherPhone | GuideKind::OnlyOtherPhone) => {
                    Some(texts.takes_other_phone.as_str())
                }
            }
        };
        Control { mark: mark(way.method), detail, ..control }
    });
    document.blocks.push(Block::Wallets(controls.collect()));
    document.blocks.extend(time_left(texts, view.session));
    let others = view.back(texts, Look::Quiet).into_iter().collect();
    document.blocks.extend(Actions { others, ..Actions::default() }.block());
}

/// Shows the guide for a wallet that cannot be used here (gateways.md C3).
fn guide_page<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>, way: Way) {
    document.blocks.extend(refund(texts, view.session));
    let mut actions = guide(document, texts, view, way);
    document.updates = Updates::Often;
    // Unless each of the others has a button of its own.
    if switches(texts, view, way.method).len() + 1 < view.ways.len() {
        let choice = view.control("choice", Look::Quiet, texts.switch.as_str(), Target::Choice);
        actions.others.push(choice);
    }
    document.blocks.extend(actions.block());
}

/// Adds the steps to pay in another environment. They show the address of this very page, which
/// continues the same session there. Returns the ways on.
fn guide<'a>(
    document: &mut Document<'a>,
    texts: &'static Texts,
    view: &View<'a>,
    way: Way,
) -> Actions<'a> {
    let reason = texts.with_wallet(&texts.guide, way.method);
    let is_browser = way.guide == GuideKind::OpenInBrowser;
    let is_phone = matches!(way.guide, GuideKind::OtherPhone | GuideKind::OnlyOtherPhone);
    let how = match way.guide {
        GuideKind::OpenInBrowser => &texts.not_here,
        GuideKind::OtherPhone => &texts.guide_phone,
        GuideKind::OnlyOtherPhone => &texts.scan_other,
        GuideKind::MiniProgram => &texts.guide_mini,
    };
    if is_browser {
        add_words(document, &reason);
        add_words(document, &texts.open_in_browser);
        document.points_to_menu = true;
        document.alignment = Alignment::Center;
        let emblem = mark(way.method).map(|mark| Block::Emblem { mark, is_waiting: false });
        document.blocks.extend(emblem);
    } else {
        wallet_head(document, way.method, &reason);
    }
    document.blocks.push(Block::Text(texts.with_wallet(how, way.method)));
    let code = |look| view.start_code(look, texts.guide_code.clone(), way.method);
    let main = (is_phone && way.has_code).then(|| code(Look::Primary));
    let look = if main.is_some() { Look::Secondary } else { Look::Primary };
    let has_link = way.guide != GuideKind::OnlyOtherPhone;
    let text = is_browser.then_some(texts.or_copy.as_str());
    let copy = has_link.then(|| CopyLink { texts, text, url: view.url_for(way.method), look });
    let other_code = (!is_phone && way.has_code).then(|| code(Look::Quiet));
    let others = other_code.into_iter().chain(switches(texts, view, way.method));
    Actions { main, copy, others: others.collect(), ..Actions::default() }
}

/// Returns the buttons of the other wallets that can be used here.
fn switches<'a>(texts: &'static Texts, view: &View<'a>, method: PaymentMethod) -> Vec<Control<'a>> {
    let others = view.ways.iter().filter(|way| way.method != method && way.here.is_some());
    let switch = |way: &Way| {
        let label = texts.with_wallet(&texts.switch_to, way.method);
        view.start(Look::Quiet, label, way.method)
    };
    others.map(switch).collect()
}

/// Shows the payment under way.
fn waiting<'a>(
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

/// True if the address or code of an action has expired.
fn is_stale(action: &NextAction, session: &Session) -> bool {
    action.expires_at.is_some_and(|expires_at| session.server_time >= expires_at)
}

/// Returns the sentence about the rest of the time where nothing is awaited.
fn time_left<'a>(texts: &'static Texts, session: &Session) -> Option<Block<'a>> {
    let seconds = seconds_left(session, None)?;
    let (text, count) = match seconds / 60 {
        0 => (&texts.seconds_left, seconds),
        minutes => (&texts.minutes_left, minutes),
    };
    let values = [("count", &*count.to_string())];
    Some(Block::TimeLeft(texts.fill(text, PaymentMethod::Unknown, &values)))
}

/// Returns the rest of the time of the session, or of the action, which never lasts longer.
fn seconds_left(session: &Session, action: Option<&NextAction>) -> Option<i64> {
    let end = action.and_then(|action| action.expires_at);
    let end = end.map_or(session.expires_at, |end| end.min(session.expires_at));
    let ms = end.since_ms(session.server_time);
    (ms > 0).then_some(ms / 1_000)
}

fn is_time_left(session: &Session) -> bool {
    session.server_time < session.expires_at
}
