//! The program: `merchant --config merchant.toml [--config gateways.toml]`, and the commands of its
//! operator.

mod log;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use contract::{Amount, CreateRefund, Currency};
use merchant::{App, Clock, Config, Finding, Operator, Versions};
use serde::Serialize;
use time::Date;
use time::macros::format_description;

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
    /// Lists events, or sends one again.
    Events {
        #[command(subcommand)]
        action: EventsAction,
    },
    /// Shows what is known about an order.
    Orders {
        #[command(subcommand)]
        action: OrdersAction,
    },
    /// Refunds a payment; the server carries it out. The same command refunds once.
    Refund {
        #[command(flatten)]
        files: Files,
        /// The payment, `pay_…`.
        payment: String,
        /// The amount in fen, such as 800 for 8.00 yuan; all that is left unless given.
        #[arg(long, value_name = "FEN", value_parser = parse_fen)]
        amount: Option<i64>,
        /// The reason, which the payer reads.
        #[arg(long)]
        reason: Option<String>,
        /// Another key makes another refund of the same amount.
        #[arg(long, default_value = "1")]
        key: String,
    },
    /// Writes a copy of the database into a new file, while the server goes on.
    Backup {
        #[command(flatten)]
        files: Files,
        /// The new file.
        file: PathBuf,
    },
    /// Checks the configuration, its keys and certificates, and calls each gateway without moving
    /// money; ends with 1 if there is a problem.
    CheckConfig {
        #[command(flatten)]
        files: Files,
        /// Calls no gateway.
        #[arg(long)]
        offline: bool,
    },
}

