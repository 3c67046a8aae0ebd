//! The backend as a separate process, which can be killed and started again.
//!
//! The process is this program with another first argument. It runs `merchant::App` as the merchant
//! program does, except that its clock follows the fast one. The real program has no such option,
//! and should have none.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use contract::Timestamp;
use merchant::{App, Config};
use payments::Product;
use sandbox::{DesktopFlow, Keys};

use crate::clock::Clock;
use crate::error::RunError;
use crate::receiver::WEBHOOK_SECRET;

/// The first argument of the program that makes it the backend.
pub const ROLE: &str = "backend";
/// The secret key of the merchant's own server.
pub(crate) const SECRET_KEY: &str = "sk_0123456789abcdef01234567";

/// The backend's process, files and address.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) folder: PathBuf,
    port: u16,
    process: Option<(Child, ChildStdin)>,
}

impl Backend {
    /// Takes a free port and writes the configuration into `folder`.
    pub(crate) fn prepare(
        folder: PathBuf,
        keys: &Keys,
        sandbox: &str,
        receiver: &str,
    ) -> Result<Self, RunError> {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
        let port = taken.map_err(|error| RunError::new("no port is free", error))?.port();
        let backend = Self { folder, port, process: None };
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{}\"\n\
             allowed_origins = [\"http://127.0.0.1:8080\"]\nsecret_key = \"{SECRET_KEY}\"\n\
             signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea & Co\"\n\
             database = \"{}\"\n\
             [webhooks]\nurl = \"{receiver}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
             [limits]\ncalls_per_minute = 0\nsessions_per_minute = 0\n",
            backend.address(),
            backend.database().display(),
        );
        // Removes the database of an earlier run, if there is one.
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", backend.database().display()));
        }
        fs::create_dir_all(&backend.folder)
            .and_then(|()| fs::write(backend.folder.join("merchant.toml"), text))
            .map_err(|error| RunError::new("the configuration cannot be written", error))?;
        keys.write_gateways_toml(&backend.folder, sandbox, DesktopFlow::PageFrame).map_err(
            |error| RunError::new("the gateways' configuration cannot be written", error),
        )?;
        Ok(backend)
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("chaos.db")
    }

    /// Starts it and waits until it listens. Blocks.
    pub(crate) fn start(&mut self, clock: &Clock) -> Result<(), RunError> {
        let program = own_program()?;
        let log = File::options().create(true).append(true).open(self.folder.join("backend.log"));
        let log =
            log.map_err(|error| RunError::new("the backend's log cannot be written", error))?;
        let mut child = Command::new(program)
            .arg(ROLE)
            .args(clock.arguments())
            .args([self.folder.join("merchant.toml"), self.folder.join("gateways.toml")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| RunError::new("the backend cannot be started", error))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|error| RunError::new("the backend's output cannot be read", error))?;
        }
        match child.stdin.take() {
            Some(stdin) if line.contains("listening") => {
                self.process = Some((child, stdin));
                Ok(())
            }
            _ => Err(RunError::plain(format!(
                "the backend does not listen; {}",
                self.last_log_lines()
            ))),
        }
    }

    /// Sends SIGKILL, so that the process cannot finish anything.
    pub(crate) fn kill(&mut self) -> Result<(), RunError> {
        let Some((mut child, _stdin)) = self.process.take() else { return Ok(()) };
        if let Ok(Some(status)) = child.try_wait() {
            let last = self.last_log_lines();
            return Err(RunError::plain(format!("the backend ended by itself ({status}); {last}")));
        }
        child
            .kill()
            .and_then(|()| child.wait())
            .map(|_| ())
            .map_err(|error| RunError::new("the backend cannot be killed", error))
    }

    fn last_log_lines(&self) -> String {
        let path = self.folder.join("backend.log");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let last: Vec<&str> = text.lines().rev().take(5).collect();
        format!("last of {}:\n{}", path.display(), last.join("\n"))
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // An error is ignored: the process may have ended already.
        let _ = self.kill();
    }
}

/// Returns the file of the running program, even if a newer build has replaced it since.
fn own_program() -> Result<PathBuf, RunError> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe()
        .map_err(|error| RunError::new("the file of this program is unknown", error))
}

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
    .await;
    Ok(())
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
