//! One instance of the backend: a process that can be killed and started again.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::ROLE;
use crate::clock::Clock;
use crate::error::RunError;

/// An instance's process, files and address.
#[derive(Debug)]
pub(crate) struct Instance {
    folder: PathBuf,
    number: usize,
    pub(crate) address: SocketAddr,
    process: Option<(Child, ChildStdin)>,
}

impl Instance {
    /// Takes a free port for instance `number`, from 0 on.
    pub(super) fn new(folder: &Path, number: usize) -> Result<Self, RunError> {
        let port = free_port(number)
            .ok_or_else(|| RunError::plain("no port below 30000 is free".to_owned()))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self { folder: folder.to_owned(), number, address, process: None })
    }

    /// Its address without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.join(format!("merchant-{}.toml", self.number))
    }

    fn log(&self) -> PathBuf {
        self.folder.join(format!("backend-{}.log", self.number))
    }

    /// Starts it and waits until it listens. Blocks.
    pub(super) fn start(&mut self, clock: &Clock) -> Result<(), RunError> {
        let log = File::options().create(true).append(true).open(self.log());
        let log =
            log.map_err(|error| RunError::new("the backend's log cannot be written", error))?;
        let mut child = Command::new(own_program()?)
            .arg(ROLE)
            .args(clock.arguments())
            .args([self.config(), self.folder.join("gateways.toml")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| RunError::new("the backend cannot be started", error))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|error| RunError::new("the backend's output cannot be read", error))?;
        }
        match child.stdin.take() {
            Some(stdin) if line.contains("listening") => {
                self.process = Some((child, stdin));
                Ok(())
            }
            _ => Err(RunError::plain(format!(
                "the backend does not listen; {}",
                self.last_log_lines()
            ))),
        }
    }

    /// Sends SIGKILL, so that the process cannot finish anything.
    pub(super) fn kill(&mut self) -> Result<(), RunError> {
        let Some((mut child, _stdin)) = self.process.take() else { return Ok(()) };
        if let Ok(Some(status)) = child.try_wait() {
            let last = self.last_log_lines();
            return Err(RunError::plain(format!("the backend ended by itself ({status}); {last}")));
        }
        child
            .kill()
            .and_then(|()| child.wait())
            .map(|_| ())
            .map_err(|error| RunError::new("the backend cannot be killed", error))
    }

    fn last_log_lines(&self) -> String {
        let path = self.log();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let last: Vec<&str> = text.lines().rev().take(5).collect();
        format!("last of {}:\n{}", path.display(), last.join("\n"))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // An error is ignored: the process may have ended already.
        let _ = self.kill();
    }
}

/// Returns the file of the running program, even if a newer build has replaced it since.
fn own_program() -> Result<PathBuf, RunError> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe()
        .map_err(|error| RunError::new("the file of this program is unknown", error))
}

/// Returns a port that no connection gets while the instance is down: below the ephemeral range.
fn free_port(number: usize) -> Option<u16> {
    let process = u16::try_from(std::process::id() % 900).unwrap_or(0);
    let first = 20_000 + process * 10 + u16::try_from(number).unwrap_or(0);
    (first..30_000).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}
