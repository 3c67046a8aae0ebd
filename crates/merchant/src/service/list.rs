//! Lists, for the merchant's own servers.

use contract::{List, Refund, SessionCreated};

use super::{Backend, Rows};
use crate::db::sessions::{self, Filter};
use crate::db::{payments, refunds};
use crate::error::Error;

impl Backend {
    /// Returns the sessions that were opened before `after`, the newest first.
    pub(crate) async fn list_sessions(
        &self,
        filter: Filter,
        after: Option<String>,
        limit: u32,
    ) -> Result<List<SessionCreated>, Error> {
        let found = self.db.read(move |connection| {
            let Some(page) = sessions::list(connection, &filter, after.as_deref(), limit)? else {
                return Ok(None);
            };
            let (page, has_more) = page;
            let mut rows = Vec::with_capacity(page.len());
            for session in page {
                let payment = payments::shown(connection, &session.id)?;
                let refund = refunds::of_session(connection, &session.id)?;
                let records = super::records::of_session(connection, &session.id)?;
                rows.push((Rows { session, payment, refund }, records));
            }
            Ok(Some((rows, has_more)))
        });
        let (rows, has_more) = found.await?.ok_or(Error::SessionNotFound)?;
        let view = |(rows, records)| self.merchant_view(rows, records, None);
        Ok(List { data: rows.into_iter().map(view).collect(), has_more })
    }

    /// Returns the refunds that were created before `after`, the newest first.
    pub(crate) async fn list_refunds(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> Result<List<Refund>, Error> {
        let found =
            self.db.read(move |connection| refunds::list(connection, after.as_deref(), limit));
        let (page, has_more) = found.await?.ok_or(Error::RefundNotFound)?;
        Ok(List { data: page.iter().map(refunds::RefundRow::document).collect(), has_more })
    }
}
