//! Tells the operator of events that wait for an endpoint which no running instance has: it was
//! removed from the configuration, or its only instance has died.

use std::collections::HashMap;
use std::time::Duration;

use super::daily;
use crate::db::jobs::Job;
use crate::db::outbox::{self, Owed};
use crate::error::Error;
use crate::service::Backend;

/// The endpoints that no instance has and that events wait for.
#[derive(Default)]
pub(super) struct LostEndpoints {
    /// Those that are missing, by their name.
    missing: HashMap<String, Missing>,
}

struct Missing {
    /// The uptime since which it is missing.
    since: Duration,
    is_told: bool,
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

    /// Returns those that were missing for so long that their instance is not just being restarted,
    /// each once for as long as it is missing.
    fn lost(&mut self, owed: Vec<Owed>, now: Duration) -> Vec<Owed> {
        self.missing.retain(|name, _| owed.iter().any(|one| one.endpoint == *name));
        let mut is_news = |one: &Owed| {
            let new = Missing { since: now, is_told: false };
            let missing = self.missing.entry(one.endpoint.clone()).or_insert(new);
            let is_lost = now.saturating_sub(missing.since) >= GRACE;
            is_lost && !std::mem::replace(&mut missing.is_told, is_lost)
        };
        owed.into_iter().filter(|one| is_news(one)).collect()
    }
}

/// Raises the alarm, unless another instance has raised it for the same events.
async fn tell(backend: &Backend, lost: &Owed) -> Result<(), Error> {
    // In place of a day, the oldest event's time: the same for all instances, and another one for the
    // next loss.
    let day = lost.oldest.unix_ms().to_string();
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

/// Longer than a restart takes.
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
        assert_eq!(endpoints.lost(owed(&["books", "shop"]), at(720)), owed(&["shop"]));
        assert_eq!(endpoints.lost(owed(&["books", "shop"]), at(780)), [], "each once");
        assert_eq!(endpoints.lost(owed(&["shop"]), at(840)), []);
        // It was configured again meanwhile, and is lost again on the same day.
        assert_eq!(endpoints.lost(owed(&["books"]), at(900)), []);
        assert_eq!(endpoints.lost(owed(&["books"]), at(1_500)), owed(&["books"]));
    }
}
