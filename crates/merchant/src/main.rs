//! The program: `merchant --config merchant.toml [--config gateways.toml]`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use merchant::{App, Clock, Config};
use tokio::net::TcpListener;

const USAGE: &str = "usage: merchant --config merchant.toml [--config more.toml …]
  Later files lie over earlier ones, and OPENCASHIER_SECTION__KEY of the environment over them all.
  OPENCASHIER_LOG=info sets what is logged, OPENCASHIER_LOG_FORMAT=json how.";

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

async fn run() -> Result<(), String> {
    let files = config_files(std::env::args().skip(1))?;
    start_log();
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(&files, environment).map_err(|errors| errors.to_string())?;
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("server.listen: {listen} cannot be listened on: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = App::start(config, Clock::default()).await.map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // Whoever started us waits for this line; if nobody reads it, we serve all the same.
    let _ =
        writeln!(stdout, "merchant listening on http://{address}").and_then(|()| stdout.flush());
    app.serve(listener, asked_to_end()).await;
    Ok(())
}

fn config_files(mut arguments: impl Iterator<Item = String>) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.strip_prefix("--config=")) {
            ("--config", _) => {
                files.push(arguments.next().ok_or(USAGE)?.into());
            }
            (_, Some(file)) => files.push(file.into()),
            _ => return Err(format!("`{argument}` is not understood\n{USAGE}")),
        }
    }
    if files.is_empty() { Err(USAGE.to_owned()) } else { Ok(files) }
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
    // If no signal can be listened for, only the system ends us.
    if interrupt.await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn fail(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
