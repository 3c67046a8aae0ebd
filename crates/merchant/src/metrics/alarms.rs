//! Counts alarms: each line of the log with `alarm = true`, by its `alarm.kind`.
//!
//! Counted where the log is written, so that no alarm can be raised without being counted. The
//! counters belong to the process, as the log does.

use std::sync::LazyLock;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::labels::Alarm;

/// A layer of the log that counts alarms. Add it without the filter of what is printed.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlarmCounter;

impl<S: Subscriber> Layer<S> for AlarmCounter {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut fields = AlarmFields::default();
        event.record(&mut fields);
        if fields.is_alarm {
            ALARMS.get_or_create(&Alarm { kind: fields.kind.unwrap_or(UNNAMED) }).inc();
        }
    }
}

/// Returns the counters.
pub(super) fn counted() -> Family<Alarm, Counter> {
    ALARMS.clone()
}

#[derive(Default)]
struct AlarmFields {
    is_alarm: bool,
    kind: Option<&'static str>,
}

impl Visit for AlarmFields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.is_alarm |= field.name() == "alarm" && value;
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "alarm.kind" {
            self.kind = KINDS.into_iter().find(|kind| *kind == value);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

/// The counters, each there from the start: Prometheus does not see the first increase of a
/// counter that appears with it.
static ALARMS: LazyLock<Family<Alarm, Counter>> = LazyLock::new(|| {
    let alarms = Family::<Alarm, Counter>::default();
    for kind in KINDS.into_iter().chain([UNNAMED]) {
        let _ = alarms.get_or_create(&Alarm { kind });
    }
    alarms
});

/// The kind of an alarm without a known one.
const UNNAMED: &str = "other";

/// The known kinds; docs/operations.md says what to do about each.
const KINDS: [&str; 27] = [
    "bill_difference",
    "bill_missing",
    "certificate_expires",
    "certificate_new",
    "database_damaged",
    "database_unwritable",
    "gateway_misconfigured",
    "identity_missing",
    "instances_differ",
    "payment_contradiction",
    "payment_duplicate",
    "payment_late",
    "payment_never_closed",
    "payment_refunded_unseen",
    "payment_session_canceled",
    "payment_transaction_differs",
    "payment_transaction_reused",
    "refund_contradiction",
    "refund_exceeds_capture",
    "refund_needs_merchant",
    "refund_overdue",
    "refund_returned",
    "refund_unnumbered",
    "webhook_given_up",
    "webhook_stopped",
    "webhook_without_endpoint",
    "worker_ended",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn count(kind: &'static str) -> u64 {
        ALARMS.get_or_create(&Alarm { kind }).get()
    }

    #[test]
    fn a_line_with_an_alarm_is_counted_and_no_other() {
        let before = (count("bill_missing"), count(UNNAMED));
        let log = tracing_subscriber::registry().with(AlarmCounter);
        tracing::subscriber::with_default(log, || {
            tracing::error!(alarm = true, alarm.kind = "bill_missing", "an alarm");
            tracing::error!(alarm = false, alarm.kind = "bill_missing", "no alarm");
            tracing::error!(alarm.kind = "bill_missing", "no alarm");
            tracing::error!(alarm = true, alarm.kind = "cs_invented", "an alarm of no known kind");
        });
        assert_eq!((count("bill_missing"), count(UNNAMED)), (before.0 + 1, before.1 + 1));
    }

    #[test]
    fn every_alarm_in_the_sources_has_a_known_kind() {
        let mut found = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path, text| {
            if path.ends_with("metrics/alarms.rs") {
                return;
            }
            for after in text.split("alarm = true,").skip(1) {
                let kind = after.trim_start().strip_prefix("alarm.kind = ");
                let kind =
                    kind.unwrap_or_else(|| panic!("{}: an alarm has no kind", path.display()));
                if let Some(kind) = kind.strip_prefix('"') {
                    found.push(kind.split('"').next().unwrap().to_owned());
                }
            }
        });
        assert!(found.len() > 20, "{found:?}");
        for kind in found {
            assert!(KINDS.contains(&kind.as_str()), "{kind} is not in KINDS");
        }
        use crate::rules::Alarm::*;
        for alarm in [
            Duplicate,
            Late,
            SessionCanceled,
            RefundedUnseen,
            TransactionDiffers,
            TransactionReused,
            NeverClosed,
        ] {
            assert!(KINDS.contains(&alarm.kind()), "{alarm:?}");
        }
    }

    #[test]
    fn the_operators_manual_has_every_kind() {
        let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("docs/operations.md");
        let manual = std::fs::read_to_string(manual).unwrap();
        for kind in KINDS {
            assert!(manual.contains(&format!("| `{kind}` |")), "docs/operations.md: {kind}");
        }
    }

    fn sources(folder: &Path, read: &mut impl FnMut(&Path, &str)) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, read);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                read(&path, &std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}
