//! The received notifications, for support only; the rules make replays harmless.

use contract::{PaymentMethod, Timestamp};
use rusqlite::{Connection, params};

use super::{DbError, execute};

/// Records a notification; `false` if it was recorded before.
pub(crate) fn note(
    connection: &Connection,
    method: PaymentMethod,
    notification_id: &str,
    out_trade_no: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let written = execute(
        connection,
        "INSERT OR IGNORE INTO notifications (payment_method, notification_id, out_trade_no, received_at) VALUES (?1, ?2, ?3, ?4)",
        params![method.as_str(), notification_id, out_trade_no, now.unix_ms()],
    )?;
    Ok(written == 1)
}
