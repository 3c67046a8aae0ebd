//! Runs a program and says what failed in words that name the remedy.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What went wrong and what to do about it, for the person at the terminal.
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
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status})", spelled(command))))
}

/// Runs `command` quietly and returns what it wrote to its standard output.
///
/// # Errors
/// As [`run`]; what it wrote to its standard error is shown.
pub(crate) fn output(command: &mut Command, remedy: &str) -> Result<String, Failure> {
    command.stdin(Stdio::null());
    let output = command.output().map_err(|error| not_started(command, &error, remedy))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "`{}` failed ({})\n{}",
        spelled(command),
        output.status,
        said.trim_end()
    )))
}

fn not_started(command: &Command, error: &io::Error, remedy: &str) -> Failure {
    let program = command.get_program().to_string_lossy();
    if error.kind() == io::ErrorKind::NotFound {
        Failure::new(format!("{program} is missing: {remedy}"))
    } else {
        Failure::new(format!("cannot start {program}: {error}"))
    }
}

fn spelled(command: &Command) -> String {
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
