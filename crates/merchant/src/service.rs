//! The backend's calls, apart from HTTP: one file per call.
//!
//! A call that talks to a gateway reads, calls, and then writes in one transaction whose conditions
//! hold even if another call was faster. Between the steps nothing is assumed.

mod authorized;
pub(crate) mod bills;
mod cancel;
mod check;
mod compare;
mod create;
mod embed;
mod events;
mod execute;
mod expire;
mod failures;
mod list;
mod notify;
mod order;
mod query;
mod ready;
mod reconcile;
mod records;
mod refresh;
mod refund;
mod refunded_elsewhere;
mod repair;
mod returned;
mod start;

use std::sync::Arc;

use contract::{
    NextAction, PaymentMethod, PaymentMethodOption, PaymentStatus, RefundStatus, Session,
    SessionStatus,
};
use tokio::sync::watch;

pub(crate) use execute::Execution;
pub(crate) use ready::Readiness;

use crate::clock::Clock;
use crate::config::Server;
use crate::db::apply::{self, Outcome, Update};
use crate::db::payments::{self, PaymentRow};
use crate::db::refunds;
use crate::db::sessions::{self, SessionRow};
use crate::db::{Db, DbError, WriteContext};
use crate::embed::Embed;
use crate::error::Error;
use crate::gateway::Gateways;
use crate::hub::Hub;
use crate::identity::MissingIdentity;
use crate::instance::Instance;
use crate::keys::Keys;
use crate::limits::Limits;
use crate::limits::addresses::Addresses;
use crate::limits::hourly::Hourly;
use crate::limits::warnings::Warnings;
use crate::locks::Locks;
use crate::metrics::Metrics;
use crate::rules;
use crate::webhooks::Endpoint;

/// The backend's state, shared by every call and by the worker.
pub(crate) struct Backend {
    pub(crate) settings: Server,
    pub(crate) db: Db,
    /// This process among others; absent if it is the database's only server, or serves nothing.
    pub(crate) instance: Option<Instance>,
    /// The owner of leases in the database.
    pub(crate) owner: String,
    pub(crate) gateways: Gateways,
    /// The merchant's systems that are notified.
    pub(crate) endpoints: Vec<Arc<Endpoint>>,
    /// The prerendered selector, if shops may request it.
    pub(crate) embed: Option<Embed>,
    pub(crate) keys: Keys,
    pub(crate) hub: Hub,
    pub(crate) locks: Locks,
    pub(crate) limits: Limits,
    pub(crate) addresses: Addresses,
    /// Limits log lines that any client can cause.
    pub(crate) warnings: Warnings,
    /// Limits the alarm that each task about the same identity raises.
    pub(crate) missing_identities: Hourly<MissingIdentity>,
    /// Limits the alarm of `/readyz`, which load balancers call every few seconds.
    pub(crate) unwritable: Warnings,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: Readiness,
    pub(crate) clock: Clock,
    /// Becomes true when the process will stop soon and should get no new shoppers.
    pub(crate) draining: watch::Sender<bool>,
    /// Becomes true when the process stops.
    pub(crate) stop: watch::Receiver<bool>,
}

/// The rows of a session's document.
pub(crate) struct Rows {
    pub(crate) session: SessionRow,
    /// The payment that is shown with it.
    pub(crate) payment: Option<PaymentRow>,
    /// The status of its owed refunds.
    pub(crate) refund: Option<RefundStatus>,
}

impl Backend {
    /// Returns the names of the endpoints that get events; one that answered 410 gets none.
    pub(crate) fn running_endpoints(&self) -> Vec<String> {
        let running = self.endpoints.iter().filter(|endpoint| !endpoint.is_stopped());
        running.map(|endpoint| endpoint.name.clone()).collect()
    }

    /// Returns the session as the shopper's browser sees it.
    pub(crate) async fn document(&self, session_id: &str) -> Result<Session, Error> {
        self.rows(session_id).await.map(|rows| self.draw_up(&rows))
    }

    /// Reads the session and the payment that is shown with it.
    pub(crate) async fn rows(&self, session_id: &str) -> Result<Rows, Error> {
        let id = session_id.to_owned();
        let rows = self
            .db
            .read(move |connection| {
                let Some(session) = sessions::find(connection, &id)? else { return Ok(None) };
                let payment = payments::shown(connection, &id)?;
                let refund = refunds::of_session(connection, &id)?;
                Ok(Some(Rows { session, payment, refund }))
            })
            .await?;
        rows.ok_or(Error::SessionNotFound)
    }

