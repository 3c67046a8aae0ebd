//! A connection of its own on which a database notifies.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_postgres::{AsyncMessage, Client, SimpleQueryMessage};

use super::super::DbError;
use super::{Postgres, error};

/// The notifications of one channel, until the connection is lost.
pub(crate) struct Listener {
    client: Client,
    payloads: mpsc::UnboundedReceiver<String>,
    driver: AbortHandle,
}

impl Postgres {
    /// Connects, and listens on `channel`.
    pub(in crate::db) async fn listen(&self, channel: &str) -> Result<Listener, DbError> {
        let (address, config) = (Arc::clone(&self.address), Arc::clone(&self.config));
        let connector = tokio::task::spawn_blocking(move || address.connector()).await;
        let connector = connector.map_err(|_| DbError::Stopped)??;
        let connect = tokio::time::timeout(super::CONNECT_TIMEOUT, config.connect(connector));
        let (client, mut connection) = match connect.await {
            Ok(connected) => connected.map_err(|error| error::of_login(&self.address, &error))?,
            Err(_) => return Err(error::no_answer(&self.address)),
        };
        let (sender, payloads) = mpsc::unbounded_channel();
        let driver = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message
                    && sender.send(notification.payload().to_owned()).is_err()
                {
                    break;
                }
            }
        });
        let listener = Listener { client, payloads, driver: driver.abort_handle() };
        listener.execute(&format!("LISTEN {channel}")).await?;
        Ok(listener)
    }
}

impl Listener {
    /// Waits for the next notification.
    ///
    /// # Errors
    /// The connection is lost; notifications may have been lost with it.
    pub(crate) async fn next(&mut self) -> Result<String, DbError> {
        loop {
            match tokio::time::timeout(PING_INTERVAL, self.payloads.recv()).await {
                Ok(Some(payload)) => return Ok(payload),
                Ok(None) => {
                    return Err(DbError::ConnectionLost("the connection has ended".to_owned()));
                }
                Err(_) => self.test().await?,
            }
        }
    }

    /// Fails if the server has vanished, which sends nothing, or takes no more writes, so that
    /// nothing will be notified there.
    async fn test(&self) -> Result<(), DbError> {
        let rows = self.execute("SHOW transaction_read_only").await?;
        let is_read_only = rows
            .iter()
            .any(|row| matches!(row, SimpleQueryMessage::Row(row) if row.get(0) == Some("on")));
        if is_read_only {
            return Err(DbError::ReadOnly("transaction_read_only is on".to_owned()));
        }
        Ok(())
    }

    async fn execute(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, DbError> {
        match tokio::time::timeout(super::CONNECT_TIMEOUT, self.client.simple_query(sql)).await {
            Ok(done) => done.map_err(|error| error::of_statement(&error)),
            Err(_) => Err(DbError::ConnectionLost("no answer in time".to_owned())),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Delay after the last notification before the connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(10);
