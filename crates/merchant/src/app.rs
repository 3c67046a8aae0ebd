//! Assembles the backend, starts it and stops it.

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
use crate::config::{AddressLimits, Config, Database};
use crate::db::owner::Owner;
use crate::db::{Db, DbError};
use crate::embed::{Embed, SelectorFileError};
use crate::gateway::Gateways;
use crate::hub::Hub;
use crate::instance::{Clash, Fingerprint, Instance, JoinError, Settings, follow_server};
use crate::keys::{Keys, new_id};
use crate::limits::Limits;
use crate::limits::addresses::Addresses;
use crate::limits::hourly::Hourly;
use crate::limits::warnings::Warnings;
use crate::locks::{Leases, Locks};
use crate::service::{Backend, Shared};
use crate::web::serve::{ConnectionLimits, serve};
use crate::webhooks::Webhooks;
use crate::{routes, worker};

/// The backend: its routes, and the worker that queries the gateways. Both end with [`App::stop`].
pub struct App {
    router: Router,
    backend: Shared,
    limits: AddressLimits,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    _owner: Option<Owner>,
}

/// The reason for which the backend could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A gateway's settings are invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A certificate has expired, so that its gateway refuses every call.
    #[error("{name}: the certificate {serial} ended on {ended}; download the new one")]
    CertificateEnded {
        /// The setting.
        name: &'static str,
        /// The certificate's serial number.
        serial: String,
        /// The day of its expiry.
        ended: Date,
    },
    /// The database could not be opened.
    #[error("server.database: {path} cannot be opened: {cause}")]
    Database {
        /// The path of the file, or the address without its password.
        path: String,
        /// The error of the database.
        cause: DbError,
    },
    /// Another instance runs on the database with settings that do not go together with these.
    #[error("{0}")]
    Clash(#[from] Clash),
    /// The client that sends webhooks could not be set up.
    #[error("webhooks.url: cannot be called, because TLS cannot be set up: {cause}")]
    Webhooks {
        /// The error of the TLS library.
        cause: String,
    },
    /// The templates of the prerendered selector cannot be used.
    #[error("embed.selector: {0}")]
    Embed(#[from] SelectorFileError),
}

impl StartError {
    pub(crate) fn database(database: &Database, cause: DbError) -> Self {
        Self::Database { path: database.to_string(), cause }
    }
}

/// The reason for which a day could not be reconciled.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The backend's settings or its database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A gateway's bill could not be fetched, or its effect not be written.
    #[error("{method}: {cause}")]
    Failed {
        /// The gateway of the bill.
        method: PaymentMethod,
        /// The error; the log has more.
        cause: String,
    },
    /// The reports could not be read back.
    #[error("the reports cannot be read: {cause}")]
    Report {
        /// The error.
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
        if let Some(warning) = config.server.origins_warning() {
            tracing::warn!("{warning}");
        }
        if let Some(note) = config.server.prefix_note() {
            tracing::info!("{note}");
        }
        let (backend, stop, owner) = open(config, clock, Purpose::Serve).await?;
        let worker = tokio::spawn(worker::run(Arc::clone(&backend)));
        let router = routes::router(Arc::clone(&backend));
        Ok(Self { router, backend, limits, stop, worker, _owner: owner })
    }

    /// The routes, for another server than [`App::serve`].
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Serves until `until` resolves, then finishes the running requests and stops.
    pub async fn serve(self, listener: TcpListener, until: impl Future<Output = ()>) {
        let drain = std::time::Duration::from_secs(self.backend.settings.drain_s.into());
        let stop = async {
            until.await;
            // A load balancer sees it in `/readyz`, and sends no more requests.
            self.backend.draining.send_replace(true);
            if !drain.is_zero() {
                tracing::info!(drain.s = drain.as_secs(), "draining: not ready for new shoppers");
                tokio::time::sleep(drain).await;
            }
            tracing::info!("stopping: no new connections, finishing the running requests");
            // Event streams and the worker stop, too.
            self.stop.send_replace(true);
        };
        let limits = ConnectionLimits {
            limits: self.limits,
            trusted: self.backend.settings.trusted_proxies.clone(),
        };
        serve(listener, self.router.clone(), limits, stop).await;
        self.stop().await;
    }

    /// Stops event streams and the worker, and checkpoints the database file.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.worker.await {
            tracing::error!("the worker ended unexpectedly: {error}");
        }
        if let Err(error) = self.backend.locks.release_all().await {
            tracing::warn!("the leases of sessions were not released, and run out: {error}");
        }
        if let Some(instance) = &self.backend.instance
            && let Err(error) = instance.leave(&self.backend.db).await
        {
            tracing::warn!("the other instances were not told of this one's end: {error}");
        }
        if let Err(error) = self.backend.db.checkpoint().await {
            tracing::warn!("the database's write-ahead log could not be checkpointed: {error}");
        }
    }
}

