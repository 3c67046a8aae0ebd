//! The backend as separate processes, which can be killed and started again.
//!
//! Each process is this program with another first argument. It runs `merchant::App` as the
//! merchant program does, except that its clock follows the fast one. The real program has no such
//! option, and should have none.

mod instance;
mod serve;

use std::fs;
use std::path::PathBuf;

use merchant_test_support::cluster::Cluster;
use merchant_test_support::round_robin::RoundRobin;
use merchant_test_support::stored::Database;
use sandbox::{DesktopFlow, Keys};

use crate::clock::Clock;
use crate::error::RunError;
use crate::options::{Options, Store};
use crate::receiver::WEBHOOK_SECRET;
use instance::Instance;
pub use serve::serve;

/// The first argument of the program that makes it the backend.
pub const ROLE: &str = "backend";
/// The secret key of the merchant's own server.
pub(crate) const SECRET_KEY: &str = "sk_0123456789abcdef01234567";

/// The backend's instances, files, database and address.
pub(crate) struct Backend {
    pub(crate) instances: Vec<Instance>,
    /// The address of the shop, without a slash at the end.
    pub(crate) address: String,
    pub(crate) database: Database,
    cluster: Option<Cluster>,
    /// Keeps the proxy running.
    _round_robin: Option<RoundRobin>,
}

impl Backend {
    /// Takes free ports, makes the database and writes the configuration into `folder`.
    pub(crate) async fn prepare(
        folder: PathBuf,
        options: &Options,
        keys: &Keys,
        sandbox: &str,
        receiver: &str,
    ) -> Result<Self, RunError> {
        fs::create_dir_all(&folder).map_err(unwritable)?;
        let (database, cluster) = match options.store {
            Store::Sqlite => (Database::File(folder.join("chaos.db")), None),
            Store::Postgres => {
                let cluster = tokio::task::block_in_place(Cluster::start);
                (Database::Postgres(cluster.database()), Some(cluster))
            }
        };
        // Removes the database of an earlier run, if there is one.
        database.remove();
        let numbers = 0..options.instances as usize;
        let instances: Vec<_> =
            numbers.map(|number| Instance::new(&folder, number)).collect::<Result<_, _>>()?;
        let round_robin = if instances.len() > 1 {
            let addresses = instances.iter().map(|instance| instance.address).collect();
            let started = RoundRobin::start(addresses).await;
            Some(started.map_err(|error| RunError::new("the proxy cannot listen", error))?)
        } else {
            None
        };
        let own = instances.first().map(Instance::url).unwrap_or_default();
        let address = round_robin.as_ref().map_or(own, RoundRobin::url);
        for instance in &instances {
            let text = format!(
                "[server]\nlisten = \"{}\"\npublic_url = \"{address}\"\n\
                 allowed_origins = [\"http://127.0.0.1:8080\"]\nsecret_key = \"{SECRET_KEY}\"\n\
                 signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea & Co\"\n\
                 database = \"{}\"\n\
                 [webhooks]\nurl = \"{receiver}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
                 [limits]\ncalls_per_minute = 0\nsessions_per_minute = 0\n",
                instance.address,
                database.setting(),
            );
            fs::write(instance.config(), text).map_err(unwritable)?;
        }
        keys.write_gateways_toml(&folder, sandbox, DesktopFlow::PageFrame).map_err(|error| {
            RunError::new("the gateways' configuration cannot be written", error)
        })?;
        Ok(Self { instances, address, database, cluster, _round_robin: round_robin })
    }

    /// Starts all instances and waits until they listen. Blocks.
    pub(crate) fn start(&mut self, clock: &Clock) -> Result<(), RunError> {
        self.instances.iter_mut().try_for_each(|instance| instance.start(clock))
    }

    /// Sends SIGKILL to all instances.
    pub(crate) fn kill(&mut self) -> Result<(), RunError> {
        self.instances.iter_mut().try_for_each(Instance::kill)
    }

    /// Starts these instances and waits until they listen. Blocks.
    pub(crate) fn start_some(&mut self, some: &[bool], clock: &Clock) -> Result<(), RunError> {
        self.chosen(some).try_for_each(|instance| instance.start(clock))
    }

    /// Sends SIGKILL to these instances.
    pub(crate) fn kill_some(&mut self, some: &[bool]) -> Result<(), RunError> {
        self.chosen(some).try_for_each(Instance::kill)
    }

    fn chosen(&mut self, some: &[bool]) -> impl Iterator<Item = &mut Instance> {
        let instances = self.instances.iter_mut().zip(some);
        instances.filter(|(_, is_chosen)| **is_chosen).map(|(instance, _)| instance)
    }

    /// Stops PostgreSQL as a crash does. Blocks.
    pub(crate) fn stop_database(&self) {
        if let Some(cluster) = &self.cluster {
            tokio::task::block_in_place(|| cluster.stop());
        }
    }

    /// Starts PostgreSQL again. Blocks.
    pub(crate) fn start_database(&self) {
        if let Some(cluster) = &self.cluster {
            tokio::task::block_in_place(|| cluster.start_again());
        }
    }

    /// Cuts `per_mille` thousandths of the instances' connections to PostgreSQL, by chance.
    pub(crate) fn cut_connections(&self, per_mille: u32) {
        if self.cluster.is_some() {
            let sql = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                     AND random() * 1000 < {per_mille}"
            );
            tokio::task::block_in_place(|| self.database.rows(&sql));
        }
    }
}

fn unwritable(error: std::io::Error) -> RunError {
    RunError::new("the configuration cannot be written", error)
}