    /// Makes the document of [`Backend::document`].
    pub(crate) fn draw_up(&self, rows: &Rows) -> Session {
        let Rows { session, payment, refund } = rows;
        let now = self.clock.now();
        let is_payable = session.status == SessionStatus::Open && now < session.expires_at;
        Session {
            id: session.id.clone(),
            status: session.status,
            revision: session.revision,
            amount: session.amount,
            description: session.description.clone(),
            merchant_name: self.settings.merchant_name.clone(),
            payment_methods: session.payment_methods.clone(),
            payment_method_options: self.options(session),
            payment: payment.as_ref().map(|payment| contract::Payment {
                id: payment.id.clone(),
                payment_method: payment.payment_method,
                flow: payment.flow(),
                status: payment.status,
                next_action: if is_payable { next_action(payment) } else { None },
                failure_code: payment.failure_code.clone(),
                created_at: payment.created_at,
            }),
            refund: *refund,
            expires_at: session.expires_at,
            server_time: now,
            hosted_url: self.hosted_url(&session.id),
        }
    }

    /// Returns the flows of the session's methods.
    fn options(&self, session: &SessionRow) -> Vec<PaymentMethodOption> {
        let option = |method: &PaymentMethod| PaymentMethodOption {
            payment_method: *method,
            flows: rules::flows(*method, self.gateways.products()),
        };
        session.payment_methods.iter().map(option).collect()
    }

    /// Returns the address of the session's page that works without JavaScript.
    pub(crate) fn hosted_url(&self, session_id: &str) -> String {
        let token = self.keys.hosted_token(session_id);
        format!("{}/v1/checkout/hosted/{token}", self.settings.public_url)
    }

    /// Writes an update of a payment, and notifies the waiting streams.
    pub(crate) async fn apply(&self, payment_id: &str, update: Update) -> Result<Outcome, Error> {
        let (id, context) = (payment_id.to_owned(), self.write_context());
        let outcome = self
            .db
            .write(move |transaction| apply::apply(transaction, &id, &update, context))
            .await?;
        self.announce(payment_id, &outcome);
        Ok(outcome)
    }

    /// Publishes the new state of a payment, and logs its alarm.
    pub(crate) fn announce(&self, payment_id: &str, outcome: &Outcome) {
        if let Some(alarm) = outcome.alarm {
            tracing::error!(
                alarm = true, alarm.kind = alarm.kind(),
                session.id = %outcome.session_id,
                payment.id = payment_id,
                "{}",
                alarm.as_str()
            );
        }
        if let Some(revision) = outcome.revision {
            tracing::info!(
                session.id = %outcome.session_id,
                session.status = %outcome.session,
                session.revision = revision,
                payment.id = payment_id,
                payment.status = %outcome.payment,
                "a session has changed"
            );
            self.hub.publish(&outcome.session_id, revision);
        }
    }

    /// Returns a payment of a session.
    pub(crate) async fn payment_of(
        &self,
        session_id: &str,
        payment_id: &str,
    ) -> Result<PaymentRow, Error> {
        let payment = self.payment(payment_id).await?;
        payment.filter(|payment| payment.session_id == session_id).ok_or(Error::PaymentNotFound)
    }

    /// Returns a payment by its id.
    pub(crate) async fn payment(&self, payment_id: &str) -> Result<Option<PaymentRow>, DbError> {
        let id = payment_id.to_owned();
        self.db.read(move |connection| payments::find(connection, &id)).await
    }

    /// Returns the active payment of a session.
    pub(crate) async fn active(&self, session_id: &str) -> Result<Option<PaymentRow>, DbError> {
        let id = session_id.to_owned();
        self.db.read(move |connection| payments::active(connection, &id)).await
    }

    /// Returns the session's row.
    pub(crate) async fn session(&self, session_id: &str) -> Result<SessionRow, Error> {
        let id = session_id.to_owned();
        let session = self.db.read(move |connection| sessions::find(connection, &id)).await?;
        session.ok_or(Error::SessionNotFound)
    }

    /// Returns the context of a write that happens now.
    pub(crate) fn write_context(&self) -> WriteContext {
        WriteContext { now: self.clock.now() }
    }

    /// True if the session's time is up.
    pub(crate) fn is_time_up(&self, session: &SessionRow) -> bool {
        self.clock.now() >= session.expires_at
    }
}

/// Runs a call to its end even if the caller hangs up: a half-sent gateway call has an unknown
/// outcome.
pub(crate) async fn to_the_end<T, F>(call: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    use tracing::Instrument as _;
    match tokio::spawn(call.in_current_span()).await {
        Ok(result) => result,
        Err(error) => Err(Error::Internal(format!("a call ended unexpectedly: {error}"))),
    }
}

/// Returns the next action of the shopper's browser, if there is one.
fn next_action(payment: &PaymentRow) -> Option<NextAction> {
    if payment.status != PaymentStatus::RequiresAction {
        return None;
    }
    payment.action.as_ref()?.next(payment.product, payment.action_expires_at)
}

/// The shared state.
pub(crate) type Shared = Arc<Backend>;
