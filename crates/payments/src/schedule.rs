//! Retry tables and schedules: the next query of a payment, the next try of a refund or an event.

use contract::{PaymentMethod, PaymentStatus, Timestamp};

/// The state of a payment that the schedule needs.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// Its status.
    pub status: PaymentStatus,
    /// True if the gateway can take no money for it any more, or its capture is recorded.
    pub is_settled: bool,
    /// True if it was given up here and must still be closed at the gateway.
    pub is_close_wanted: bool,
    /// The number of queries since its status last changed.
    pub checks: u32,
    /// The time of its start.
    pub created_at: Timestamp,
    /// The time until which its session may be paid.
    pub session_expires_at: Timestamp,
    /// The time until which the gateway takes money for it.
    pub order_expires_at: Timestamp,
}

/// Returns the time of the next query; `None` if there is nothing more to find out.
///
/// While it can be paid: as WeChat Pay advises (gateways.md A9), and once when the session ends.
/// Afterwards: until the gateway's own limit has passed with a margin, because a code that could
/// not be closed may still be paid (gateways.md D rows 2 and 3).
pub fn next_check(payment: Watched, now: Timestamp) -> Option<Timestamp> {
    if payment.is_settled {
        return None;
    }
    if payment.is_close_wanted && is_close_overdue(payment.order_expires_at, now) {
        return None;
    }
    if payment.is_close_wanted {
        return Some(now.plus_ms(step(RETRY_S, payment.checks)));
    }
    if payment.status.is_final() {
        let last = payment.order_expires_at.plus_ms(WATCH_AFTER_MS);
        return (now < last).then(|| now.plus_ms(step(AFTER_END_S, payment.checks)));
    }
    if now >= payment.session_expires_at {
        // By the time since the end: `checks` also counts those of the open session.
        let planned = AFTER_EXPIRY_S
            .iter()
            .map(|seconds| payment.session_expires_at.plus_ms(seconds * 1_000))
            .find(|moment| *moment > now);
        return Some(planned.unwrap_or_else(|| now.plus_ms(EXPIRED_EVERY_MS)));
    }
    let planned = WHILE_OPEN_S
        .iter()
        .map(|seconds| payment.created_at.plus_ms(seconds * 1_000))
        .find(|moment| *moment > now)
        .unwrap_or_else(|| now.plus_ms(EVERY_MS));
    Some(planned.min(payment.session_expires_at))
}

/// True if closing an ended payment is given up: the gateway's limit passed long ago.
#[must_use]
pub fn is_close_overdue(order_expires_at: Timestamp, now: Timestamp) -> bool {
    now >= order_expires_at.plus_ms(CLOSE_GIVE_UP_AGE_MS)
}

/// Milliseconds between two queries of a payment whose shopper waits, with `waiting` shoppers.
///
/// The interval grows so that the queries of all shoppers together stay below
/// [`MAX_QUERIES_PER_S`].
#[must_use]
pub fn waiting_interval_ms(waiting: usize) -> i64 {
    let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
    WAITING_INTERVAL_MS.max(waiting.saturating_mul(1_000) / MAX_QUERIES_PER_S)
}

/// Milliseconds until a refund's next try, after `attempts` tries.
///
/// Never sooner than Alipay requires (gateways.md B5.4), then as WeChat Pay advises (A10), then at
/// growing intervals, without a limit: only the gateway's own answer ends a refund.
#[must_use]
pub fn refund_retry_ms(attempts: u32) -> i64 {
    step(REFUND_RETRY_S, attempts.max(1) - 1)
}

/// Milliseconds between the first tries of two refunds of one payment, as the gateways require
/// (gateways.md A10, B5.4).
#[must_use]
pub const fn refund_spacing_ms(method: PaymentMethod) -> i64 {
    match method {
        PaymentMethod::Alipay => 3_000,
        PaymentMethod::WechatPay | PaymentMethod::Unknown => 60_000,
    }
}

/// True if a refund has been pending for so long that each further try raises an alarm.
#[must_use]
pub const fn is_refund_overdue(age_ms: i64) -> bool {
    age_ms >= REFUND_ALARM_AGE_MS
}

/// Milliseconds until an event's next try, after `attempts` failed tries; `None` if the event is
/// too old. The number of tries has no limit, because it does not measure how long the receiver was
/// down.
#[must_use]
pub fn webhook_retry_ms(attempts: u32, age_ms: i64) -> Option<i64> {
    let left_ms = webhook_left_ms(age_ms);
    (left_ms > 0).then(|| step(WEBHOOK_RETRY_S, attempts.max(1) - 1).min(left_ms))
}

/// Milliseconds until an event is given up; none are left if it is negative.
#[must_use]
pub const fn webhook_left_ms(age_ms: i64) -> i64 {
    WEBHOOK_GIVE_UP_AGE_MS - age_ms
}

fn step(steps_s: &[i64], checks: u32) -> i64 {
    let index = usize::try_from(checks).unwrap_or(usize::MAX);
    steps_s.get(index).or(steps_s.last()).map_or(EVERY_MS, |seconds| seconds * 1_000)
}

