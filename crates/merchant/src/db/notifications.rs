//! The received notifications, for support only; the rules make replays harmless.

use super::sql::{Connection, params};
use contract::{PaymentMethod, Timestamp};

use super::DbError;

/// Records a notification; `false` if it was recorded before.
pub(crate) fn note(
    connection: &Connection,
    method: PaymentMethod,
    notification_id: &str,
    out_trade_no: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let written = connection.execute(
        "INSERT INTO notifications (payment_method, notification_id, out_trade_no, received_at)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![method.as_str(), notification_id, out_trade_no, now.unix_ms()],
    )?;
    Ok(written == 1)
}

/// Deletes the notifications that were received before `moment`.
pub(crate) fn forget_before(connection: &Connection, moment: Timestamp) -> Result<usize, DbError> {
    connection
        .execute("DELETE FROM notifications WHERE received_at < ?1", params![moment.unix_ms()])
}
