//! Sets fault switches: each alone, and only to valid values.

use serde_json::Value;

use super::Faults;
use crate::book::RefundState;

impl Faults {
    /// These switches with the members of `changes` in place of their own.
    ///
    /// # Errors
    /// The problem with `changes`: not an object, an unknown switch, or a value out of range.
    pub(crate) fn changed_by(&self, changes: &Value) -> Result<Self, String> {
        let Value::Object(changes) = changes else {
            return Err("send an object of switches".into());
        };
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(changes.clone());
        }
        let changed: Self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        if changed.wechat_next_status.is_some_and(|status| !(400..=599).contains(&status)) {
            return Err("wechat_next_status must be between 400 and 599, or null".into());
        }
        let texts = [&changed.phone_user, &changed.h5_domain];
        if texts.into_iter().flatten().any(|text| text.is_empty() || text.len() > MAX_TEXT) {
            return Err(format!("phone_user and h5_domain take 1 to {MAX_TEXT} bytes, or null"));
        }
        let delays = [
            ("bridge_ready_ms", changed.bridge_ready_ms.unwrap_or(0)),
            ("notify_delay_ms", changed.notify_delay_ms),
            ("slow_ms", changed.slow_ms),
        ];
        if let Some((name, _)) = delays.into_iter().find(|(_, delay)| *delay > MAX_SLOW_MS) {
            return Err(format!("{name} must be at most {MAX_SLOW_MS}"));
        }
        if changed.clock_skew_s.unsigned_abs() > MAX_SKEW_S {
            return Err(format!("clock_skew_s must be at most {MAX_SKEW_S}, or as much below 0"));
        }
        let delay_ms = changed.refund_delay_ms.unwrap_or(0).max(changed.alipay_refund_delay_ms);
        if delay_ms > MAX_REFUND_DELAY_MS {
            return Err(format!("refund delays must be at most {MAX_REFUND_DELAY_MS} ms"));
        }
        if changed.refund_outcome == RefundState::Processing {
            return Err("refund_outcome must be an end: SUCCESS, ABNORMAL or CLOSED".into());
        }
        Ok(changed)
    }
}

const MAX_SLOW_MS: u64 = 60_000;
const MAX_TEXT: usize = 64;
const MAX_SKEW_S: u64 = 24 * 3600;
/// 30 days.
const MAX_REFUND_DELAY_MS: u64 = 30 * 24 * 3600 * 1000;