/// Times of the queries, in seconds after the start of a payment.
const WHILE_OPEN_S: &[i64] = &[5, 30, 60, 180, 300, 600];
const EVERY_MS: i64 = 600_000;
/// Times of the tries to end a payment, in seconds after its session's end.
const AFTER_EXPIRY_S: &[i64] = &[2, 7, 17, 47, 107];
/// Interval of the tries after the last of [`AFTER_EXPIRY_S`].
const EXPIRED_EVERY_MS: i64 = 300_000;
/// Seconds between tries to close a payment.
const RETRY_S: &[i64] = &[2, 5, 10, 30, 60, 300];
/// Seconds between queries of an ended payment that may still be paid at its gateway.
const AFTER_END_S: &[i64] = &[30, 60, 300, 600, 1_800, 3_600];
/// Time after the gateway's limit within which a capture may still be found.
const WATCH_AFTER_MS: i64 = 2 * 3_600_000;
/// Age of an order, past its gateway's limit, at which closing it is given up.
const CLOSE_GIVE_UP_AGE_MS: i64 = 24 * 3_600_000;
/// Shortest interval between two queries of a payment whose shopper waits.
const WAITING_INTERVAL_MS: i64 = 8_000;
/// Limit of queries per second and gateway for waiting shoppers.
const MAX_QUERIES_PER_S: i64 = 50;
const REFUND_RETRY_S: &[i64] = &[10, 15, 30, 60, 60, 300, 600, 1_800, 3_600];
const REFUND_ALARM_AGE_MS: i64 = 24 * 3_600_000;
/// 5 s, 30 s, 5 min, 30 min, 1 h, then every two hours.
const WEBHOOK_RETRY_S: &[i64] = &[5, 30, 300, 1_800, 3_600, 7_200];
/// Age of an event at which it is given up: three days.
const WEBHOOK_GIVE_UP_AGE_MS: i64 = 3 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_ms(1_795_392_000_000);

    fn payment(status: PaymentStatus) -> Watched {
        Watched {
            status,
            is_settled: false,
            is_close_wanted: false,
            checks: 0,
            created_at: START,
            session_expires_at: START.plus_ms(1_800_000),
            order_expires_at: START.plus_ms(1_800_000),
        }
    }

    #[test]
    fn d04_an_open_payment_is_queried_ever_less_often_and_at_its_end() {
        let mut now = START;
        let mut seconds = Vec::new();
        while let Some(next) = next_check(payment(PaymentStatus::RequiresAction), now) {
            now = next;
            seconds.push(now.since_ms(START) / 1_000);
            if now >= payment(PaymentStatus::RequiresAction).session_expires_at {
                break;
            }
        }
        assert_eq!(seconds, [5, 30, 60, 180, 300, 600, 1_200, 1_800]);
    }

    #[test]
    fn d03_an_ended_payment_that_may_still_be_paid_is_queried() {
        let ended = payment(PaymentStatus::Expired);
        let end = START.plus_ms(1_800_000);
        assert_eq!(next_check(ended, end), Some(end.plus_ms(30_000)));
        assert_eq!(next_check(ended, end.plus_ms(WATCH_AFTER_MS)), None);
        assert_eq!(next_check(Watched { is_settled: true, ..ended }, end), None);
        let close = Watched { is_close_wanted: true, ..ended };
        assert_eq!(next_check(close, end), Some(end.plus_ms(2_000)));
    }

    #[test]
    fn a_failed_expiry_is_retried_soon_however_often_the_payment_was_queried() {
        let payment = Watched { checks: 99, ..payment(PaymentStatus::RequiresAction) };
        let end = payment.session_expires_at;
        let (mut now, mut seconds) = (end, Vec::new());
        while let Some(next) = next_check(payment, now).filter(|_| seconds.len() < 7) {
            now = next;
            seconds.push(now.since_ms(end) / 1_000);
        }
        assert_eq!(seconds, [2, 7, 17, 47, 107, 407, 707]);
    }

    #[test]
    fn l12_a_close_that_never_succeeds_is_given_up_a_day_after_the_orders_end() {
        let close =
            Watched { is_close_wanted: true, checks: 999, ..payment(PaymentStatus::Canceled) };
        let end = close.order_expires_at;
        assert_eq!(next_check(close, end), Some(end.plus_ms(300_000)));
        assert!(next_check(close, end.plus_ms(CLOSE_GIVE_UP_AGE_MS - 1)).is_some());
        assert_eq!(next_check(close, end.plus_ms(CLOSE_GIVE_UP_AGE_MS)), None);
    }

    #[test]
    fn h2_the_interval_of_queries_grows_with_the_waiting_shoppers() {
        assert_eq!(waiting_interval_ms(1), 8_000);
        assert_eq!(waiting_interval_ms(400), 8_000);
        assert_eq!(waiting_interval_ms(10_000), 200_000);
    }

    #[test]
    fn h1_an_event_is_given_up_by_its_age_and_not_by_its_tries() {
        let day = 86_400_000;
        for attempts in [1, 11, 12, 4_000_000_000] {
            assert!(webhook_retry_ms(attempts, 600_000).is_some(), "{attempts}");
            assert_eq!(webhook_retry_ms(attempts, 3 * day), None, "{attempts}");
        }
        assert_eq!(webhook_retry_ms(1, 0), Some(5_000));
        assert_eq!(webhook_retry_ms(9, 3 * day - 1_000), Some(1_000), "a last try at the end");
        // An event that is tried whenever it is due: often at first, and until the third day.
        let (mut age, mut tries) = (0, 0);
        while let Some(wait) = webhook_retry_ms(tries + 1, age) {
            (age, tries) = (age + wait, tries + 1);
        }
        assert_eq!((age, tries), (3 * day, 41));
    }

    #[test]
    fn a_refund_is_tried_without_end() {
        assert_eq!(refund_retry_ms(1), 10_000);
        assert_eq!(refund_retry_ms(4_000_000_000), 3_600_000);
        assert!(!is_refund_overdue(86_399_999) && is_refund_overdue(86_400_000));
    }
}
