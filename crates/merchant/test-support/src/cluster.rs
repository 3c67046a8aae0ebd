//! A PostgreSQL cluster of the test process's own, from the programs of Debian.
//!
//! It listens on loopback, writes into a temporary folder without waiting for the disk, and ends
//! with the process, however that ends: its shell reads commands from a pipe of the process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A running cluster.
pub struct Cluster {
    port: u16,
    shell: Mutex<Shell>,
    databases: AtomicU32,
}

struct Shell {
    _child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The cluster that the tests of this process share, each with a database of its own.
pub fn shared() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// PostgreSQL is not installed, or cannot start.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(programs())
            .args([port.to_string().as_str(), "off"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut shell = Shell { _child: child, commands, answers };
        shell.read();
        Self { port, shell: Mutex::new(shell), databases: AtomicU32::new(0) }
    }

    /// Makes an empty database; returns its address.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        crate::stored::postgres(&self.url("postgres"), &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// Makes an empty schema, which costs a tenth of a database; returns the address of its tables.
    pub fn schema(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let url = self.url("postgres");
        crate::stored::postgres(&url, &format!("CREATE SCHEMA test_{number}"));
        format!("{url}?options=-c%20search_path%3Dtest_{number}")
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://merchant@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a role that must log in with a password, and may nothing else.
    pub fn password(&self, role: &str, password: &str) {
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'");
        crate::stored::postgres(&self.url("postgres"), &sql);
    }

    /// Stops the server at once, as a crash does.
    pub fn stop(&self) {
        self.command("stop");
    }

    /// Starts the server again.
    pub fn start_again(&self) {
        self.command("start");
    }

    /// Restarts the server as a standby, which accepts no writes.
    pub fn demote(&self) {
        self.command("standby");
    }

    /// Lets the standby accept writes again.
    pub fn promote(&self) {
        self.command("promote");
    }

    fn command(&self, command: &str) {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(shell.commands, "{command}").unwrap();
        shell.read();
    }
}

impl Shell {
    fn read(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ok", "PostgreSQL did not do it; see its messages above");
    }
}

/// Returns the folder of PostgreSQL's programs, the newest that is installed.
fn programs() -> PathBuf {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL is not installed: run `cargo xtask setup`")
}

/// Runs the cluster; see there.
const SCRIPT: &str = include_str!("cluster.sh");
