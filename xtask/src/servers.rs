//! The servers of the demo and of the end-to-end tests: built, started, watched, stopped.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::paths::Paths;
use crate::step::{self, Failure, Progress};

/// Builds the sandbox, the merchant backend and the storefront.
///
/// # Errors
/// A server does not compile.
pub(crate) fn build(paths: &Paths) -> Result<(), Failure> {
    compile(paths, "dev", Progress { step: "build: compiling the servers", usual: "5 minutes" })
}

/// Builds the same as they are run in production.
///
/// # Errors
/// A server does not compile.
pub(crate) fn build_release(paths: &Paths) -> Result<(), Failure> {
    let step = "build: compiling the servers for release";
    compile(paths, "release", Progress { step, usual: "8 minutes" })
}

fn compile(paths: &Paths, profile: &str, progress: Progress<'_>) -> Result<(), Failure> {
    let mut binaries = paths.cargo("build");
    binaries.args(["--quiet", "--profile", profile]);
    binaries.args(["--package", "sandbox", "--package", "merchant", "--bins"]);
    step::run_long(&mut binaries, progress, "install Rust with rustup")?;
    let mut example = paths.cargo("build");
    example.args(["--quiet", "--profile", profile]);
    example.args(["--package", "merchant", "--example", "storefront"]);
    step::run(&mut example, "install Rust with rustup")
}

/// The folder of the programs that [`build`] makes.
pub(crate) fn bin_dir(paths: &Paths) -> PathBuf {
    paths.target.join("debug")
}

/// The folder of the programs that [`build_release`] makes.
pub(crate) fn release_bin_dir(paths: &Paths) -> PathBuf {
    paths.target.join("release")
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `command` with its output in `log` and waits until it prints that it listens.
    ///
    /// # Errors
    /// It cannot be started, ends at once, or does not listen in time; with the end of its log.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        log: PathBuf,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, Failure> {
        let written = |error: io::Error| Failure::file("write", &log, &error);
        let out = File::create(&log).map_err(written)?;
        let errors = out.try_clone().map_err(written)?;
        command.stdin(Stdio::null()).stdout(out).stderr(errors);
        let child = command
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start {name}: {error}")))?;
        let mut server = Self { name, child, log };
        let started = Instant::now();
        while !server.listens() {
            server.check()?;
            if cancelled() {
                return Err(Failure::new("stopped"));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err(server.failure("does not listen"));
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(server)
    }

    /// Fails if the server has ended.
    ///
    /// # Errors
    /// The server has ended; the message has its exit status and the end of its log.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.failure(&ended(status))),
            Err(error) => Err(self.failure(&format!("cannot be watched: {error}"))),
        }
    }

    /// Stops the server by SIGTERM, and by SIGKILL after `STOP_TIMEOUT`.
    pub(crate) fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // std can only kill; the shell's `kill` lets a server finish what it is answering.
        let terminate = format!("kill -TERM {}", self.child.id());
        let asked_to_stop =
            Command::new("sh").args(["-c", &terminate]).stderr(Stdio::null()).status();
        let started = Instant::now();
        while asked_to_stop.is_ok() && started.elapsed() < STOP_TIMEOUT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(POLL_INTERVAL);
        }
        // A process that cannot be killed is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn listens(&self) -> bool {
        fs::read_to_string(&self.log).is_ok_and(|log| log.contains("listening on http://"))
    }

    fn failure(&self, what: &str) -> Failure {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(LOG_TAIL_LINES)..)
            .unwrap_or_default()
            .join("\n  ");
        Failure::new(format!("{} {what}. Last of {}:\n  {tail}", self.name, self.log.display()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The first free loopback port from `preferred` on that is not in `taken`.
///
/// # Errors
/// None of the next hundred is free.
pub(crate) fn free_port(preferred: u16, taken: &[u16]) -> Result<u16, Failure> {
    (preferred..=preferred.saturating_add(99))
        .find(|port| {
            !taken.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
        })
        .ok_or_else(|| {
            Failure::new(format!("no free port from {preferred} on: choose others by --port-base"))
        })
}

/// Writes the merchant's configuration from its template, readable by its owner only.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn write_config(
    template: &Path,
    path: &Path,
    values: &[(&str, &str)],
) -> Result<(), Failure> {
    let mut text =
        fs::read_to_string(template).map_err(|error| Failure::file("read", template, &error))?;
    for (name, value) in values {
        text = text.replace(&format!("@{name}@"), value);
    }
    fs::write(path, text).map_err(|error| Failure::file("write", path, &error))
}

fn ended(status: ExitStatus) -> String {
    format!("ended by itself ({status})")
}

const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(30);
const LOG_TAIL_LINES: usize = 15;
