//! Limits the downloads of a gateway's new certificates: one at a time, and at most one a minute
//! (our own limit).

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{Gateway, GatewayError};

/// Shortest interval of downloads: anybody can send messages that name unknown certificates.
const PAUSE: Duration = Duration::from_secs(60);

/// The times of the last downloads. A lock is held during a download, so that concurrent calls that
/// need a certificate wait for one download.
#[derive(Default)]
pub(crate) struct Downloads {
    /// For answers, which come over TLS from the gateway itself. Messages from others do not use up
    /// their limit.
    answers: LastDownload,
    /// For notifications and returns.
    messages: LastDownload,
}

type LastDownload = Arc<Mutex<Option<Instant>>>;

/// The kind of message that named a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetIn {
    Answer,
    Message,
}

/// Allows one download. Others wait until it is dropped.
pub(crate) struct Permit(OwnedMutexGuard<Option<Instant>>);

impl Downloads {
    /// Waits for a running download. `None` if the last one is too recent.
    pub(crate) async fn permit(&self, met_in: MetIn) -> Option<Permit> {
        Permit::of(Arc::clone(self.last(met_in)).lock_owned().await)
    }

    /// `None` if a download is running or the last one is too recent.
    pub(crate) fn try_permit(&self, met_in: MetIn) -> Option<Permit> {
        Permit::of(Arc::clone(self.last(met_in)).try_lock_owned().ok()?)
    }

    const fn last(&self, met_in: MetIn) -> &LastDownload {
        match met_in {
            MetIn::Answer => &self.answers,
            MetIn::Message => &self.messages,
        }
    }
}

impl Permit {
    fn of(last: OwnedMutexGuard<Option<Instant>>) -> Option<Self> {
        let is_too_soon = last.is_some_and(|at| at.elapsed() < PAUSE);
        (!is_too_soon).then_some(Self(last))
    }

    /// Notes the start of the download: an unused permit does not count.
    pub(crate) fn start(&mut self) {
        *self.0 = Some(Instant::now());
    }
}

/// Runs a download to its end even if the caller is dropped, as a web server does when its client
/// hangs up: else anybody could use up the limit without any download.
pub(crate) async fn to_the_end(
    gateway: Gateway,
    download: impl Future<Output = Result<(), GatewayError>> + Send + 'static,
) -> Result<(), GatewayError> {
    match tokio::spawn(download).await {
        Ok(result) => result,
        Err(error) => Err(GatewayError::Interrupted { gateway, cause: error.to_string() }),
    }
}

#[cfg(test)]
impl Downloads {
    /// Sets the last downloads to `ago` in the past.
    pub(crate) async fn age(&self, ago: Duration) {
        for last in [&self.answers, &self.messages] {
            *last.lock().await = Instant::now().checked_sub(ago);
        }
    }
}
