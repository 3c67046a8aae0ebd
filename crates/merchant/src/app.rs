//! Assembles the backend, starts it and stops it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use contract::{PaymentMethod, Reconciliation};
use gateways::ConfigError;
use time::Date;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::certificates;
use crate::clock::Clock;
use crate::config::{AddressLimits, Config, Database, Webhooks};
use crate::db::owner::Owner;
use crate::db::subscriptions::{self, Subscription};
use crate::db::{Db, DbError};
use crate::embed::{Embed, SelectorFileError};
use crate::gateway::Gateways;
use crate::hub::Hub;
use crate::instance::{Clash, Fingerprint, Instance, JoinError, follow_server};
use crate::keys::{Keys, new_id};
use crate::limits::Limits;
use crate::limits::addresses::Addresses;
use crate::limits::hourly::Hourly;
use crate::limits::warnings::Warnings;
use crate::locks::{Leases, Locks};
use crate::metrics::Metrics;
use crate::service::{Backend, Readiness, Shared, bills};
use crate::web::serve::{ConnectionLimits, serve};
use crate::webhooks::Endpoint;
use crate::{routes, worker};

/// The backend: its routes, and the worker that queries the gateways. Both end with [`App::stop`].
pub struct App {
    router: Router,
    backend: Shared,
    limits: AddressLimits,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    metrics: Option<(SocketAddr, JoinHandle<()>)>,
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
    /// An address could not be listened on.
    #[error("{setting}: {address} cannot be listened on: {cause}; {}", listen_advice(.cause))]
    Listen {
        /// The setting.
        setting: &'static str,
        /// Its value.
        address: SocketAddr,
        /// The error of the system.
        cause: std::io::Error,
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
    /// The day is not over in China.
    #[error(
        "the bills of {date} do not exist yet: a day's bills come the next day at ten in China, where it is {today}; name {yesterday} or an earlier day"
    )]
    TooEarly {
        /// The day whose bills were wanted.
        date: Date,
        /// The present day in China.
        today: Date,
        /// The last day that is over.
        yesterday: Date,
    },
    /// The day is too long ago.
    #[error(
        "the gateways do not have the bills of {date} any more: they keep them for three months, so that trying again does not help; name {oldest} or a later day, or read an earlier comparison at GET /v1/reconciliations/{date}"
    )]
    TooOld {
        /// The day whose bills were wanted.
        date: Date,
        /// The first day that they may still have.
        oldest: Date,
    },
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
        let listener = match config.server.metrics {
            Some(address) => {
                let setting = "server.metrics";
                let listener = listen(setting, address).await?;
                let failed = |cause| StartError::Listen { setting, address, cause };
                Some((listener.local_addr().map_err(failed)?, listener))
            }
            None => None,
        };
        let (backend, stop, owner) = open(config, clock, Purpose::Serve).await?;
        let metrics = listener.map(|(address, listener)| {
            tracing::info!("metrics at http://{address}/metrics");
            (address, serve_metrics(&backend, listener))
        });
        let worker = tokio::spawn(worker::run(Arc::clone(&backend)));
        let router = routes::router(Arc::clone(&backend));
        Ok(Self { router, backend, limits, stop, worker, metrics, _owner: owner })
    }

    /// The routes, for another server than [`App::serve`].
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Returns the address that serves `/metrics`, if one is configured.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(address, _)| *address)
    }

    /// Serves until `until` resolves, then finishes the running requests and stops.
    ///
    /// # Errors
    /// It was silent for so long that others took it for dead, and its settings would do harm beside
    /// those of an instance that has joined since. It has stopped.
    pub async fn serve(
        self,
        listener: TcpListener,
        until: impl Future<Output = ()>,
    ) -> Result<(), Clash> {
        let drain = Duration::from_secs(self.backend.settings.drain_s.into());
        let (mut clash, mut finish_until) = (None, Instant::now());
        let clashed = async {
            match &self.backend.instance {
                Some(instance) => instance.clashed().await,
                None => std::future::pending().await,
            }
        };
        let stop = async {
            clash = tokio::select! {
                () = until => None,
                clash = clashed => Some(clash),
            };
            // A load balancer sees it in `/readyz`, and sends no more requests.
            self.backend.draining.send_replace(true);
            if !drain.is_zero() && clash.is_none() {
                tracing::info!(drain.s = drain.as_secs(), "draining: not ready for new shoppers");
                tokio::time::sleep(drain).await;
            }
            tracing::info!("stopping: no new connections, finishing the running requests");
            // Event streams and the worker stop, too.
            self.stop.send_replace(true);
            finish_until = Instant::now() + FINISH_TIMEOUT;
            finish_until
        };
        let limits = ConnectionLimits {
            limits: self.limits,
            trusted: self.backend.settings.trusted_proxies.clone(),
        };
        serve(listener, self.router.clone(), limits, stop).await;
        self.stop_by(finish_until).await;
        clash.map_or(Ok(()), Err)
    }

    /// Stops event streams and the worker, and checkpoints the database file.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.stop_by(Instant::now() + FINISH_TIMEOUT).await;
    }

    /// Waits for the work under way until `finish_until`, and then leaves the database in order. The
    /// next start, or another instance, goes on with work that did not end: a gateway may hang for
    /// longer.
    async fn stop_by(mut self, finish_until: Instant) {
        match timeout_at(finish_until, &mut self.worker).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("the worker ended unexpectedly: {error}"),
            Err(_) => {
                self.worker.abort();
                tracing::warn!("some work did not finish in time; the next start goes on with it");
            }
        }
        if let Some((_, listener)) = &mut self.metrics
            && let Ok(Err(error)) = timeout_at(finish_until, listener).await
        {
            tracing::error!("the listener for metrics ended unexpectedly: {error}");
        }
        if tokio::time::timeout(LEAVE_TIMEOUT, self.leave()).await.is_err() {
            tracing::warn!(
                "the database did not answer in time: leases run out, and a file's write-ahead log stays beside it"
            );
        }
    }

    /// Releases what others wait for, and checkpoints the database file.
    async fn leave(&self) {
        if let Err(error) = self.backend.locks.release_all().await {
            tracing::warn!("the leases of sessions were not released, and run out: {error}");
        }
        if let Some(instance) = &self.backend.instance
            && let Err(error) = instance.leave(&self.backend.db).await
        {
            tracing::warn!("the other instances were not told of this one's end: {error}");
        }
        if let Err(error) = self.backend.db.checkpoint().await {
            tracing::warn!("the database file's write-ahead log stays beside it: {error}");
        }
    }
}

