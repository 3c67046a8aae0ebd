//! The dates of the configured certificates: an expired one prevents a start, one that expires soon
//! is logged every day.

use contract::Timestamp;
use gateways::CertificateDates;

use crate::clock::timestamp;

/// Returns an expired certificate, with which the backend must not start. Of several of Alipay's one
/// must be valid: during a change, the former one expires.
pub(crate) fn ended(
    certificates: &[CertificateDates],
    now: Timestamp,
) -> Option<&CertificateDates> {
    let has_ended = |one: &&CertificateDates| now >= timestamp(one.not_after);
    let is_replaced = |ended: &CertificateDates| {
        certificates.iter().any(|one| one.field == ended.field && !has_ended(&one))
    };
    certificates.iter().filter(has_ended).find(|ended| !is_replaced(ended))
}

/// Returns the certificates that expire within thirty days, or have expired, and the days left.
pub(crate) fn ending(
    certificates: &[CertificateDates],
    now: Timestamp,
) -> Vec<(&CertificateDates, i64)> {
    let days_left = |one: &CertificateDates| timestamp(one.not_after).since_ms(now) / DAY_MS;
    let ending = certificates.iter().map(|one| (one, days_left(one)));
    ending.filter(|(_, days)| *days < WARNING_DAYS).collect()
}

/// Warns of the certificates of an application that expire soon.
pub(crate) fn warn(app_id: &str, certificates: &[CertificateDates], now: Timestamp) {
    for (certificate, days_left) in ending(certificates, now) {
        tracing::warn!(
            alarm = true, alarm.kind = "certificate_expires",
            app_id,
            certificate.setting = certificate.field,
            certificate.serial = certificate.serial,
            certificate.not_after = %certificate.not_after,
            days_left,
            "a certificate expires soon; download the new one, and set both until Alipay uses it"
        );
    }
}

/// Warns of the certificates that Alipay has begun to sign with and that are not configured.
pub(crate) fn warn_of_downloaded(app_id: &str, downloaded: &[CertificateDates]) {
    for certificate in downloaded {
        tracing::warn!(
            alarm = true, alarm.kind = "certificate_new",
            app_id,
            certificate.setting = certificate.field,
            certificate.serial = certificate.serial,
            certificate.not_after = %certificate.not_after,
            "Alipay signs with a new certificate, which was downloaded; download it from the open platform and add it to the setting"
        );
    }
}

const DAY_MS: i64 = 86_400_000;
const WARNING_DAYS: i64 = 30;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn certificate(field: &'static str, not_after: time::OffsetDateTime) -> CertificateDates {
        CertificateDates { field, serial: "51".to_owned(), not_after }
    }

    const APP: &str = "alipay.app_cert";
    const ALIPAY: &str = "alipay.alipay_cert";

    #[test]
    fn b15_an_expired_certificate_prevents_the_start() {
        let now = timestamp(datetime!(2026-11-30 06:00 UTC));
        let (past, future) = (datetime!(2021-01-01 00:00 UTC), datetime!(2030-01-01 00:00 UTC));
        let field =
            |certificates: &[CertificateDates]| ended(certificates, now).map(|one| one.field);
        assert_eq!(field(&[certificate(APP, past), certificate(ALIPAY, future)]), Some(APP));
        assert_eq!(field(&[certificate(APP, future), certificate(ALIPAY, past)]), Some(ALIPAY));
        // During a change of Alipay's certificate, the former one may expire.
        let both =
            [certificate(APP, future), certificate(ALIPAY, past), certificate(ALIPAY, future)];
        assert_eq!(field(&both), None);
        assert_eq!(field(&[]), None);
    }

    #[test]
    fn b15_an_expiring_certificate_is_logged_from_thirty_days_before() {
        let all = [certificate(APP, datetime!(2026-12-31 00:00 UTC))];
        let days = |now| {
            let ending = ending(&all, timestamp(now));
            ending.first().map(|(_, days)| *days)
        };
        assert_eq!(days(datetime!(2026-11-30 00:00 UTC)), None);
        assert_eq!(days(datetime!(2026-12-01 00:00:01 UTC)), Some(29));
        assert_eq!(days(datetime!(2027-01-02 00:00 UTC)), Some(-2));
    }
}
