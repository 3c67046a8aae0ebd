//! The process of an instance: `merchant::App` with a clock that follows the fast one.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::Timestamp;
use merchant::{App, Config};
use payments::Product;

use super::ROLE;
use crate::clock::Clock;

/// Runs the backend until the parent process closes its standard input.
///
/// # Errors
/// Names what could not be started.
pub fn serve(arguments: &[String]) -> Result<(), String> {
    let [origin_ms, speed, jump_ms, files @ ..] = arguments else {
        return Err(format!("{ROLE} is started by chaos itself"));
    };
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text}: {error}"));
    let clock = Clock::resumed(number(origin_ms)?, number(speed)?, number(jump_ms)?);
    let filter = tracing_subscriber::EnvFilter::try_from_env("OPENCASHIER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let files: Vec<PathBuf> = files.iter().map(|file| Path::new(file).to_owned()).collect();
    let mut config = Config::load(&files, []).map_err(|errors| errors.to_string())?;
    if let Some(alipay) = &mut config.alipay {
        // The file has one flow for phones. Here the merchant has every contract, so that one run
        // covers every flow: a page that requests a code gets the product whose code opens the app.
        let wap = alipay.products.iter().position(|product| *product == Product::Wap);
        alipay.products.insert(wap.map_or(0, |wap| wap + 1), Product::PrecreateLink);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(run(config, clock))
}

async fn run(config: Config, fast: Clock) -> Result<(), String> {
    let clock = merchant::Clock::default();
    push(&clock, &fast);
    let pushed = clock.clone();
    tokio::spawn(async move {
        loop {
            push(&pushed, &fast);
            tokio::time::sleep(PUSH_EVERY).await;
        }
    });
    let listener = tokio::net::TcpListener::bind(config.server.listen)
        .await
        .map_err(|error| error.to_string())?;
    let app = App::start(config, clock).await.map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening").and_then(|()| stdout.flush()).map_err(|it| it.to_string())?;
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // The end of the input, a line and an error all mean that the parent has ended.
        let _ = std::io::stdin().read(&mut [0]);
        let _ = ended.send(());
    });
    app.serve(listener, async {
        let _ = end.await;
    })
    .await
    .map_err(|clash| clash.to_string())
}

/// Sets the backend's clock to the fast one. It never steps back.
fn push(clock: &merchant::Clock, fast: &Clock) {
    let now_ms = i64::try_from(fast.now_ms()).unwrap_or(i64::MAX);
    let behind_ms = Timestamp::from_unix_ms(now_ms).since_ms(clock.now());
    if behind_ms > 0 {
        clock.advance(behind_ms);
    }
}

const PUSH_EVERY: Duration = Duration::from_millis(2);