/// Listens on the address that `setting` has.
///
/// # Errors
/// [`StartError::Listen`] says what to do.
pub async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|cause| StartError::Listen { setting, address, cause })
}

fn listen_advice(cause: &std::io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::AddrInUse => {
            "another program has this port (`ss -ltnp` names it): stop it, or set another port"
        }
        ErrorKind::AddrNotAvailable => {
            "this machine does not have the address: set one of its own, such as 127.0.0.1"
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 are for root: set a higher one, with a proxy before it"
        }
        _ => "set another address",
    }
}

/// Time for the requests and the work under way, once the process is to end. With [`LEAVE_TIMEOUT`]
/// and [`EXIT_TIMEOUT`] it makes the 20 s that docs/operations.md promises.
const FINISH_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for the database to be left in order.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);
/// Time for a program to end what [`App::serve`] leaves behind, such as a thread that waits for a
/// database.
pub const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves the metrics until the process stops, on a listener of their own.
fn serve_metrics(backend: &Shared, listener: TcpListener) -> JoinHandle<()> {
    let mut stop = backend.stop.clone();
    let limits = AddressLimits { connections: METRICS_CONNECTIONS, ..AddressLimits::default() };
    let limits = ConnectionLimits { limits, trusted: Vec::new() };
    let router = routes::operator(Arc::clone(backend));
    tokio::spawn(async move {
        serve(listener, router, limits, async {
            let _ = stop.wait_for(|stop| *stop).await;
            Instant::now() + FINISH_TIMEOUT
        })
        .await;
    })
}

/// The use of an opened backend: one process serves a database file, and others run an operator's
/// command beside it.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Serve,
    Command,
}

fn subscription(webhooks: &Webhooks) -> Subscription {
    Subscription { endpoint: webhooks.name.clone(), types: webhooks.types.clone() }
}

