//! The program with its most verbose log.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use sandbox::{DesktopFlow, Running};

use merchant_test_support::stored::Database;

use crate::bench::{ORIGIN, SECRET_KEY};
use crate::forger::{folder, remove};

pub(crate) const SIGNING_KEY: &str = "signing-0123456789abcdef0123456789abcdef";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The running program and its output.
pub(crate) struct Process {
    pub(crate) base: String,
    pub(crate) database: Database,
    folder: PathBuf,
    child: Child,
    printed: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts the program and waits until it serves. `format` is `text` or `json`.
    pub(crate) async fn start(
        sandbox: &Running,
        flow: DesktopFlow,
        webhook_url: &str,
        (level, format): (&str, &str),
    ) -> Self {
        let folder = folder();
        let database = match Database::new() {
            Database::File(_) => Database::File(folder.join("merchant.db")),
            other => other,
        };
        let base = format!("http://127.0.0.1:{}", free_port());
        let own = format!(
            "[server]\nlisten = \"{}\"\npublic_url = \"{base}\"\nsecret_key = \"{SECRET_KEY}\"\n\
             allowed_origins = [\"{ORIGIN}\"]\nsigning_key = \"{SIGNING_KEY}\"\nmerchant_name = \"Tea\"\n\
             database = \"{}\"\n[webhooks]\nurl = \"{webhook_url}\"\nsecret = \"{WEBHOOK_SECRET}\"\n",
            base.trim_start_matches("http://"),
            database.setting()
        );
        std::fs::write(folder.join("merchant.toml"), own).unwrap();
        sandbox.keys.write_gateways_toml(&folder, &sandbox.base_url(), flow).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .arg("--config")
            .arg(folder.join("merchant.toml"))
            .arg("--config")
            .arg(folder.join("gateways.toml"))
            .env("OPENCASHIER_LOG", level)
            .env("OPENCASHIER_LOG_FORMAT", format)
            .env("RUST_BACKTRACE", "full")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        let readers = vec![
            collect(child.stdout.take().unwrap(), &printed),
            collect(child.stderr.take().unwrap(), &printed),
        ];
        let process = Self { base, database, folder, child, printed, readers };
        process.wait_for("merchant listening on").await;
        process
    }

    /// Waits until the output contains this text.
    pub(crate) async fn wait_for(&self, text: &str) {
        for _ in 0..1_000 {
            if self.printed.lock().unwrap().contains(text) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the output never contained {text}: {}", self.printed.lock().unwrap());
    }

    /// Stops the program with SIGTERM and returns all of its output.
    pub(crate) async fn end(mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        tokio::task::spawn_blocking(move || {
            assert!(self.child.wait().unwrap().success());
            for reader in self.readers.drain(..) {
                reader.join().unwrap();
            }
            remove(&self.folder);
            let printed = self.printed.lock().unwrap();
            printed.clone()
        })
        .await
        .unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(
    mut from: impl std::io::Read + Send + 'static,
    printed: &Arc<Mutex<String>>,
) -> JoinHandle<()> {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        let mut buffer = [0; 16_384];
        while let Ok(count @ 1..) = from.by_ref().read(&mut buffer) {
            printed.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
