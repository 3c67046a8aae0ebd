//! Checks a configuration as far as it can be checked without serving: what a start would refuse,
//! what an operator should know, and a call to each gateway that moves nothing.

mod database;

use std::io::ErrorKind;

use crate::address;
use crate::app::{StartError, listen};
use crate::certificates;
use crate::clock::Clock;
use crate::config::{Config, Server};
use crate::db::instances::InstanceRow;
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
    let servers = database::check(&config.server.database, &mut findings).await;
    check_listeners(&config.server, servers.is_any, &mut findings).await;
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
    check_instances(&config, &gateways, &servers.instances, &mut findings);
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

/// Checks that the addresses can be listened on. A server that runs on the same database may be the
/// one that has them.
async fn check_listeners(
    server: &Server,
    is_server_running: Option<bool>,
    findings: &mut Vec<Finding>,
) {
    let metrics = server.metrics.map(|address| ("server.metrics", address));
    for (setting, address) in [("server.listen", server.listen)].into_iter().chain(metrics) {
        findings.push(match listen(setting, address).await {
            Ok(_) => Finding::Good(format!("{setting}: {address} can be listened on")),
            Err(StartError::Listen { cause, .. })
                if cause.kind() == ErrorKind::AddrInUse && is_server_running == Some(true) =>
            {
                Finding::Good(format!(
                    "{setting}: {address} is in use, and a server runs on this database"
                ))
            }
            Err(StartError::Listen { cause, .. })
                if cause.kind() == ErrorKind::AddrInUse && is_server_running.is_none() =>
            {
                Finding::Warning(format!(
                    "{setting}: {address} is in use; the database does not tell whether by its own server"
                ))
            }
            Err(error) => Finding::Problem(error.to_string()),
        });
    }
}

/// Compares the settings with those of the instances that run, as a start would.
fn check_instances(
    config: &Config,
    gateways: &Gateways,
    running: &[InstanceRow],
    findings: &mut Vec<Finding>,
) {
    match instance::compare(&Fingerprint::of(config, gateways), running) {
        Err(clash) => findings.push(Finding::Problem(StartError::Clash(clash).to_string())),
        Ok(differing) => findings.extend(differing.into_iter().map(|(id, setting)| {
            Finding::Warning(format!(
                "{setting} differs from that of the running instance {id}; make them equal"
            ))
        })),
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