#[derive(Debug, Subcommand)]
enum EventsAction {
    /// Prints events and their deliveries, the newest first.
    List {
        #[command(flatten)]
        files: Files,
        /// Begins after this event, `msg_…`.
        #[arg(long, value_name = "EVENT")]
        starting_after: Option<String>,
        #[arg(long, default_value = "20", value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Sends an event again.
    Resend {
        #[command(flatten)]
        files: Files,
        /// The event, `msg_…`.
        event: String,
        /// To this endpoint only.
        #[arg(long, value_name = "NAME")]
        endpoint: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum OrdersAction {
    /// Prints an order's sessions, payments, refunds and events.
    Show {
        #[command(flatten)]
        files: Files,
        /// The merchant's number of the order.
        order: String,
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
    let log = {
        // The export of traces runs on it.
        let _runtime = runtime.enter();
        log::start()
    };
    let log = match log {
        Ok(log) => log,
        Err(message) => return fail(&message),
    };
    let ended = runtime.block_on(run(command_line));
    log.stop();
    // Its threads may wait for a database that does not answer.
    runtime.shutdown_timeout(merchant::EXIT_TIMEOUT);
    match ended {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

async fn run(command_line: CommandLine) -> Result<ExitCode, String> {
    match command_line.command {
        None => serve(load(&command_line.files)?).await,
        Some(Command::Migrate { files, check }) => migrate(&load(&files)?, check).await,
        Some(Command::Reconcile { files, date }) => reconcile(load(&files)?, date).await,
        Some(Command::Events { action }) => events(action).await,
        Some(Command::Orders { action: OrdersAction::Show { files, order } }) => {
            print_json(&operator(&files).await?.order(&order).await)
        }
        Some(Command::Refund { files, payment, amount, reason, key }) => {
            refund(&operator(&files).await?, payment, amount, reason, &key).await
        }
        Some(Command::Backup { files, file }) => {
            let written = operator(&files).await?.backup(&file).await;
            written.map_err(|error| error.to_string())?;
            print(&format!("written to {}", file.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::CheckConfig { files, offline }) => check(load(&files)?, offline).await,
    }
}

fn load(files: &Files) -> Result<Config, String> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::load(&files.configs, environment).map_err(|errors| errors.to_string())
}

async fn serve(config: Config) -> Result<ExitCode, String> {
    raise_file_limit(config.limits.connections)?;
    let listener = merchant::listen("server.listen", config.server.listen).await;
    let listener = listener.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = App::start(config, Clock::default()).await.map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // The parent process waits for this line; without a reader the server works all the same.
    let _ =
        writeln!(stdout, "merchant listening on http://{address}").and_then(|()| stdout.flush());
    app.serve(listener, asked_to_end()).await.map_err(|clash| clash.to_string())?;
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
async fn migrate(config: &Config, is_check: bool) -> Result<ExitCode, String> {
    let versions = if is_check {
        merchant::schema_versions(config).await
    } else {
        merchant::migrate(config).await
    };
    let Versions { found, needed } = versions.map_err(|error| error.to_string())?;
    let (text, is_fine) = match found {
        found if found == needed => (format!("the schema has version {needed}, as needed"), true),
        found if found > needed => (
            format!(
                "the schema has version {found}, this program knows up to {needed}: start the newer program"
            ),
            false,
        ),
        0 if is_check => (
            format!(
                "the database is empty, and version {needed} is needed: run `merchant migrate`, or start the server"
            ),
            false,
        ),
        found if is_check => (
            format!(
                "the schema has version {found}, and {needed} is needed: run `merchant migrate`, or start the server"
            ),
            false,
        ),
        found => (format!("the schema was migrated from version {found} to {needed}"), true),
    };
    print(&text)?;
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn operator(files: &Files) -> Result<Operator, String> {
    Operator::open(load(files)?).await.map_err(|error| error.to_string())
}

async fn events(action: EventsAction) -> Result<ExitCode, String> {
    match action {
        EventsAction::List { files, starting_after, limit } => {
            print_json(&operator(&files).await?.events(starting_after, limit).await)
        }
        EventsAction::Resend { files, event, endpoint } => {
            let resent = operator(&files).await?.resend(&event, endpoint).await;
            if resent.is_ok() {
                // Only the server knows which endpoints have stopped.
                let _ = writeln!(std::io::stderr(), "{RESEND_HINT}");
            }
            print_json(&resent)
        }
    }
}

async fn refund(
    operator: &Operator,
    payment_id: String,
    amount: Option<i64>,
    reason: Option<String>,
    key: &str,
) -> Result<ExitCode, String> {
    let amount = amount.map(|value| Amount { value, currency: Currency::CNY });
    // A repeated command finds its own refund, and not one of the merchant's servers.
    let amount_text = amount.map_or("all".to_owned(), |amount| amount.value.to_string());
    let key = format!("command-{payment_id}-{amount_text}-{key}");
    print_json(&operator.refund(&key, &CreateRefund { payment_id, amount, reason }).await)
}

const RESEND_HINT: &str = "The running server sends it. An endpoint that has answered 410 Gone has stopped (alarm webhook_stopped), and gets it after the server's next start, within three days.";

fn print_json<T: Serialize>(
    answer: &Result<T, merchant::CommandError>,
) -> Result<ExitCode, String> {
    let answer = answer.as_ref().map_err(ToString::to_string)?;
    print(&serde_json::to_string_pretty(answer).map_err(|error| error.to_string())?)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the findings; fails if there is a problem among them.
async fn check(config: Config, is_offline: bool) -> Result<ExitCode, String> {
    let mut problems = 0;
    if let Err(problem) = raise_file_limit(config.limits.connections) {
        problems += 1;
        print(&format!("problem: {problem}"))?;
    }
    for finding in merchant::check_config(config, is_offline).await {
        let line = match finding {
            Finding::Good(text) => format!("ok: {text}"),
            Finding::Warning(text) => format!("warning: {text}"),
            Finding::Problem(text) => {
                problems += 1;
                format!("problem: {text}")
            }
        };
        print(&line)?;
    }
    Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())
}

/// Prints the reports of a day's bills; fails if any difference was not repaired.
async fn reconcile(config: Config, date: Date) -> Result<ExitCode, String> {
    merchant::require_bills(date).map_err(|error| error.to_string())?;
    let day = merchant::reconcile_day(config, date).await.map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&day).map_err(|error| error.to_string())?;
    print(&text)?;
    let mut differences = day.reports.iter().flat_map(|report| &report.differences);
    let is_left = differences.any(|difference| !difference.repaired);
    Ok(if is_left { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Reads an amount in fen. One in yuan is refused: it could be meant as either.
fn parse_fen(text: &str) -> Result<i64, String> {
    let fen = text.parse::<i64>().ok().filter(|fen| *fen > 0);
    fen.ok_or_else(|| match in_fen(text) {
        Some(fen) => format!("the amount is in fen, without a point: write {fen} for {text} yuan"),
        None => "the amount is in fen, a whole number from 1: write 800 for 8.00 yuan".to_owned(),
    })
}

/// Returns the fen of an amount in yuan such as `8.00`.
fn in_fen(text: &str) -> Option<i64> {
    let (yuan, fen) = text.split_once('.')?;
    let fen: i64 = match fen.len() {
        1 => fen.parse::<u8>().ok().map(|tens| i64::from(tens) * 10)?,
        2 => fen.parse::<u8>().ok().map(i64::from)?,
        _ => return None,
    };
    yuan.parse::<u32>().ok().map(|yuan| i64::from(yuan) * 100 + fen).filter(|fen| *fen > 0)
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
