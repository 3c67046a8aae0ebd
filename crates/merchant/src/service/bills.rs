//! The gateways' bills: which are due, and their rows.

use contract::{PaymentMethod, Timestamp};
use gateways::Bill;
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

use super::Backend;
use crate::clock::{calendar, timestamp};
use crate::db::reconciliations::{self, OrderedBy};
use crate::error::Error;
use crate::identity::Identity;

impl Backend {
    /// Fetches the gateway's bills of a day for all configured merchant numbers, as one bill.
    pub(super) async fn bill(&self, method: PaymentMethod, date: Date) -> Result<Bill, Error> {
        let (from, until) = bounds(date);
        let ordered_by = self
            .db
            .read(move |connection| reconciliations::identities(connection, method, from, until))
            .await?;
        let mut identities: Vec<&Identity> = self.gateways.identity(method).into_iter().collect();
        for OrderedBy { identity, has_moved } in ordered_by {
            match self.gateways.identity_of(method, identity.as_ref()) {
                Ok(known) if identities.iter().any(|one| one.merchant_id == known.merchant_id) => {}
                Ok(known) => identities.push(known),
                Err(missing) => {
                    self.alarm_missing(&missing);
                    // Without this bill the books would differ by all the money that its merchant
                    // number moved.
                    if has_moved {
                        return Err(Error::MissingIdentity(missing));
                    }
                }
            }
        }
        let mut bill = Bill::default();
        for identity in identities {
            let one = self.gateways.bill(method, identity, date).await.map_err(|error| {
                tracing::warn!(
                    payment.method = %method,
                    merchant_id = identity.merchant_id,
                    bill.date = %date,
                    gateway.code = error.code(),
                    "the bill of a day could not be fetched: {error}"
                );
                Error::Bill(error.to_string())
            })?;
            bill.append(one);
        }
        Ok(bill)
    }

    /// Returns the bills of the last few days that are ready and were not compared, the oldest
    /// first.
    pub(crate) async fn bills_due(&self) -> Result<Vec<(PaymentMethod, Date)>, Error> {
        let ready = last_ready(self.clock.now());
        let days = (0..CATCH_UP_DAYS).rev().map(|days| ready - Duration::days(days));
        let late = last_ready(self.clock.now().plus_ms(-LATE_BILL_MS));
        let methods = self.gateways.known();
        let wanted: Vec<(PaymentMethod, Date)> =
            days.flat_map(|day| methods.iter().map(move |method| (*method, day))).collect();
        let due = self.db.read(move |connection| {
            let mut due = Vec::new();
            for &(method, day) in &wanted {
                // A shop that had no payments yet has nothing to compare.
                if reconciliations::has_before(connection, method, bounds(day).1)?
                    && !reconciliations::is_stored(connection, &day.to_string(), method)?
                {
                    due.push((method, day));
                }
            }
            Ok(due)
        });
        let due = due.await?;
        for (method, day) in due.iter().filter(|(_, day)| *day <= late) {
            tracing::error!(
                alarm = true, alarm.kind = "bill_missing",
                payment.method = %method,
                bill.date = %day,
                "the bill of a day could not be fetched for a day and is still not compared"
            );
        }
        Ok(due)
    }
}

/// Returns the last day whose bill is ready: yesterday's from ten in the morning on, in China.
fn last_ready(now: Timestamp) -> Date {
    let in_china = calendar(now).to_offset(CHINA);
    let days = if in_china.hour() < READY_HOUR { 2 } else { 1 };
    in_china.date() - Duration::days(days)
}

/// Returns the present day in China.
pub(crate) fn today(now: Timestamp) -> Date {
    calendar(now).to_offset(CHINA).date()
}

/// Returns the first day whose bill a gateway may still have.
pub(crate) fn first_kept(today: Date) -> Date {
    today - Duration::days(KEPT_DAYS)
}

/// Returns the first moment of a day in China and of the next.
pub(super) fn bounds(date: Date) -> (Timestamp, Timestamp) {
    let start = OffsetDateTime::new_in_offset(date, Time::MIDNIGHT, CHINA);
    (timestamp(start), timestamp(start + Duration::days(1)))
}

/// A fixed offset: no time zone database is needed (gateways.md D18).
const CHINA: UtcOffset = time::macros::offset!(+8);
const READY_HOUR: u8 = 10;
/// Limit of past days that are compared after an outage: the gateways still have their bills.
const CATCH_UP_DAYS: i64 = 60;
/// The gateways keep a bill for three months (gateways.md A12), which are no more days than these.
/// Later they answer as for a day without payments, and the books would seem to be wrong.
const KEPT_DAYS: i64 = 93;
/// Time after which a bill that is ready but missing raises an alarm.
const LATE_BILL_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_bill_is_ready_at_ten_in_china() {
        assert_eq!(last_ready(at("2026-11-28T01:59:59Z")), date!(2026 - 11 - 26));
        assert_eq!(last_ready(at("2026-11-28T02:00:00Z")), date!(2026 - 11 - 27));
        // In London it is still the 27th.
        assert_eq!(last_ready(at("2026-11-27T16:00:00Z")), date!(2026 - 11 - 26));
        assert_eq!(last_ready(at("2027-01-01T03:00:00Z")), date!(2026 - 12 - 31));
    }

    #[test]
    fn d18_a_day_is_one_in_china() {
        let (from, until) = bounds(date!(2026 - 11 - 27));
        assert_eq!(from, at("2026-11-27T00:00:00+08:00"));
        assert_eq!(until, at("2026-11-28T00:00:00+08:00"));
    }
}
