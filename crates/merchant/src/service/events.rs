//! The events for the merchant's systems, and all that is known about an order.

use contract::{DeliveryStatus, Event, List, OrderRecord};

use super::{Backend, Rows};
use crate::db::sessions::{self, Filter};
use crate::db::{event_log, payments, refunds};
use crate::error::Error;

impl Backend {
    /// Returns the events before `after`, the newest first.
    pub(crate) async fn list_events(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> Result<List<Event>, Error> {
        let found =
            self.db.read(move |connection| event_log::list(connection, after.as_deref(), limit));
        let (data, has_more) = found.await?.ok_or(Error::EventNotFound)?;
        Ok(List { data, has_more })
    }

    /// Sends an event again, to one endpoint or to each that wants its type.
    pub(crate) async fn resend_event(
        &self,
        id: &str,
        endpoint: Option<String>,
    ) -> Result<Event, Error> {
        if let Some(name) = &endpoint
            && !self.endpoints.iter().any(|known| known.name == *name)
        {
            let known: Vec<_> = self.endpoints.iter().map(|known| known.name.as_str()).collect();
            return Err(Error::Parameter {
                name: "endpoint",
                reason: format!("must be a configured one: {}", known.join(", ")),
            });
        }
        let (event_id, now) = (id.to_owned(), self.clock.now());
        let resent = self
            .db
            .write(move |tx| event_log::resend(tx, &event_id, endpoint.as_deref(), now))
            .await?;
        let (event, endpoints) = resent.ok_or(Error::EventNotFound)?;
        if endpoints == 0 {
            let reason = "no endpoint of the running server wants this event's type; change [webhooks], and restart the server";
            return Err(Error::Parameter { name: "endpoint", reason: reason.to_owned() });
        }
        tracing::info!(webhook.id = id, endpoints, "an event is sent again by request");
        let is_owed = |name: &str| {
            let mut deliveries = event.deliveries.iter();
            deliveries.any(|one| one.endpoint == name && one.status == DeliveryStatus::Pending)
        };
        for stopped in self.endpoints.iter().filter(|one| one.is_stopped() && is_owed(&one.name)) {
            tracing::warn!(
                webhook.id = id,
                webhook.endpoint = stopped.name,
                "the event stays owed: the endpoint has answered 410 Gone, and gets nothing until the server's next start"
            );
        }
        Ok(event)
    }

    /// Returns all that is known about an order.
    pub(crate) async fn order_record(&self, order_id: &str) -> Result<OrderRecord, Error> {
        let id = order_id.to_owned();
        let found = self.db.read(move |connection| {
            let filter = Filter { order_id: Some(id.clone()), status: None };
            let page = sessions::list(connection, &filter, None, MAX_SESSIONS)?;
            let mut rows = Vec::new();
            for session in page.map(|(page, _)| page).unwrap_or_default() {
                let payment = payments::shown(connection, &session.id)?;
                let refund = refunds::of_session(connection, &session.id)?;
                let records = super::records::of_session(connection, &session.id)?;
                rows.push((Rows { session, payment, refund }, records));
            }
            let refunds = refunds::of_order(connection, &id)?;
            Ok((rows, refunds, event_log::of_order(connection, &id)?))
        });
        let (rows, refunds, events) = found.await?;
        if rows.is_empty() {
            return Err(Error::OrderNotFound);
        }
        let view = |(rows, records)| self.merchant_view(rows, records, None);
        Ok(OrderRecord {
            order_id: order_id.to_owned(),
            sessions: rows.into_iter().map(view).collect(),
            refunds: refunds.iter().map(refunds::RefundRow::document).collect(),
            events,
        })
    }
}

/// Limit of sessions of one order that are returned.
const MAX_SESSIONS: u32 = 100;
