//! The commands of an operator, beside a server that may be running.

use std::path::Path;

use contract::{CreateRefund, Event, List, OrderRecord, Refund};
use tokio::sync::watch;

use crate::app::{Purpose, StartError, open};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::DbError;
use crate::error::Error;
use crate::rules::RefundRefusal;
use crate::service::Shared;

/// The backend's database and settings, opened beside a server. What a command owes, such as a
/// refund, the server carries out.
pub struct Operator {
    backend: Shared,
    _stop: watch::Sender<bool>,
}

/// The reason for which a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The backend's settings or its database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It was refused, or failed.
    #[error("{0}")]
    Failed(String),
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Returns a refused refund in the words of the command line.
fn refund_refused(error: Error) -> CommandError {
    CommandError::Failed(match error {
        Error::IdempotencyReused => "the same refund was made before with another --reason: repeat that reason to see it, or give another --key to make another refund of this amount".to_owned(),
        Error::NotRefundable(RefundRefusal::TooMuch { left: left @ 1.. }) => format!("--amount is more than the {left} fen that are left of the payment, refunds under way taken off; give less, or leave --amount out to refund all that is left"),
        Error::Parameter { name, reason } => format!("--{name} {reason}"),
        error => error.to_string(),
    })
}

impl Operator {
    /// Opens the database. Needs a Tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] names the setting.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        let (backend, stop, _owner) = open(config, Clock::default(), Purpose::Command).await?;
        Ok(Self { backend, _stop: stop })
    }

    /// Returns at most `limit` events before `after`, the newest first.
    ///
    /// # Errors
    /// There is no event `after`, or the database failed.
    pub async fn events(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> Result<List<Event>, CommandError> {
        Ok(self.backend.list_events(after, limit).await?)
    }

    /// Sends an event again, to one endpoint or to each that wants its type.
    ///
    /// # Errors
    /// There is no such event or endpoint, or the database failed.
    pub async fn resend(&self, id: &str, endpoint: Option<String>) -> Result<Event, CommandError> {
        Ok(self.backend.resend_event(id, endpoint).await?)
    }

    /// Returns all that is known about an order.
    ///
    /// # Errors
    /// There is no such order, or the database failed.
    pub async fn order(&self, order_id: &str) -> Result<OrderRecord, CommandError> {
        Ok(self.backend.order_record(order_id).await?)
    }

    /// Refunds a payment, once for each `key`.
    ///
    /// # Errors
    /// The payment cannot be refunded so, or the database failed.
    pub async fn refund(&self, key: &str, body: &CreateRefund) -> Result<Refund, CommandError> {
        let id = self.backend.create_refund(key, body).await.map_err(refund_refused)?;
        Ok(self.backend.refund_document(&id).await?)
    }

    /// Writes a sound copy of the database into a new file, while a server goes on.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub async fn backup(&self, file: &Path) -> Result<(), CommandError> {
        let failed = |cause: String| CommandError::Failed(format!("{}: {cause}", file.display()));
        if file.exists() {
            return Err(failed("the file exists; name a new one".to_owned()));
        }
        self.backend.db.copy_to(file).await.map_err(|error| match error {
            // Not the new file.
            error @ DbError::Damaged(_) => {
                let database = &self.backend.settings.database;
                CommandError::Failed(format!("server.database: {database}: {error}"))
            }
            error => failed(error.to_string()),
        })
    }
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").finish_non_exhaustive()
    }
}
