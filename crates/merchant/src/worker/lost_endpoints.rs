//! Tells the operator of events that wait for an endpoint which no running instance has: it was
//! removed from the configuration, or its only instance has died.

use std::collections::HashMap;
use std::time::Duration;

use super::daily;
use crate::clock::calendar;
use crate::db::jobs::Job;
use crate::db::outbox::{self, Owed};
use crate::error::Error;
use crate::service::Backend;

/// The endpoints that no instance has and that events wait for.
#[derive(Default)]
pub(super) struct LostEndpoints {
    /// The uptime since which an endpoint is missing, by its name.
    since: HashMap<String, Duration>,
}

impl LostEndpoints {
    /// Looks for such endpoints, and tells each once.
    pub(super) async fn check(&mut self, backend: &Backend) -> Result<(), Error> {
        let owed = backend.db.read(outbox::without_endpoint).await?;
        for lost in self.lost(owed, backend.clock.uptime()) {
            tell(backend, &lost).await?;
        }
        Ok(())
    }

    /// Returns those that were missing for so long that their instance is not just being restarted.
    fn lost(&mut self, owed: Vec<Owed>, now: Duration) -> Vec<Owed> {
        self.since.retain(|name, _| owed.iter().any(|one| one.endpoint == *name));
        let mut is_lost = |one: &Owed| {
            let since = *self.since.entry(one.endpoint.clone()).or_insert(now);
            now.saturating_sub(since) >= GRACE
        };
        owed.into_iter().filter(|one| is_lost(one)).collect()
    }
}

/// Raises the alarm, unless an instance has raised it since the oldest of the events was written.
async fn tell(backend: &Backend, lost: &Owed) -> Result<(), Error> {
    // The same day for all instances and after each restart.
    let day = calendar(lost.oldest).date().to_string();
    let job = Job { name: format!("lost endpoint {}", lost.endpoint), day };
    if !daily::take(backend, &job).await? {
        return Ok(());
    }
    tracing::error!(
        alarm = true,
        alarm.kind = "webhook_without_endpoint",
        webhook.endpoint = lost.endpoint,
        events = lost.events,
        "events wait for an endpoint that no running instance has, and are given up after three days; configure it again, or send them to another endpoint"
    );
    daily::finish(backend, job).await
}

/// Longer than an instance that has died is remembered, and than a restart takes.
const GRACE: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    #[test]
    fn an_endpoint_is_lost_once_it_is_missing_for_ten_minutes() {
        let owed = |names: &[&str]| -> Vec<Owed> {
            let of = |name: &&str| Owed {
                endpoint: (*name).to_owned(),
                events: 2,
                oldest: Timestamp::from_unix_ms(0),
            };
            names.iter().map(of).collect()
        };
        let mut endpoints = LostEndpoints::default();
        let at = Duration::from_secs;
        assert_eq!(endpoints.lost(owed(&["books"]), at(60)), []);
        assert_eq!(endpoints.lost(owed(&["books", "shop"]), at(120)), []);
        assert_eq!(endpoints.lost(owed(&["books", "shop"]), at(660)), owed(&["books"]));
        assert_eq!(endpoints.lost(owed(&["shop"]), at(720)), owed(&["shop"]));
        // It was configured again meanwhile.
        assert_eq!(endpoints.lost(owed(&["books"]), at(780)), []);
    }
}
