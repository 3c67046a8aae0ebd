//! The sandbox as a program: `sandbox --listen 127.0.0.1:9443 --keys-dir DIR [--speed N]`.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use sandbox::{AlipayChain, DesktopFlow, Flows, Keys, MobileFlow, Options, Sandbox};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            tracing::error!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { listen, keys_dir, speed, flows, chain } = arguments;
    let dir = keys_dir.clone();
    let keys =
        tokio::task::spawn_blocking(move || Keys::load_or_generate(&dir)?.with_alipay_chain(chain));
    let keys = keys.await??;
    let running =
        Sandbox::start(Options { addr: listen, notify_speed: speed, keys: Some(keys) }).await?;
    let base_url = running.base_url();
    running.keys.write_gateways_toml(&keys_dir, &base_url, flows)?;
    writeln!(std::io::stdout(), "sandbox listening on {base_url}")?;
    tracing::info!("wallet phone at {base_url}/phone");
    stop_signal().await?;
    running.stop().await;
    Ok(())
}

struct Arguments {
    listen: SocketAddr,
    keys_dir: PathBuf,
    speed: u32,
    flows: Flows,
    chain: AlipayChain,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 9443));
        let (mut keys_dir, mut speed, mut flows) = (None, 1, Flows::default());
        let mut chain = AlipayChain::default();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            let wrong = || format!("{word} does not take {value}");
            match word.as_str() {
                "--listen" => listen = value.parse().map_err(|_| wrong())?,
                "--keys-dir" => keys_dir = Some(PathBuf::from(value)),
                "--speed" => {
                    speed = value.parse().ok().filter(|speed| *speed > 0).ok_or_else(wrong)?
                }
                "--desktop-flow" => {
                    flows.desktop = DesktopFlow::named(&value).ok_or_else(wrong)?;
                }
                "--alipay-chain" => chain = AlipayChain::named(&value).ok_or_else(wrong)?,
                "--mobile-flow" => flows.mobile = MobileFlow::named(&value).ok_or_else(wrong)?,
                _ => return Err(format!("unknown option {word}")),
            }
        }
        let keys_dir = keys_dir.ok_or("--keys-dir is missing")?;
        Ok(Self { listen, keys_dir, speed, flows, chain })
    }
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

const USAGE: &str = "usage: sandbox --keys-dir DIR [--listen 127.0.0.1:9443] [--speed N] \
    [--desktop-flow precreate|page|page_frame] [--mobile-flow wap|precreate_link] [--alipay-chain complete|test|leaf]";
