//! What follows a try to deliver an event to an endpoint of the merchant.

use crate::schedule;

/// The answer to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// A status of success.
    Accepted,
    /// 410 Gone: the endpoint wants no more events.
    Gone,
    /// Another status, or none; with the `Retry-After` of the answer, in milliseconds.
    Refused {
        /// The time that the receiver asks us to wait.
        retry_after_ms: Option<i64>,
    },
}

/// What to do next about the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterDelivery {
    /// It is delivered.
    Done,
    /// It is tried again after so many milliseconds.
    Again {
        /// The wait.
        wait_ms: i64,
    },
    /// The endpoint gets no more events until an operator acts; this one stays owed to it.
    Stop {
        /// The wait after the operator has acted.
        wait_ms: i64,
    },
    /// It is too old.
    GiveUp,
}

/// Decides what follows a try. `attempts` counts it; `age_ms` is the event's age; `jitter` is random,
/// and spreads the tries after an outage: of many events that failed together, not all come back at
/// the same moment.
#[must_use]
pub fn after_delivery(answer: Delivery, attempts: u32, age_ms: i64, jitter: u8) -> AfterDelivery {
    let retry_after_ms = match answer {
        Delivery::Accepted => return AfterDelivery::Done,
        Delivery::Gone => None,
        Delivery::Refused { retry_after_ms } => retry_after_ms,
    };
    let Some(usual_ms) = schedule::webhook_retry_ms(attempts, age_ms) else {
        return AfterDelivery::GiveUp;
    };
    let asked_ms = retry_after_ms.map_or(0, |ms| ms.clamp(0, MAX_RETRY_AFTER_MS));
    let wait_ms = usual_ms.max(asked_ms);
    // Later, never sooner: the receiver is given at least the time that it asks for.
    let spread_ms = wait_ms / JITTER_PARTS * i64::from(jitter) / i64::from(u8::MAX);
    // The last try is at the end of the event's life, whatever the receiver asks for.
    let wait_ms = (wait_ms + spread_ms).min(schedule::webhook_left_ms(age_ms));
    match answer {
        Delivery::Gone => AfterDelivery::Stop { wait_ms },
        Delivery::Accepted | Delivery::Refused { .. } => AfterDelivery::Again { wait_ms },
    }
}

/// Limit of a receiver's `Retry-After`: a day.
const MAX_RETRY_AFTER_MS: i64 = 86_400_000;
/// The jitter is at most this part of the wait.
const JITTER_PARTS: i64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;
    const REFUSED: Delivery = Delivery::Refused { retry_after_ms: None };

    fn wait_ms(after: AfterDelivery) -> i64 {
        match after {
            AfterDelivery::Again { wait_ms } => wait_ms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_accepted_event_is_done_and_a_refused_one_is_sent_again() {
        assert_eq!(after_delivery(Delivery::Accepted, 1, 0, 0), AfterDelivery::Done);
        assert_eq!(after_delivery(Delivery::Accepted, 9, 4 * DAY_MS, 9), AfterDelivery::Done);
        assert_eq!(wait_ms(after_delivery(REFUSED, 1, 0, 0)), 5_000);
        assert_eq!(wait_ms(after_delivery(REFUSED, 2, 5_000, 0)), 30_000);
        assert_eq!(after_delivery(REFUSED, 2, 3 * DAY_MS, 0), AfterDelivery::GiveUp);
    }

    #[test]
    fn jitter_makes_a_wait_at_most_a_fifth_longer_and_never_shorter() {
        for attempts in 1..12 {
            let shortest = wait_ms(after_delivery(REFUSED, attempts, 0, 0));
            let longest = wait_ms(after_delivery(REFUSED, attempts, 0, u8::MAX));
            assert_eq!(longest, shortest + shortest / 5);
            let between = wait_ms(after_delivery(REFUSED, attempts, 0, 100));
            assert!((shortest..longest).contains(&between), "{between}");
        }
    }

    #[test]
    fn a_receivers_retry_after_is_honoured_within_limits() {
        let asked = |ms| Delivery::Refused { retry_after_ms: Some(ms) };
        assert_eq!(wait_ms(after_delivery(asked(60_000), 1, 0, 0)), 60_000);
        assert_eq!(wait_ms(after_delivery(asked(1_000), 1, 0, 0)), 5_000, "not sooner than ours");
        assert_eq!(wait_ms(after_delivery(asked(i64::MAX), 1, 0, 0)), DAY_MS);
        assert_eq!(wait_ms(after_delivery(asked(-1), 1, 0, 0)), 5_000);
        let near_end = after_delivery(asked(DAY_MS), 9, 3 * DAY_MS - 1_000, u8::MAX);
        assert_eq!(wait_ms(near_end), 1_000, "a last try at the end");
    }

    #[test]
    fn gone_stops_the_endpoint_and_the_event_stays_owed() {
        assert_eq!(after_delivery(Delivery::Gone, 1, 0, 0), AfterDelivery::Stop { wait_ms: 5_000 });
        assert_eq!(after_delivery(Delivery::Gone, 9, 3 * DAY_MS, 0), AfterDelivery::GiveUp);
    }
}
