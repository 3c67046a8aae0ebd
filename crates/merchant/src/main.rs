//! The program: `merchant --config merchant.toml [--config gateways.toml]`, and
//! `merchant reconcile --date 2026-11-28 --config …` for one day's bills.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use merchant::{App, Clock, Config};
use time::Date;
use time::macros::format_description;
use tokio::net::TcpListener;

const USAGE: &str = "usage: merchant --config merchant.toml [--config more.toml …]
       merchant reconcile --date YYYY-MM-DD --config merchant.toml [--config more.toml …]
  Later files lie over earlier ones, and OPENCASHIER_SECTION__KEY of the environment over them all.
  OPENCASHIER_LOG=info sets what is logged, OPENCASHIER_LOG_FORMAT=json how.";

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(run()) {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

async fn run() -> Result<ExitCode, String> {
    let task = Task::parse(std::env::args().skip(1))?;
    start_log();
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(&task.files, environment).map_err(|errors| errors.to_string())?;
    if let Some(date) = task.reconcile {
        return reconcile(config, date).await;
    }
    raise_file_limit(config.limits.connections)?;
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("server.listen: {listen} cannot be listened on: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = App::start(config, Clock::default()).await.map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // The parent process waits for this line; without a reader the server works all the same.
    let _ =
        writeln!(stdout, "merchant listening on http://{address}").and_then(|()| stdout.flush());
    app.serve(listener, asked_to_end()).await;
    Ok(ExitCode::SUCCESS)
}

/// Raises the limit on open files to the configured connections: each is one, and so is each call
/// to a gateway.
#[cfg(unix)]
fn raise_file_limit(connections: u32) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = u64::from(connections) + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if let Some(maximum) = maximum.filter(|maximum| *maximum < needed) {
        return Err(format!(
            "limits.connections: {connections} connections need {needed} open files, and the system allows {maximum}; raise LimitNOFILE (`ulimit -Hn`), or set limits.connections to {} or less",
            maximum.saturating_sub(OTHER_FILES)
        ));
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })
        .map_err(|error| format!("the limit on open files cannot be raised to {needed}: {error}"))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn raise_file_limit(_connections: u32) -> Result<(), String> {
    Ok(())
}

/// Files besides connections: the database, gateway calls and webhook calls.
const OTHER_FILES: u64 = 1_024;

/// Prints the reports of a day's bills; fails if any difference was not repaired.
async fn reconcile(config: Config, date: Date) -> Result<ExitCode, String> {
    let day = merchant::reconcile_day(config, date).await.map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&day).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{text}").map_err(|error| error.to_string())?;
    let mut differences = day.reports.iter().flat_map(|report| &report.differences);
    let is_left = differences.any(|difference| !difference.repaired);
    Ok(if is_left { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The parsed command line.
struct Task {
    files: Vec<PathBuf>,
    /// The day whose bills are compared, instead of serving.
    reconcile: Option<Date>,
}

impl Task {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.peekable();
        let is_reconciling = arguments.next_if(|first| first == "reconcile").is_some();
        let mut task = Self { files: Vec::new(), reconcile: None };
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            match name {
                "--config" => {
                    task.files.push(value.or_else(|| arguments.next()).ok_or(USAGE)?.into());
                }
                "--date" if is_reconciling => {
                    let date = value.or_else(|| arguments.next()).ok_or(USAGE)?;
                    let read = Date::parse(&date, format_description!("[year]-[month]-[day]"));
                    task.reconcile = Some(read.map_err(|_| {
                        format!("--date: `{date}` is not a day such as 2026-11-28")
                    })?);
                }
                _ => return Err(format!("`{argument}` is not understood\n{USAGE}")),
            }
        }
        if task.files.is_empty() || is_reconciling && task.reconcile.is_none() {
            return Err(USAGE.to_owned());
        }
        Ok(task)
    }
}

fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("OPENCASHIER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("OPENCASHIER_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}

/// Resolves on SIGTERM or ctrl-c.
async fn asked_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt => {}
            }
            return;
        }
    }
    // If no signal handler can be installed, the process runs until it is killed.
    if interrupt.await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn fail(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