/// Writes which events the endpoints of a file's only server want.
async fn subscribe_alone(
    db: &Db,
    owner_id: &str,
    wanted: Vec<Subscription>,
) -> Result<(), DbError> {
    let owner_id = owner_id.to_owned();
    db.write(move |tx| {
        subscriptions::delete_others(tx, &owner_id)?;
        subscriptions::replace(tx, &owner_id, &wanted)
    })
    .await
}

/// Opens the database, and builds the state that answers calls.
pub(crate) async fn open(
    config: Config,
    clock: Clock,
    purpose: Purpose,
) -> Result<(Shared, watch::Sender<bool>, Option<Owner>), StartError> {
    let metrics = Metrics::new();
    let gateways = Gateways::new(&config, metrics.clone())?;
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
    let fingerprint = Fingerprint::of(&config, &gateways);
    let subscriptions: Vec<_> = config.webhooks.iter().map(subscription).collect();
    let endpoints: Result<Vec<_>, String> =
        config.webhooks.iter().map(|one| Ok(Arc::new(Endpoint::new(one)?))).collect();
    let endpoints = endpoints.map_err(|cause| StartError::Webhooks { cause })?;
    let addresses = Addresses::new(config.limits);
    let embed = config.embed.map(Embed::open).transpose()?;
    let settings = config.server;
    let opened = match purpose {
        Purpose::Serve => Db::serve(&settings.database).await,
        Purpose::Command => Db::beside_server(&settings.database).await.map(|db| (db, None)),
    };
    let (db, owner) = opened.map_err(|cause| StartError::database(&settings.database, cause))?;
    let (stop, stopped) = watch::channel(false);
    let keys = Keys::new(&settings.signing_keys, &settings.secret_keys);
    let failed = |cause| StartError::database(&settings.database, cause);
    follow_server(&db, &clock).await.map_err(failed)?;
    let instance = match purpose {
        Purpose::Serve if db.is_shared() => {
            let wanted = subscriptions.clone();
            let joined = Instance::join(&db, &clock, fingerprint, wanted).await;
            Some(joined.map_err(|error| match error {
                JoinError::Db(cause) => failed(cause),
                JoinError::Clash(clash) => StartError::Clash(clash),
            })?)
        }
        Purpose::Serve | Purpose::Command => None,
    };
    let owner_id = match &instance {
        Some(instance) => instance.id().to_owned(),
        None => new_id("in_").map_err(|error| failed(error.into()))?,
    };
    if owner.is_some() {
        subscribe_alone(&db, &owner_id, subscriptions).await.map_err(failed)?;
    }
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
        endpoints,
        embed,
        keys,
        hub: Hub::default(),
        locks,
        limits: Limits::default(),
        addresses,
        warnings: Warnings::default(),
        missing_identities: Hourly::default(),
        unwritable: Warnings::a_minute(1),
        metrics,
        readiness: Readiness::default(),
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
    let (backend, _stop, _owner) = open(config, Clock::default(), Purpose::Command).await?;
    for method in backend.gateways.known() {
        let done = backend.reconcile(method, date).await;
        done.map_err(|error| ReconcileError::Failed { method, cause: error.to_string() })?;
    }
    let failed = |cause: String| ReconcileError::Report { cause };
    backend.reconciliation(date).await.map_err(|error| failed(error.to_string()))
}

/// Refuses a day that is not over in China, or is too long ago: the gateways have no bills of it.
///
/// # Errors
/// [`ReconcileError::TooEarly`] names the last day that is over, [`ReconcileError::TooOld`] the
/// first one whose bills are kept.
pub fn require_bills(date: Date) -> Result<(), ReconcileError> {
    let today = bills::today(Clock::default().now());
    let oldest = bills::first_kept(today);
    if date < oldest {
        return Err(ReconcileError::TooOld { date, oldest });
    }
    if date < today {
        return Ok(());
    }
    let yesterday = today.previous_day().unwrap_or(today);
    Err(ReconcileError::TooEarly { date, today, yesterday })
}

/// Limit of open connections to the metrics' listener.
const METRICS_CONNECTIONS: u32 = 64;

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
