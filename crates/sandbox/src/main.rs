//! The sandbox as a program: `sandbox --keys-dir DIR`, see `--help`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{AlipayChain, DesktopFlow, Flows, Keys, MERCHANT_NAME, MobileFlow, Options, Sandbox};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Arguments {
        listen,
        keys_dir,
        speed,
        desktop_flow,
        mobile_flow,
        alipay_chain,
        merchant_name,
    } = arguments;
    let flows = Flows { desktop: desktop_flow, mobile: mobile_flow };
    let dir = keys_dir.clone();
    let keys = tokio::task::spawn_blocking(move || {
        Keys::load_or_generate(&dir)?.with_alipay_chain(alipay_chain)
    });
    let keys = keys.await??;
    let options = Options { addr: listen, notify_speed: speed, keys: Some(keys), merchant_name };
    let running = Sandbox::start(options).await?;
    let base_url = running.base_url();
    running.keys.write_gateways_toml(&keys_dir, &base_url, flows)?;
    writeln!(std::io::stdout(), "sandbox listening on {base_url}")?;
    tracing::info!("wallet phone at {base_url}/phone");
    stop_signal().await?;
    running.stop().await;
    Ok(())
}

/// Both gateways emulated on loopback, with a wallet phone to scan and pay with.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder of keys.json, which the first start makes, and of gateways.toml for the backend
    #[arg(long)]
    keys_dir: PathBuf,
    /// The address to listen on: loopback only
    #[arg(long, default_value = "127.0.0.1:9443")]
    listen: SocketAddr,
    /// Divides the gateways' delays: notifications' retries, refunds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    speed: u32,
    /// Alipay's flow on desktops, in gateways.toml
    #[arg(long, value_enum, default_value_t)]
    desktop_flow: DesktopFlow,
    /// Alipay's flow in phones' browsers, in gateways.toml
    #[arg(long, value_enum, default_value_t)]
    mobile_flow: MobileFlow,
    /// The certificates that come with Alipay's own in certificate mode
    #[arg(long, value_enum, default_value_t)]
    alipay_chain: AlipayChain,
    /// The shop's name on the phone and at the cashiers
    #[arg(long, default_value = MERCHANT_NAME)]
    merchant_name: String,
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
