//! The program: `merchant --config merchant.toml [--config gateways.toml]`, and
//! `merchant reconcile --date 2026-11-28 --config …` for one day's bills.

mod log;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use merchant::{App, Clock, Config, Versions};
use time::Date;
use time::macros::format_description;
use tokio::net::TcpListener;

/// The reference merchant backend of OpenCashier.
#[derive(Debug, Parser)]
#[command(name = "merchant", version, after_help = ENVIRONMENT_HELP)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, Args)]
struct Files {
    /// A configuration file; later files override earlier ones.
    #[arg(long = "config", value_name = "FILE", required = true)]
    configs: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings the database's schema up to date, as the server does when it starts.
    Migrate {
        #[command(flatten)]
        files: Files,
        /// Changes nothing; ends with 1 if the schema is older than this program needs.
        #[arg(long)]
        check: bool,
    },
    /// Compares the gateways' bills of a day with the books; ends with 1 if a difference is left.
    Reconcile {
        #[command(flatten)]
        files: Files,
        /// The day in China.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
        date: Date,
    },
}

const ENVIRONMENT_HELP: &str = "\
Environment:
  OPENCASHIER_SECTION__KEY  overrides a setting of the files, such as OPENCASHIER_SERVER__LISTEN
  OPENCASHIER_LOG           error, warn, info, debug, trace or off (info); then modules with a
                            level of their own, such as info,hyper=debug
  OPENCASHIER_LOG_FORMAT    text, or json for one JSON object a line (text)";

fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and the version are no failure; without a reader the exit code is all there is.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(run(command_line)) {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

async fn run(command_line: CommandLine) -> Result<ExitCode, String> {
    let files = match &command_line.command {
        Some(Command::Reconcile { files, .. } | Command::Migrate { files, .. }) => files,
        None => &command_line.files,
    };
    log::start()?;
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(&files.configs, environment).map_err(|errors| errors.to_string())?;
    match command_line.command {
        Some(Command::Reconcile { date, .. }) => return reconcile(config, date).await,
        Some(Command::Migrate { check, .. }) => return migrate(&config, check).await,
        None => {}
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

/// Brings the schema up to date, or only checks it, and prints the outcome in words.
async fn migrate(config: &Config, check: bool) -> Result<ExitCode, String> {
    let versions = if check {
        merchant::schema_versions(config).await
    } else {
        merchant::migrate(config).await
    };
    let Versions { found, needed } = versions.map_err(|error| error.to_string())?;
    let (text, code) = match found {
        found if found == needed => (format!("the schema has version {needed}, as needed"), true),
        found if found > needed => (
            format!(
                "the schema has version {found}, this program knows up to {needed}: start the newer program"
            ),
            false,
        ),
        0 if check => (
            format!(
                "the database is empty, and version {needed} is needed: run `merchant migrate`, or start the server"
            ),
            false,
        ),
        found if check => (
            format!(
                "the schema has version {found}, and {needed} is needed: run `merchant migrate`, or start the server"
            ),
            false,
        ),
        found => (format!("the schema was migrated from version {found} to {needed}"), true),
    };
    writeln!(std::io::stdout(), "{text}").map_err(|error| error.to_string())?;
    Ok(if code { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the reports of a day's bills; fails if any difference was not repaired.
async fn reconcile(config: Config, date: Date) -> Result<ExitCode, String> {
    let day = merchant::reconcile_day(config, date).await.map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&day).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{text}").map_err(|error| error.to_string())?;
    let mut differences = day.reports.iter().flat_map(|report| &report.differences);
    let is_left = differences.any(|difference| !difference.repaired);
    Ok(if is_left { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| "not a day such as 2026-11-28".to_owned())
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