/// The use of an opened backend: one process serves a database file, and others may reconcile it.
#[derive(Clone, Copy)]
enum Purpose {
    Serve,
    Reconcile,
}

/// Opens the database, and builds the state that answers calls.
async fn open(
    config: Config,
    clock: Clock,
    purpose: Purpose,
) -> Result<(Shared, watch::Sender<bool>, Option<Owner>), StartError> {
    let gateways = Gateways::new(&config)?;
    if let Some(ended) = certificates::ended(&gateways.certificates(), clock.now()) {
        return Err(StartError::CertificateEnded {
            name: ended.field,
            serial: ended.serial.clone(),
            ended: ended.not_after.date(),
        });
    }
    for (app_id, warnings) in gateways.config_warnings() {
        for warning in warnings {
            tracing::warn!(app_id, setting = warning.field, "{}", warning.problem);
        }
    }
    let webhook_urls = config.webhooks.iter().map(|webhooks| webhooks.url.clone()).collect();
    let webhooks = config.webhooks.as_ref().map(Webhooks::new).transpose();
    let webhooks = webhooks.map_err(|cause| StartError::Webhooks { cause })?;
    let addresses = Addresses::new(config.limits);
    let embed = config.embed.map(Embed::open).transpose()?;
    let settings = config.server;
    let opened = match purpose {
        Purpose::Serve => Db::serve(&settings.database).await,
        Purpose::Reconcile => Db::beside_server(&settings.database).await.map(|db| (db, None)),
    };
    let (db, owner) = opened.map_err(|cause| StartError::database(&settings.database, cause))?;
    let (stop, stopped) = watch::channel(false);
    let keys = Keys::new(&settings.signing_keys, &settings.secret_keys);
    let failed = |cause| StartError::database(&settings.database, cause);
    follow_server(&db, &clock).await.map_err(failed)?;
    let instance = match purpose {
        Purpose::Serve if db.is_shared() => {
            let fingerprint = Fingerprint::of(&Settings {
                keys: &keys,
                gateways: &gateways,
                orders: settings.orders,
                public_url: &settings.public_url,
                notify_url_base: &settings.notify_url_base,
                webhook_urls,
            });
            let joined = Instance::join(&db, &clock, &fingerprint).await;
            Some(joined.map_err(|error| match error {
                JoinError::Db(cause) => failed(cause),
                JoinError::Clash(clash) => StartError::Clash(clash),
            })?)
        }
        _ => None,
    };
    let owner_id = match &instance {
        Some(instance) => instance.id().to_owned(),
        None => new_id("in_").map_err(|error| failed(error.into()))?,
    };
    let locks = match db.is_shared() {
        true => Locks::shared(Leases::new(db.clone(), clock.clone(), owner_id.clone())),
        // The owner of the file is the only one that locks sessions.
        false => Locks::default(),
    };
    let backend = Arc::new(Backend {
        settings,
        db,
        instance,
        owner: owner_id,
        gateways,
        webhooks,
        embed,
        keys,
        hub: Hub::default(),
        locks,
        limits: Limits::default(),
        addresses,
        warnings: Warnings::default(),
        missing_identities: Hourly::default(),
        clock,
        draining: watch::Sender::new(false),
        stop: stopped,
    });
    Ok((backend, stop, owner))
}

/// Compares the gateways' bills of a day in China with the books, queries captures that the books
/// do not have, and stores the reports. For the command line: the program that serves does the same
/// every morning, and may keep running meanwhile.
///
/// # Errors
/// [`ReconcileError`] names the failed part; everything before it is stored.
pub async fn reconcile_day(config: Config, date: Date) -> Result<Reconciliation, ReconcileError> {
    let (backend, _stop, _owner) = open(config, Clock::default(), Purpose::Reconcile).await?;
    for method in backend.gateways.known() {
        let done = backend.reconcile(method, date).await;
        done.map_err(|error| ReconcileError::Failed { method, cause: error.to_string() })?;
    }
    let failed = |cause: String| ReconcileError::Report { cause };
    backend.reconciliation(date).await.map_err(|error| failed(error.to_string()))
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
