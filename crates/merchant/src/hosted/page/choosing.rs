//! The page before a payment: the wallets, the chosen one, and the guide to where it works.

use contract::PaymentMethod;

use super::super::blocks::{
    Actions, Alignment, Block, Control, CopyLink, Document, Look, Target, Updates,
};
use super::super::marks::mark;
use super::super::texts::Texts;
use super::super::ways::{GuideKind, Way};
use super::View;
use super::parts::{add_words, head, last_payment, refund, time_left, wallet_head};

/// Shows the wallet that was selected in the selector. A form starts its payment, not the page
/// itself, because a GET request may be repeated or prefetched.
pub(super) fn chosen_wallet<'a>(
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

pub(super) fn choice<'a>(document: &mut Document<'a>, texts: &'static Texts, view: &View<'a>) {
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
pub(super) fn guide_page<'a>(
    document: &mut Document<'a>,
    texts: &'static Texts,
    view: &View<'a>,
    way: Way,
) {
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
pub(super) fn guide<'a>(
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
pub(super) fn switches<'a>(
    texts: &'static Texts,
    view: &View<'a>,
    method: PaymentMethod,
) -> Vec<Control<'a>> {
    let others = view.ways.iter().filter(|way| way.method != method && way.here.is_some());
    let switch = |way: &Way| {
        let label = texts.with_wallet(&texts.switch_to, way.method);
        view.start(Look::Quiet, label, way.method)
    };
    others.map(switch).collect()
}
