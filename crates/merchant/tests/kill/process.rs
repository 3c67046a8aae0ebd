//! The merchant's program, in one or several processes on one database, and its logs.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use merchant_test_support::round_robin::RoundRobin;
use merchant_test_support::stored::Database;
use sandbox::{DesktopFlow, Running};

pub(crate) const SECRET_KEY: &str = "sk_0123456789abcdef01234567";
/// Processes that share a database of PostgreSQL.
const INSTANCES: usize = 3;
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The instances of the program: one on a file, several on PostgreSQL.
pub(crate) struct Instances {
    folder: PathBuf,
    /// The address of the shop, which on PostgreSQL is that of a round robin.
    pub(crate) base: String,
    pub(crate) database: Database,
    pub(crate) processes: Vec<Process>,
    /// Keeps the proxy running.
    _round_robin: Option<RoundRobin>,
}

pub(crate) struct Process {
    folder: PathBuf,
    number: usize,
    child: Option<Child>,
}

impl Instances {
    pub(crate) async fn new(sandbox: &Running, webhook_url: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("opencashier-kill-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (database, count) = match Database::new() {
            Database::File(_) => (Database::File(folder.join("merchant.db")), 1),
            other => (other, INSTANCES),
        };
        let listens: Vec<SocketAddr> =
            (0..count).map(|number| ([127, 0, 0, 1], free_port(number)).into()).collect();
        let round_robin = match listens.len() {
            1 => None,
            _ => Some(RoundRobin::start(listens.clone()).await.unwrap()),
        };
        let base =
            round_robin.as_ref().map_or_else(|| format!("http://{}", listens[0]), RoundRobin::url);
        for (number, listen) in listens.iter().enumerate() {
            let own = format!(
                "[server]\nlisten = \"{listen}\"\npublic_url = \"{base}\"\nsecret_key = \"{SECRET_KEY}\"\n\
                 signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\n\
                 database = \"{}\"\n[limits]\ncalls_per_minute = 0\nsessions_per_minute = 0\n[webhooks]\nurl = \"{webhook_url}\"\nsecret = \"{WEBHOOK_SECRET}\"\n",
                database.setting()
            );
            std::fs::write(folder.join(format!("merchant-{number}.toml")), own).unwrap();
        }
        sandbox
            .keys
            .write_gateways_toml(&folder, &sandbox.base_url(), DesktopFlow::Precreate)
            .unwrap();
        let process = |number| Process { folder: folder.clone(), number, child: None };
        let processes = (0..count).map(process).collect();
        Self { folder, base, database, processes, _round_robin: round_robin }
    }

    /// Starts every process and waits until it listens.
    pub(crate) async fn start(&mut self) {
        for process in &mut self.processes {
            process.start().await;
        }
    }

    /// Kills every process.
    pub(crate) fn kill(&mut self) {
        for process in &mut self.processes {
            process.kill();
        }
    }

    pub(crate) fn log(&self) -> String {
        self.processes.iter().map(Process::log).collect()
    }

    pub(crate) fn folder(&self) -> String {
        self.folder.display().to_string()
    }

    /// Removes the files; called only on success, so that file and log of a failure can be read.
    pub(crate) fn clean_up(self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

impl Process {
    /// Starts the program and waits until it listens.
    pub(crate) async fn start(&mut self) {
        let stdout = self.spawn();
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let line = reading.await.unwrap().unwrap();
        let is_ready = line.starts_with("merchant listening on");
        assert!(is_ready, "it did not start, see {}: {line}", self.folder());
    }

    /// Starts the program.
    pub(crate) fn spawn(&mut self) -> ChildStdout {
        let log: File = OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(self.folder.join(format!("merchant-{}.toml", self.number)))
            .arg("--config")
            .arg(self.folder.join("gateways.toml"))
            .env("OPENCASHIER_LOG", "info")
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        self.child = Some(child);
        stdout
    }

    /// Sends SIGKILL, and waits until the process has ended.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended by itself, see {}", self.folder());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("merchant-{}.log", self.number))
    }

    fn folder(&self) -> String {
        self.folder.display().to_string()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Returns a port that no other process gets between two starts: below the ephemeral range.
fn free_port(number: usize) -> u16 {
    let process = u16::try_from(std::process::id() % 800).unwrap();
    let first = 20_000 + 10 * process + u16::try_from(number).unwrap();
    (first..first + 1_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("no port is free")
}
