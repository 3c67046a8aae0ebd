//! A shop to pay in: the storefront, the merchant backend and the gateways' sandbox on loopback.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::build;
use crate::paths::Paths;
use crate::servers::{self, Server};
use crate::step::Failure;

/// Builds and starts the servers, prints the shop's address, and stops all at Ctrl-C.
///
/// # Errors
/// Names what could not be built or started, or which server ended by itself.
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    let preferred = preferred_ports(arguments)?;
    build::run(paths)?;
    servers::build(paths)?;
    let [storefront, merchant, sandbox] = free_ports(preferred)?;

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| Failure::new(format!("cannot catch Ctrl-C: {error}")))?;
    }
    let stopped = || stop.load(Ordering::Relaxed);

    let folder = private_folder(paths)?;
    let shop = Shop { paths, folder: folder.clone(), storefront, merchant, sandbox };
    let result = shop.open(&stopped).and_then(|mut servers| {
        println!(
            "\n  Shop at  {}\n\n  The page links to the wallet phone, which scans and pays like a real one.\n  Ctrl-C stops everything. Logs and database: {}\n",
            shop.storefront_url(),
            folder.display()
        );
        while !stopped() {
            for server in &mut servers {
                server.check()?;
            }
            thread::sleep(Duration::from_millis(100));
        }
        // The storefront first, so that it does not call a backend that has stopped.
        servers.iter_mut().rev().for_each(Server::stop);
        Ok(())
    });
    if stopped() {
        // A Ctrl-C also reaches the servers; that one ended first is no failure.
        let _ = fs::remove_dir_all(&folder);
        println!("\nAll stopped.");
        return Ok(());
    }
    result
}

struct Shop<'a> {
    paths: &'a Paths,
    folder: PathBuf,
    storefront: u16,
    merchant: u16,
    sandbox: u16,
}

impl Shop<'_> {
    fn open(&self, stopped: &dyn Fn() -> bool) -> Result<Vec<Server>, Failure> {
        let bin = servers::bin_dir(self.paths);
        let log = |name: &str| self.folder.join(name).with_extension("log");
        let keys = self.folder.join("keys");
        let secret_key = format!("sk_demo_{}", random_digits()?);

        let mut command = Command::new(bin.join("sandbox"));
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.sandbox));
        command.arg("--keys-dir").arg(&keys);
        let sandbox = Server::start("the sandbox", &mut command, log("sandbox"), stopped)?;

        let config = self.folder.join("merchant.toml");
        servers::write_config(
            &self.paths.root.join("xtask").join("merchant.toml"),
            &config,
            &[
                ("LISTEN", &format!("127.0.0.1:{}", self.merchant)),
                ("MERCHANT_URL", &self.merchant_url()),
                ("SHOP_URL", &self.storefront_url()),
                ("SECRET_KEY", &secret_key),
                ("SIGNING_KEY", &random_digits()?),
                ("FOLDER", &self.folder.display().to_string()),
                ("ROOT", &self.paths.root.display().to_string()),
            ],
        )?;
        let mut command = Command::new(bin.join("merchant"));
        command.arg("--config").arg(&config);
        command.arg("--config").arg(keys.join("gateways.toml"));
        let merchant =
            Server::start("the merchant backend", &mut command, log("merchant"), stopped)?;

        let mut command = Command::new(bin.join("examples").join("storefront"));
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.storefront));
        command.arg("--root").arg(&self.paths.root);
        command.args(["--merchant", &self.merchant_url(), "--gateway", &self.sandbox_url()]);
        // A key in an argument could be read by anyone on the machine.
        command.env("STOREFRONT_SECRET_KEY", &secret_key);
        let storefront = Server::start("the storefront", &mut command, log("storefront"), stopped)?;
        Ok(vec![sandbox, merchant, storefront])
    }

    fn storefront_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.storefront)
    }

    fn merchant_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.merchant)
    }

    fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.sandbox)
    }
}

/// The ports of storefront, merchant and sandbox if they are free.
fn preferred_ports(arguments: &[String]) -> Result<[u16; 3], Failure> {
    let usage = || Failure::new("usage: cargo xtask demo [--port-base N], N from 1024 to 65000");
    match arguments {
        [] => Ok([8000, 8001, 9443]),
        [option, base] if option == "--port-base" => {
            let base: u16 = base.parse().map_err(|_| usage())?;
            let is_possible = (1024..=65000).contains(&base);
            is_possible.then_some([base, base + 1, base + 2]).ok_or_else(usage)
        }
        _ => Err(usage()),
    }
}

/// The preferred ports, or the next ones that are free.
fn free_ports(preferred: [u16; 3]) -> Result<[u16; 3], Failure> {
    let [storefront, merchant, sandbox] = preferred;
    let storefront = servers::free_port(storefront, &[])?;
    let merchant = servers::free_port(merchant, &[storefront])?;
    let sandbox = servers::free_port(sandbox, &[storefront, merchant])?;
    Ok([storefront, merchant, sandbox])
}

/// A folder for keys, configuration and database that only its owner can read.
fn private_folder(paths: &Paths) -> Result<PathBuf, Failure> {
    let folder = paths.cache.join("demo").join(std::process::id().to_string());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file("remove", &folder, &error))?;
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| Failure::file("make", &folder, &error))?;
    Ok(folder)
}

/// 48 random hexadecimal digits, for a key that lives as long as this demo.
fn random_digits() -> Result<String, Failure> {
    let source = Path::new("/dev/urandom");
    let mut random = [0_u8; 24];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut random))
        .map_err(|error| Failure::file("read", source, &error))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
