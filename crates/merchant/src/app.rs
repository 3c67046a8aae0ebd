//! Putting the backend together, and its life.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use contract::{PaymentMethod, Reconciliation};
use gateways::ConfigError;
use time::Date;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::certificates;
use crate::clock::Clock;
use crate::config::{AddressLimits, Config};
use crate::db::owner::Owner;
use crate::db::{Db, DbError};
use crate::embed::{Embed, SelectorFileError};
use crate::hub::Hub;
use crate::keys::Keys;
use crate::limits::Limits;
use crate::limits::addresses::Addresses;
use crate::limits::hourly::Hourly;
use crate::limits::warnings::Warnings;
use crate::locks::Locks;
use crate::service::{Cashier, Shared};
use crate::wallets::Wallets;
use crate::web::serve::{ConnectionLimits, serve};
use crate::webhooks::Webhooks;
use crate::{routes, worker};

/// The backend: its routes, and the worker that asks the gateways. Both end with [`App::stop`].
pub struct App {
    router: Router,
    cashier: Shared,
    limits: AddressLimits,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    _owner: Option<Owner>,
}

/// Why the backend could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A gateway's settings cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A certificate has ended, so that its gateway refuses every call.
    #[error("{name}: the certificate {serial} ended on {ended}; download the new one")]
    CertificateEnded {
        /// The setting.
        name: &'static str,
        /// The certificate.
        serial: String,
        /// The day.
        ended: Date,
    },
    /// The database could not be opened.
    #[error("server.database: {path} cannot be opened: {cause}")]
    Database {
        /// The file.
        path: String,
        /// What SQLite says.
        cause: DbError,
    },
    /// The templates of the prerendered selector cannot be used.
    #[error("embed.selector: {0}")]
    Embed(#[from] SelectorFileError),
}

impl StartError {
    fn database(path: &Path, cause: DbError) -> Self {
        Self::Database { path: path.display().to_string(), cause }
    }
}

/// Why a day could not be reconciled.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The backend's settings or its database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A gateway's bill could not be had, or its effect not be written.
    #[error("{method}: {cause}")]
    Failed {
        /// Whose bill.
        method: PaymentMethod,
        /// What happened; more is in the log.
        cause: String,
    },
    /// The reports could not be read back.
    #[error("the reports cannot be read: {cause}")]
    Report {
        /// What happened.
        cause: String,
    },
}

impl App {
    /// Opens the database and starts the worker. Needs a Tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] names the setting.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        let limits = config.limits;
        let (cashier, stop, owner) = open(config, clock, Purpose::Serve).await?;
        let worker = tokio::spawn(worker::run(Arc::clone(&cashier)));
        let router = routes::router(Arc::clone(&cashier));
        Ok(Self { router, cashier, limits, stop, worker, _owner: owner })
    }

    /// The routes, to be served by something else than [`App::serve`].
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Serves until `until` resolves, then finishes what is under way and ends.
    pub async fn serve(self, listener: TcpListener, until: impl Future<Output = ()>) {
        let drain = std::time::Duration::from_secs(self.cashier.settings.drain_s.into());
        let stop = async {
            until.await;
            // Whoever balances the load sees it by `/readyz`, and sends nobody any more.
            self.cashier.draining.send_replace(true);
            if !drain.is_zero() {
                tracing::info!(drain.s = drain.as_secs(), "draining: not ready for new shoppers");
                tokio::time::sleep(drain).await;
            }
            tracing::info!("ending: no new connections, finishing what is under way");
            // Event streams and the worker hear it too.
            self.stop.send_replace(true);
        };
        let limits = ConnectionLimits {
            limits: self.limits,
            trusted: self.cashier.settings.trusted_proxies.clone(),
        };
        serve(listener, self.router.clone(), limits, stop).await;
        self.stop().await;
    }

    /// Ends event streams and the worker, and tidies up the database file.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.worker.await {
            tracing::error!("the worker broke off: {error}");
        }
        if let Err(error) = self.cashier.db.checkpoint().await {
            tracing::warn!("the database's log could not be moved into its file: {error}");
        }
    }
}

/// The use of an opened backend: one process serves a database file, and others may reconcile it.
#[derive(Clone, Copy)]
enum Purpose {
    Serve,
    Reconcile,
}

/// Opens the database, and puts together what answers calls.
async fn open(
    config: Config,
    clock: Clock,
    purpose: Purpose,
) -> Result<(Shared, watch::Sender<bool>, Option<Owner>), StartError> {
    let wallets = Wallets::new(&config)?;
    certificates::check(&wallets.certificates(), clock.now())?;
    let webhooks = config.webhooks.as_ref().map(Webhooks::new);
    let addresses = Addresses::new(config.limits);
    let embed = config.embed.map(Embed::open).transpose()?;
    let settings = config.server;
    let path = settings.database.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let owner = match purpose {
            Purpose::Serve => Some(Owner::of(&path)?),
            Purpose::Reconcile => None,
        };
        Ok((Db::open(&path)?, owner))
    })
    .await;
    let (db, owner) = opened
        .unwrap_or(Err(DbError::Stopped))
        .map_err(|cause| StartError::database(&settings.database, cause))?;
    let (stop, stopped) = watch::channel(false);
    let keys = Keys::new(&settings.signing_keys, &settings.secret_keys);
    let cashier = Arc::new(Cashier {
        settings,
        db,
        wallets,
        webhooks,
        embed,
        keys,
        hub: Hub::default(),
        locks: Locks::default(),
        limits: Limits::default(),
        addresses,
        warnings: Warnings::default(),
        missing_identities: Hourly::default(),
        clock,
        draining: watch::Sender::new(false),
        stop: stopped,
    });
    Ok((cashier, stop, owner))
}

/// Compares the gateways' bills of a day in China with the books, asks about captures that the
/// books do not have, and keeps the reports. For the command line: the program that serves does
/// the same every morning, and may go on serving meanwhile.
///
/// # Errors
/// [`ReconcileError`] says what could not be done; what was done until then is kept.
pub async fn reconcile_day(config: Config, date: Date) -> Result<Reconciliation, ReconcileError> {
    let (cashier, _stop, _owner) = open(config, Clock::default(), Purpose::Reconcile).await?;
    for method in cashier.wallets.known() {
        let done = cashier.reconcile(method, date).await;
        done.map_err(|error| ReconcileError::Failed { method, cause: error.to_string() })?;
    }
    let failed = |cause: String| ReconcileError::Report { cause };
    cashier.reconciliation(date).await.map_err(|error| failed(error.to_string()))
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
