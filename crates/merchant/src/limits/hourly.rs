//! Limits alarms that every task about the same subject raises.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Allows one alarm an hour for each subject.
pub(crate) struct Hourly<Subject>(Mutex<HashMap<Subject, Duration>>);

impl<Subject> Default for Hourly<Subject> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Subject: Eq + Hash + Clone> Hourly<Subject> {
    /// True if no alarm about the subject was allowed in the last hour.
    pub(crate) fn allow(&self, subject: &Subject, now: Duration) -> bool {
        let mut raised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Subjects come and go, such as instances.
        raised.retain(|_, last| now.saturating_sub(*last) < INTERVAL);
        if raised.contains_key(subject) {
            return false;
        }
        raised.insert(subject.clone(), now);
        true
    }
}

const INTERVAL: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_raised_once_an_hour_for_each_subject() {
        let alarms = Hourly::default();
        let now = Duration::from_secs(10);
        assert!(alarms.allow(&"a", now));
        assert!(!alarms.allow(&"a", now + INTERVAL / 2));
        assert!(alarms.allow(&"b", now + INTERVAL / 2));
        assert!(alarms.allow(&"a", now + INTERVAL));
    }
}
