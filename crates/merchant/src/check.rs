//! Checks a configuration as far as it can be checked without serving: what a start would refuse,
//! what an operator should know, and a call to each gateway that moves nothing.

use crate::address;
use crate::app::StartError;
use crate::certificates;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::db::{Db, DbError, Versions};
use crate::embed::Embed;
use crate::gateway::{CallError, Gateways};
use crate::instance::{self, Fingerprint};
use crate::metrics::Metrics;
use crate::webhooks::Endpoint;

/// A result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is right.
    Good(String),
    /// It works, and the operator should look at it.
    Warning(String),
    /// The program does not start with it, or payments fail.
    Problem(String),
}

/// Checks everything but what [`Config::load`] has checked already. `is_offline` leaves the calls to
/// the gateways out. Changes nothing and moves no money.
pub async fn check_config(config: Config, is_offline: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_server(&config, &mut findings);
    findings.push(check_database(&config.server.database).await);
    for endpoint in &config.webhooks {
        findings.push(match Endpoint::new(endpoint) {
            Ok(_) => {
                // Its path may hold a secret.
                let origin = address::origin(&endpoint.url).unwrap_or_default();
                Finding::Good(format!("webhooks {}: {origin}", endpoint.name))
            }
            Err(cause) => Finding::Problem(format!("webhooks.url: TLS cannot be set up: {cause}")),
        });
    }
    if let Some(embed) = config.embed.clone() {
        findings.push(match Embed::open(embed) {
            Ok(_) => Finding::Good("embed.selector: can be filled".to_owned()),
            Err(error) => Finding::Problem(format!("embed.selector: {error}")),
        });
    }
    let gateways = match Gateways::new(&config, Metrics::new()) {
        Ok(gateways) => gateways,
        Err(error) => {
            findings.push(Finding::Problem(error.to_string()));
            return findings;
        }
    };
    check_certificates(&gateways, &mut findings);
    check_instances(&config, &gateways, &mut findings).await;
    if is_offline {
        return findings;
    }
    for (method, identity, error) in gateways.probe().await {
        let merchant =
            format!("{method} as merchant {}, app {}", identity.merchant_id, identity.app_id);
        findings.push(match error {
            None => Finding::Good(format!("{merchant}: a signed query was answered")),
            Some(error) => Finding::Problem(failed(&merchant, &error)),
        });
    }
    findings
}

fn check_server(config: &Config, findings: &mut Vec<Finding>) {
    let server = &config.server;
    findings.extend(server.origins_warning().map(|text| Finding::Warning(text.to_owned())));
    findings.extend(server.prefix_note().map(Finding::Warning));
}

async fn check_database(database: &Database) -> Finding {
    match Db::versions(database).await {
        Ok(Versions { found, needed }) if found > needed => {
            let error = DbError::TooNew { found, known: needed };
            Finding::Problem(format!("server.database: {database}: {error}"))
        }
        Ok(Versions { found: 0, needed }) => Finding::Good(format!(
            "server.database: {database} is empty or missing; a start makes it with schema {needed}"
        )),
        Ok(Versions { found, needed }) if found < needed => Finding::Good(format!(
            "server.database: {database} has schema {found}; a start brings it to {needed}"
        )),
        Ok(Versions { found, .. }) => {
            Finding::Good(format!("server.database: {database} has schema {found}, as needed"))
        }
        Err(error) => Finding::Problem(format!("server.database: {error}")),
    }
}

/// Compares the settings with those of the instances that run, as a start would.
async fn check_instances(config: &Config, gateways: &Gateways, findings: &mut Vec<Finding>) {
    // A database that cannot be opened, or must be migrated first, is among the findings.
    let Ok(db) = Db::beside_server(&config.server.database).await else { return };
    if !db.is_shared() {
        return;
    }
    match instance::compare(&db, Fingerprint::of(config, gateways)).await {
        Ok(Err(clash)) => {
            findings.push(Finding::Problem(StartError::Clash(clash).to_string()));
        }
        Ok(Ok(differing)) => findings.extend(differing.into_iter().map(|(id, setting)| {
            Finding::Warning(format!(
                "{setting} differs from that of the running instance {id}; make them equal"
            ))
        })),
        Err(error) => findings.push(Finding::Problem(format!("server.database: {error}"))),
    }
}

fn check_certificates(gateways: &Gateways, findings: &mut Vec<Finding>) {
    let now = Clock::default().now();
    for (app_id, warnings) in gateways.config_warnings() {
        let text =
            |one: &gateways::ConfigWarning| format!("{} ({app_id}): {}", one.field, one.problem);
        findings.extend(warnings.iter().map(|one| Finding::Warning(text(one))));
    }
    let ended = gateways.certificates();
    let ended = certificates::ended(&ended, now);
    findings.extend(ended.map(|one| {
        Finding::Problem(format!(
            "{}: the certificate {} ended on {}; download the new one",
            one.field,
            one.serial,
            one.not_after.date()
        ))
    }));
    for (app_id, all) in gateways.all_certificates() {
        let ending = certificates::ending(all, now);
        for one in all.iter().filter(|one| Some(*one) != ended) {
            let text = format!(
                "{} ({app_id}): the certificate {} ends on {}",
                one.field,
                one.serial,
                one.not_after.date()
            );
            let is_ending = ending.iter().any(|(ending, _)| *ending == one);
            findings.push(if is_ending {
                Finding::Warning(format!("{text}; download the new one"))
            } else {
                Finding::Good(text)
            });
        }
    }
}

/// Returns the text of a failed call, with the settings that a refusal points to.
fn failed(merchant: &str, error: &CallError) -> String {
    let settings = error.settings_to_check();
    let is_pointed = error.is_configuration() && !settings.is_empty();
    let check = if is_pointed { format!("; check {settings}") } else { String::new() };
    format!("{merchant}: a signed query failed: {error}{check}")
}
