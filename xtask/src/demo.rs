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
    let options = Options::parse(arguments)?;
    build::run(paths)?;
    servers::build(paths)?;
    let [storefront, merchant, sandbox] = free_ports(options.preferred)?;

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| Failure::new(format!("cannot catch Ctrl-C: {error}")))?;
    }
    let stopped = || stop.load(Ordering::Relaxed);

    let folder = private_folder(paths)?;
    let secret_key = format!("sk_demo_{}", random_digits()?);
    let shop = Shop { paths, folder: folder.clone(), storefront, merchant, sandbox, secret_key };
    let result = shop.open(&options.origins, &stopped).and_then(|mut servers| {
        println!(
            "\n  Shop at  {0}\n\n  The page links to the wallet phone, which scans and pays like a real one.\n  Every option and screen of the widget: {0}/playground/\n  Ctrl-C stops everything. Logs and database: {1}\n",
            shop.storefront_url(),
            folder.display()
        );
        shop.print_access(&options);
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
    secret_key: String,
}

impl Shop<'_> {
    /// Prints what a page and a server of one's own need, as lines for a shell.
    fn print_access(&self, options: &Options) {
        if !options.origins.is_empty() || options.is_key_printed {
            println!("  API={}        # api-base", self.merchant_url());
            println!("  SANDBOX={}    # the gateways", self.sandbox_url());
        }
        if options.is_key_printed {
            println!("  SECRET_KEY={}    # for a server, never in a page", self.secret_key);
        }
        for origin in &options.origins {
            println!("  Pages of {origin} may call.");
        }
    }

    fn open(&self, origins: &[String], stopped: &dyn Fn() -> bool) -> Result<Vec<Server>, Failure> {
        let bin = servers::bin_dir(self.paths);
        let log = |name: &str| self.folder.join(name).with_extension("log");
        let keys = self.folder.join("keys");
        let mut command = Command::new(bin.join("sandbox"));
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.sandbox));
        command.arg("--keys-dir").arg(&keys);
        command.args(["--merchant-name", MERCHANT_NAME]);
        let sandbox = Server::start("the sandbox", &mut command, log("sandbox"), stopped)?;

        let config = self.folder.join("merchant.toml");
        servers::write_config(
            &self.paths.root.join("xtask").join("merchant.toml"),
            &config,
            &[
                ("LISTEN", &format!("127.0.0.1:{}", self.merchant)),
                ("MERCHANT_URL", &self.merchant_url()),
                ("SHOP_URL", &self.storefront_url()),
                ("ORIGINS", &quoted(&self.storefront_url(), origins)),
                ("SECRET_KEY", &self.secret_key),
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
        command.env("STOREFRONT_SECRET_KEY", &self.secret_key);
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

/// The arguments of the command.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// The ports of storefront, merchant and sandbox if they are free.
    preferred: [u16; 3],
    /// Origins of other pages that may call the backend.
    origins: Vec<String>,
    is_key_printed: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let usage = || Failure::new(USAGE);
        let mut options =
            Self { preferred: [8000, 8001, 9443], origins: Vec::new(), is_key_printed: false };
        let mut arguments = arguments.iter();
        while let Some(option) = arguments.next() {
            match option.as_str() {
                "--print-key" => options.is_key_printed = true,
                "--origin" => {
                    let origin = arguments.next().filter(|origin| is_origin(origin));
                    options.origins.push(origin.ok_or_else(usage)?.clone());
                }
                "--port-base" => {
                    let base = arguments.next().and_then(|base| base.parse().ok());
                    let base = base.filter(|base| (1024..=65000).contains(base));
                    let base: u16 = base.ok_or_else(usage)?;
                    options.preferred = [base, base + 1, base + 2];
                }
                _ => return Err(usage()),
            }
        }
        Ok(options)
    }
}

/// True for a scheme, a host and maybe a port: `http://localhost:5173`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !host.is_empty() && host.bytes().all(|byte| is_plain(byte) || b".:-[]".contains(&byte))
    })
}

/// The origins as items of a TOML array.
fn quoted(shop: &str, others: &[String]) -> String {
    let all = std::iter::once(shop).chain(others.iter().map(String::as_str));
    all.map(|origin| format!("\"{origin}\"")).collect::<Vec<_>>().join(", ")
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

/// The shop's name at the gateways, as in merchant.toml.
const MERCHANT_NAME: &str = "清禾茶铺 Qinghe Tea";
const USAGE: &str = "usage: cargo xtask demo [--port-base N] [--origin ORIGIN]… [--print-key], \
                     N from 1024 to 65000, ORIGIN such as http://localhost:5173";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Option<Options> {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        Options::parse(&arguments).ok()
    }

    #[test]
    fn options_are_read_or_refused() {
        let options = |preferred, origins: &[&str], is_key_printed| {
            let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
            Some(Options { preferred, origins, is_key_printed })
        };
        assert_eq!(parse(&[]), options([8000, 8001, 9443], &[], false));
        let origins = ["http://localhost:5173", "https://shop.example"];
        assert_eq!(
            parse(&[
                "--origin",
                origins[0],
                "--print-key",
                "--port-base",
                "3000",
                "--origin",
                origins[1]
            ]),
            options([3000, 3001, 3002], &origins, true)
        );
        assert_eq!(
            quoted("http://127.0.0.1:8000", &["http://localhost:5173".to_owned()]),
            r#""http://127.0.0.1:8000", "http://localhost:5173""#
        );
        for wrong in [
            &["--port-base"][..],
            &["--port-base", "80"],
            &["--origin"],
            &["--origin", "localhost:5173"],
            &["--origin", "http://localhost:5173/"],
            &["--origin", "http://a\"]"],
            &["--key"],
        ] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
