//! The merchant's program, its file and its log.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use merchant_test_support::stored::Database;
use sandbox::{DesktopFlow, Running};

pub(crate) const SECRET_KEY: &str = "sk_0123456789abcdef01234567";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

pub(crate) struct Process {
    folder: PathBuf,
    pub(crate) base: String,
    pub(crate) database: Database,
    child: Option<Child>,
}

impl Process {
    pub(crate) fn new(sandbox: &Running, webhook_url: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("opencashier-kill-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let base = format!("http://127.0.0.1:{}", free_port());
        let database = match Database::new() {
            Database::File(_) => Database::File(folder.join("merchant.db")),
            other => other,
        };
        let own = format!(
            "[server]\nlisten = \"{}\"\npublic_url = \"{base}\"\nsecret_key = \"{SECRET_KEY}\"\n\
             signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\n\
             database = \"{}\"\n[limits]\ncalls_per_minute = 0\nsessions_per_minute = 0\n[webhooks]\nurl = \"{webhook_url}\"\nsecret = \"{WEBHOOK_SECRET}\"\n",
            base.trim_start_matches("http://"),
            database.setting()
        );
        std::fs::write(folder.join("merchant.toml"), own).unwrap();
        sandbox
            .keys
            .write_gateways_toml(&folder, &sandbox.base_url(), DesktopFlow::Precreate)
            .unwrap();
        Self { folder, base, database, child: None }
    }

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
        let log: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("merchant.log"))
            .unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(self.folder.join("merchant.toml"))
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

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("merchant.log")).unwrap()
    }

    pub(crate) fn folder(&self) -> String {
        self.folder.display().to_string()
    }

    /// Removes the files; called only on success, so that file and log of a failure can be read.
    pub(crate) fn clean_up(self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
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
fn free_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 8_000).unwrap();
    (first..first + 1_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("no port is free")
}
