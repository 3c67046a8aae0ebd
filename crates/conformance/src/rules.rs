//! The rules of the merchant API that every backend keeps. Each opens a session of its own.

mod cors;
mod hostile;
mod opening;
mod outcome;
mod payments;
mod sessions;
mod streams;
mod widget;

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use crate::backend::Backend;
use crate::failure::Checked;
use crate::report::{Report, RuleResult};

/// A rule, with the check that the backend keeps it.
struct Rule {
    /// Stable; groups by the part before the dot.
    name: &'static str,
    /// The rule in one sentence.
    sentence: &'static str,
    check: for<'a> fn(&'a Backend) -> Check<'a>,
}

type Check<'a> = Pin<Box<dyn Future<Output = Checked> + 'a>>;

/// A rule whose check is an async function.
macro_rules! rule {
    ($name:literal, $sentence:literal, $check:path) => {
        Rule { name: $name, sentence: $sentence, check: |backend| Box::pin($check(backend)) }
    };
}

const RULES: &[Rule] = &[
    rule!("session.read", "A client secret reads its session, with all members.", sessions::read),
    rule!("session.clock", "`server_time` is the time of the answer.", sessions::clock),
    rule!(
        "session.hosted-page",
        "`hosted_url` leads to a page, for shoppers without the widget.",
        sessions::hosted_page
    ),
    rule!(
        "session.secret",
        "Only a session's own secret opens it; all others are 401.",
        sessions::secret
    ),
    rule!("session.problem", "Errors are complete problem documents.", sessions::problem),
    rule!(
        "open.repeated",
        "Opening with the same key and body answers the same session.",
        opening::repeated
    ),
    rule!("open.read", "The secret key reads a session with its order.", opening::read),
    rule!(
        "open.refused",
        "What cannot be a session is 400, and names the member.",
        opening::refused
    ),
    rule!(
        "cors.preflight",
        "An allowed origin may send all headers of the widget.",
        cors::preflight
    ),
    rule!(
        "cors.answers",
        "Every answer to an allowed origin can be read there, errors too.",
        cors::answers
    ),
    rule!("cors.stranger", "Another origin is not allowed.", cors::stranger),
    rule!(
        "start.code",
        "A start answers the session with its payment and next action.",
        payments::start
    ),
    rule!(
        "start.key",
        "A start needs an Idempotency-Key of 1 to 255 visible characters.",
        payments::key
    ),
    rule!(
        "start.method",
        "A payment method that is not offered is refused.",
        payments::unknown_method
    ),
    rule!(
        "start.repeated",
        "The same key and body is one payment, also at the same time.",
        payments::repeated
    ),
    rule!("start.key-reused", "The same key with another body is 409.", payments::key_reused),
    rule!(
        "start.active",
        "An active payment of the same method is returned as it is.",
        payments::active
    ),
    rule!("start.cut", "A start that was cut off and is repeated is one payment.", payments::cut),
    rule!(
        "switch",
        "The other method replaces the payment, which is closed first.",
        payments::switch
    ),
    rule!("refresh", "Refresh keeps the payment, unless it has ended.", payments::refresh),
    rule!("check", "A check of an unpaid payment changes nothing.", payments::check),
    rule!(
        "cancel",
        "Cancel ends the payment; the session stays open for another.",
        payments::cancel
    ),
    rule!("payment.of-another", "A payment of another session is 404.", payments::of_another),
    rule!("revision", "The revision grows with every change and never falls.", payments::revision),
    rule!(
        "paid",
        "A payment that was made completes the session, and nothing starts after it.",
        outcome::paid
    ),
    rule!("paid.check", "A check finds a payment that was made.", outcome::check),
    rule!(
        "paid.cancel",
        "A cancel that finds the payment made completes the session.",
        outcome::cancel
    ),
    rule!(
        "paid.switch",
        "A switch that finds the payment made completes the session.",
        outcome::switch
    ),
    rule!("expiry", "After its time a session is expired and starts nothing.", outcome::expiry),
    rule!(
        "stream.first",
        "A stream brings the session at once; its id is the revision.",
        streams::first
    ),
    rule!("stream.secret", "A stream needs the session's secret.", streams::secret),
    rule!("stream.changes", "A stream tells each change.", streams::changes),
    rule!("stream.paid", "A stream tells that the session is paid.", streams::paid),
    rule!(
        "stream.heartbeat",
        "A quiet stream shows within 20 seconds that it lives.",
        streams::heartbeat
    ),
    rule!("hostile.json", "What is no JSON, or of wrong types, is 400.", hostile::json),
    rule!("hostile.size", "A body of a megabyte is refused.", hostile::size),
    rule!(
        "hostile.paths",
        "Unknown paths, methods and ids are refused, never 5xx.",
        hostile::paths
    ),
    rule!("widget.pays", "The widget pays with each method.", widget::pays),
    rule!(
        "widget.switches",
        "The widget switches the wallet and pays with the other.",
        widget::switches
    ),
    rule!("widget.cancels", "The widget cancels the payment.", widget::cancels),
];

/// Checks that each of `wanted` begins the name of a rule.
///
/// # Errors
/// Names one that does not, and all rules.
pub(crate) fn are_known(wanted: &[String]) -> Result<(), String> {
    let is_unknown =
        |name: &&String| !RULES.iter().any(|rule| rule.name.starts_with(name.as_str()));
    let Some(unknown) = wanted.iter().find(is_unknown) else { return Ok(()) };
    let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    Err(format!("no rule begins with {unknown}; the rules are {}", names.join(", ")))
}

/// Checks the rules whose names begin with one of `wanted`, or all of them.
pub(crate) async fn check(backend: &Backend, wanted: &[String]) -> Report {
    let mut report = Report::default();
    let is_wanted = |rule: &&Rule| {
        wanted.is_empty() || wanted.iter().any(|name| rule.name.starts_with(name.as_str()))
    };
    for rule in RULES.iter().filter(is_wanted) {
        let began = Instant::now();
        let outcome = (rule.check)(backend).await;
        let took = began.elapsed();
        report.0.push(RuleResult { name: rule.name, sentence: rule.sentence, took, outcome });
    }
    report
}
