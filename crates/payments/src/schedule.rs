//! When the gateway is asked about a payment next. Pure.

use contract::{PaymentStatus, Timestamp};

/// A payment as the schedule needs it.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// Its status.
    pub status: PaymentStatus,
    /// The gateway can take no money for it any more, or its capture is recorded.
    pub is_settled: bool,
    /// It was given up here and must still be closed at the gateway.
    pub is_close_wanted: bool,
    /// How often it was asked about since its status last changed.
    pub checks: u32,
    /// When it was started.
    pub created_at: Timestamp,
    /// Until when its session may be paid.
    pub session_expires_at: Timestamp,
    /// Until when the gateway takes money for it.
    pub order_expires_at: Timestamp,
}

/// When to ask next; `None` when there is nothing more to learn.
///
/// While it can be paid: WeChat Pay's own advice (gateways.md A9), and once when the session
/// ends. Afterwards: until the gateway's own limit has passed with room to spare, because a
/// code that could not be closed may still be paid (gateways.md D rows 2 and 3).
pub fn next_check(payment: Watched, now: Timestamp) -> Option<Timestamp> {
    if payment.is_settled {
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
        return Some(now.plus_ms(step(RETRY_S, payment.checks)));
    }
    let planned = WHILE_OPEN_S
        .iter()
        .map(|seconds| payment.created_at.plus_ms(seconds * 1_000))
        .find(|moment| *moment > now)
        .unwrap_or_else(|| now.plus_ms(EVERY_MS));
    Some(planned.min(payment.session_expires_at))
}

fn step(steps_s: &[i64], checks: u32) -> i64 {
    let index = usize::try_from(checks).unwrap_or(usize::MAX);
    steps_s.get(index).or(steps_s.last()).map_or(EVERY_MS, |seconds| seconds * 1_000)
}

/// Seconds after a payment was started.
const WHILE_OPEN_S: &[i64] = &[5, 30, 60, 180, 300, 600];
const EVERY_MS: i64 = 600_000;
/// Seconds between tries when something must be closed or decided.
const RETRY_S: &[i64] = &[2, 5, 10, 30, 60, 300];
/// Seconds between questions about what ended here but may still be paid there.
const AFTER_END_S: &[i64] = &[30, 60, 300, 600, 1_800, 3_600];
/// How long after the gateway's limit a capture may still come to light.
const WATCH_AFTER_MS: i64 = 2 * 3_600_000;

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
    fn d04_an_open_payment_is_asked_about_ever_less_often_and_at_its_end() {
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
    fn d03_what_may_still_be_paid_is_watched_past_its_end() {
        let ended = payment(PaymentStatus::Expired);
        let end = START.plus_ms(1_800_000);
        assert_eq!(next_check(ended, end), Some(end.plus_ms(30_000)));
        assert_eq!(next_check(ended, end.plus_ms(WATCH_AFTER_MS)), None);
        assert_eq!(next_check(Watched { is_settled: true, ..ended }, end), None);
        let late = Watched { checks: 99, ..payment(PaymentStatus::Processing) };
        assert_eq!(next_check(late, end), Some(end.plus_ms(300_000)));
        let close = Watched { is_close_wanted: true, ..ended };
        assert_eq!(next_check(close, end), Some(end.plus_ms(2_000)));
    }
}
