//! Runs programs; a failure names the remedy.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// An error message for the person at the terminal: what failed and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure that reads `message`.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A file operation on `path` that failed.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs `command` with its output on the terminal and waits for its success.
///
/// # Errors
/// The program is missing or ended with a failure; `remedy` says what to do if it is missing.
pub(crate) fn run(command: &mut Command, remedy: &str) -> Result<(), Failure> {
    command.stdin(Stdio::null());
    let status = command.status().map_err(|error| not_started(command, &error, remedy))?;
    if status.success() { Ok(()) } else { Err(failed(command, status)) }
}

/// Runs `command` quietly and returns its standard output.
///
/// # Errors
/// As [`run`]; the message includes its standard error.
pub(crate) fn output(command: &mut Command, remedy: &str) -> Result<String, Failure> {
    command.stdin(Stdio::null());
    let output = command.output().map_err(|error| not_started(command, &error, remedy))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{}\n{}", failed(command, output.status), stderr.trim_end())))
}

/// A step that may take minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress<'a> {
    /// The step, such as "build: compiling the servers".
    pub(crate) step: &'a str,
    /// Its usual duration on two cores when nothing is cached.
    pub(crate) usual: &'a str,
}

/// Runs `command` with its output on the terminal and prints the elapsed time now and then.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_long(
    command: &mut Command,
    progress: Progress<'_>,
    remedy: &str,
) -> Result<(), Failure> {
    println!("{} (up to {} the first time)", progress.step, progress.usual);
    command.stdin(Stdio::null());
    let child = command.spawn().map_err(|error| not_started(command, &error, remedy))?;
    let status = wait(child, progress.step)?;
    if status.success() { Ok(()) } else { Err(failed(command, status)) }
}

/// Runs `command` with its output in the file `log`, shown only if it fails, and prints the
/// elapsed time now and then.
///
/// # Errors
/// As [`run`]; the message includes the log.
pub(crate) fn run_logged(
    command: &mut Command,
    progress: Progress<'_>,
    log: &Path,
    remedy: &str,
) -> Result<(), Failure> {
    println!("{} (up to {})", progress.step, progress.usual);
    let written = |error: io::Error| Failure::file("write", log, &error);
    let file = File::create(log).map_err(written)?;
    let errors = file.try_clone().map_err(written)?;
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    let child = command.spawn().map_err(|error| not_started(command, &error, remedy))?;
    let status = wait(child, progress.step)?;
    if status.success() {
        // A log that cannot be removed after a success is harmless.
        let _ = fs::remove_file(log);
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    Err(Failure::new(format!("{}\n{}", failed(command, status), text.trim_end())))
}

/// Waits for the end of `child`.
fn wait(mut child: Child, step: &str) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let mut next_report = REPORT_INTERVAL;
    loop {
        let status = child.try_wait();
        if let Some(status) = status.map_err(|error| Failure::new(format!("{step}: {error}")))? {
            return Ok(status);
        }
        let elapsed = started.elapsed();
        if elapsed >= next_report {
            println!("{step}: {} s", elapsed.as_secs());
            next_report += REPORT_INTERVAL;
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn not_started(command: &Command, error: &io::Error, remedy: &str) -> Failure {
    let program = command.get_program().to_string_lossy();
    if error.kind() == io::ErrorKind::NotFound {
        Failure::new(format!("{program} is missing: {remedy}"))
    } else {
        Failure::new(format!("cannot start {program}: {error}"))
    }
}

fn failed(command: &Command, status: ExitStatus) -> Failure {
    Failure::new(format!("`{}` failed ({status})", command_line(command)))
}

fn command_line(command: &Command) -> String {
    let mut text = file_name(command.get_program());
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn file_name(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().into_owned()
}

const REPORT_INTERVAL: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
