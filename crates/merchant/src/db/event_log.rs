//! The events of the last days and their deliveries.

use contract::{DeliveryStatus, Event, EventDelivery, Timestamp, WebhookEvent, WebhookType};
use serde::de::IgnoredAny;

use super::sql::{Connection, Row, params};
use super::{DbError, sessions};

/// Gives up the events written before `moment` that no try has ended: their endpoint is not
/// configured any more, or has stopped. Returns their number.
pub(crate) fn give_up_before(
    connection: &Connection,
    moment: Timestamp,
    now: Timestamp,
) -> Result<usize, DbError> {
    connection.execute(
        "UPDATE outbox SET done_at = ?2, given_up = 1
         WHERE kind = 'webhook' AND done_at IS NULL AND is_claimed = 0 AND created_at < ?1",
        params![moment.unix_ms(), now.unix_ms()],
    )
}

/// Returns a page of events, the newest first, and true if there are more; `None` if there is no
/// event `after`. Delivered events are deleted after some days.
pub(crate) fn list(
    connection: &Connection,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<(Vec<Event>, bool)>, DbError> {
    let before = match after {
        None => i64::MAX,
        Some(after) => match first_seq(connection, after)? {
            Some(seq) => seq,
            None => return Ok(None),
        },
    };
    // An event stands where its first row does.
    let sql = "SELECT event_id, subject, payload FROM outbox
         WHERE kind = 'webhook' AND seq < ?1
             AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                 WHERE earlier.event_id = outbox.event_id AND earlier.seq < outbox.seq)
         ORDER BY seq DESC LIMIT ?2";
    let rows = connection.query_all(sql, params![before, i64::from(limit) + 1], read)?;
    let (mut events, has_more) = sessions::page(rows, limit);
    for event in &mut events {
        event.deliveries = deliveries(connection, &event.id)?;
    }
    Ok(Some((events, has_more)))
}

/// Returns the events of an order's sessions, the oldest first.
pub(crate) fn of_order(connection: &Connection, order_id: &str) -> Result<Vec<Event>, DbError> {
    let sql = "SELECT event_id, MIN(seq) AS first, MIN(subject) AS subject, MIN(payload) AS payload
         FROM outbox WHERE kind = 'webhook'
             AND subject IN (SELECT id FROM sessions WHERE order_id = ?1)
         GROUP BY event_id ORDER BY MIN(seq)";
    let mut events = connection.query_all(sql, params![order_id], read)?;
    for event in &mut events {
        event.deliveries = deliveries(connection, &event.id)?;
    }
    Ok(events)
}

/// Makes an event due again at once for `endpoint`, or for each endpoint that wants its type;
/// returns it and the number of endpoints, or `None` if there is no such event.
pub(crate) fn resend(
    connection: &Connection,
    event_id: &str,
    endpoint: Option<&str>,
    now: Timestamp,
) -> Result<Option<(Event, usize)>, DbError> {
    let Some(mut event) = find(connection, event_id)? else { return Ok(None) };
    // Its age begins again, or it could be given up at once.
    let repeated = connection.execute(
        "UPDATE outbox SET done_at = NULL, given_up = 0, is_claimed = 0, attempts = 0,
             claim = claim + 1, next_attempt_at = ?2, wait_ms = 0, created_at = ?2
         WHERE event_id = ?1 AND endpoint = COALESCE(?3, endpoint)
             AND endpoint IN (SELECT endpoint FROM instance_subscriptions)",
        params![event_id, now.unix_ms(), endpoint],
    )?;
    let added = connection.execute(
        "INSERT INTO outbox
             (id, kind, subject, payload, next_attempt_at, created_at, event_id, endpoint)
         SELECT event_id || '.' || subscription.endpoint, 'webhook', subject, payload, ?2, ?2,
             event_id, subscription.endpoint
         FROM (SELECT DISTINCT endpoint FROM instance_subscriptions WHERE type = ?4) AS subscription
             JOIN outbox ON outbox.seq = (SELECT MIN(seq) FROM outbox WHERE event_id = ?1)
         WHERE subscription.endpoint = COALESCE(?3, subscription.endpoint)
             AND NOT EXISTS (SELECT 1 FROM outbox AS other
                 WHERE other.event_id = ?1 AND other.endpoint = subscription.endpoint)",
        params![event_id, now.unix_ms(), endpoint, event.kind.as_str()],
    )?;
    event.deliveries = deliveries(connection, event_id)?;
    Ok(Some((event, repeated + added)))
}

fn find(connection: &Connection, event_id: &str) -> Result<Option<Event>, DbError> {
    let sql = "SELECT event_id, subject, payload FROM outbox
         WHERE kind = 'webhook' AND event_id = ?1 ORDER BY seq LIMIT 1";
    connection.query_optional(sql, params![event_id], read)
}

fn first_seq(connection: &Connection, event_id: &str) -> Result<Option<i64>, DbError> {
    let sql = "SELECT seq FROM outbox
         WHERE kind = 'webhook' AND event_id = ?1 ORDER BY seq LIMIT 1";
    connection.query_optional(sql, params![event_id], |row| row.get("seq"))
}

fn deliveries(connection: &Connection, event_id: &str) -> Result<Vec<EventDelivery>, DbError> {
    let sql = "SELECT endpoint, attempts, next_attempt_at, done_at, given_up FROM outbox
         WHERE kind = 'webhook' AND event_id = ?1 ORDER BY endpoint";
    connection.query_all(sql, params![event_id], |row| {
        let ended_at: Option<i64> = row.get("done_at")?;
        let next_attempt_at = Timestamp::from_unix_ms(row.get("next_attempt_at")?);
        Ok(EventDelivery {
            endpoint: row.get("endpoint")?,
            status: match (ended_at, row.get("given_up")?) {
                (None, _) => DeliveryStatus::Pending,
                (Some(_), false) => DeliveryStatus::Delivered,
                (Some(_), true) => DeliveryStatus::GivenUp,
            },
            attempts: row.get("attempts")?,
            next_attempt_at: ended_at.is_none().then_some(next_attempt_at),
            ended_at: ended_at.map(Timestamp::from_unix_ms),
        })
    })
}

/// Reads an event without its deliveries. Type and time are in the body, as it was written.
fn read(row: &Row<'_>) -> Result<Event, DbError> {
    let payload: String = row.get("payload")?;
    let body: Option<WebhookEvent<IgnoredAny>> = serde_json::from_str(&payload).ok();
    Ok(Event {
        id: row.get("event_id")?,
        kind: body.as_ref().map_or(WebhookType::Unknown, |body| body.kind),
        session_id: row.get("subject")?,
        created_at: body.map_or(Timestamp::from_unix_ms(0), |body| body.timestamp),
        deliveries: Vec::new(),
    })
}
