//! The backend under test: opening sessions, calls about them, paying codes.

use std::collections::BTreeMap;
use std::process::Stdio;

use contract::{
    Amount, BrowserCall, ClientSecret, CreateSession, Currency, PaymentMethod, SESSIONS_PATH,
    Session,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::arguments::Arguments;
use crate::failure::{Checked, Failure, broken};
use crate::http::{Answer, Call, client};

/// The amount of every order, in fen.
pub(crate) const AMOUNT_FEN: i64 = 1_280;
/// The life of a session, in seconds, unless a rule needs another.
pub(crate) const LIFE_S: u32 = 900;
/// The description of every order. A backend returns it unchanged: the page escapes it.
pub(crate) const DESCRIPTION: &str = "Conformance: longjing tea & \"quotes\" <b>";

/// A backend, and the commands that act as the merchant's server and the shopper's phone.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) client: Client,
    pub(crate) api_base: String,
    pub(crate) origin: Option<String>,
    pub(crate) is_slow_wanted: bool,
    open_session: Option<String>,
    secret_key: Option<String>,
    sandbox: Option<String>,
    approve: Option<String>,
}

/// A session that was opened for one rule.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Backend {
    /// Reads the command line.
    ///
    /// # Errors
    /// An address cannot be used, or TLS cannot be set up.
    pub(crate) fn new(arguments: Arguments) -> Result<Self, String> {
        let base = |url: &str| url.trim_end_matches('/').to_owned();
        let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        for (name, url) in [
            ("--api-base", Some(&arguments.api_base)),
            ("--sandbox", arguments.sandbox.as_ref()),
            ("--origin", arguments.origin.as_ref()),
        ] {
            if let Some(url) = url.filter(|url| !is_web(url)) {
                return Err(format!("{name} must begin with http:// or https://, not {url}"));
            }
        }
        Ok(Self {
            client: client(&arguments.api_base)?,
            api_base: base(&arguments.api_base),
            origin: arguments.origin.as_deref().map(base),
            is_slow_wanted: arguments.slow,
            open_session: arguments.open_session,
            secret_key: arguments.secret_key,
            sandbox: arguments.sandbox.as_deref().map(base),
            approve: arguments.approve,
        })
    }

    /// Opens and reads one session, without which no rule can be checked.
    ///
    /// # Errors
    /// Says what does not work, and what to look at.
    pub(crate) async fn probe(&self) -> Checked {
        let hint = |failure: Failure| {
            let v1 =
                if self.api_base.ends_with("/v1") { "; leave out /v1 of --api-base" } else { "" };
            broken(format!("no session can be opened and read: {failure}{v1}"))
        };
        let opened = self.open().await.map_err(hint)?;
        self.read(&opened).await.map(|_| ()).map_err(hint)
    }

    /// The secret key, for rules about the merchant's own calls.
    ///
    /// # Errors
    /// It was not given.
    pub(crate) fn secret_key(&self) -> Checked<&str> {
        let why = "is about the merchant's own calls: give --secret-key";
        self.secret_key.as_deref().ok_or_else(|| Failure::NotChecked(why.to_owned()))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api_base)
    }

    /// Opens a session of a new order.
    ///
    /// # Errors
    /// The command or the call failed, or gave no client secret.
    pub(crate) async fn open(&self) -> Checked<Opened> {
        self.open_for(LIFE_S).await
    }

    /// Opens a session with a life in seconds.
    ///
    /// # Errors
    /// As [`Backend::open`].
    pub(crate) async fn open_for(&self, life_s: u32) -> Checked<Opened> {
        let order_id = format!("conformance-{}", random_text()?);
        let secret = match (&self.open_session, &self.secret_key) {
            (Some(command), _) => open_by_command(command, &order_id, life_s).await?,
            (None, Some(key)) => self.open_by_call(key, order_id, life_s).await?,
            (None, None) => return Err(Failure::NotChecked("no way to open a session".to_owned())),
        };
        let id = ClientSecret::parse(&secret)
            .map_err(|error| broken(format!("the client secret cannot be used: {error}")))?
            .session_id()
            .to_owned();
        Ok(Opened { id, secret })
    }

    async fn open_by_call(&self, key: &str, order_id: String, life_s: u32) -> Checked<String> {
        // Of the contract's own type, so that this kit cannot drift from it.
        let body = CreateSession {
            order_id,
            amount: Amount { value: AMOUNT_FEN, currency: Currency::CNY },
            description: DESCRIPTION.to_owned(),
            payment_methods: None,
            expires_in_s: Some(life_s),
            return_url: None,
            metadata: BTreeMap::new(),
            embed: None,
        };
        let body = serde_json::to_value(&body).map_err(|error| broken(error.to_string()))?;
        let opened: Value = self.post_session(key, &random_text()?, &body).await?.read()?;
        let secret = opened.get("client_secret").and_then(Value::as_str);
        secret.map(str::to_owned).ok_or_else(|| broken("opening a session gives no client_secret"))
    }

    /// The call of the merchant's server that opens a session.
    pub(crate) async fn post_session(
        &self,
        secret_key: &str,
        key: &str,
        body: &Value,
    ) -> Checked<Answer> {
        let call = Call::new(Method::POST, self.url(SESSIONS_PATH)).bearer(secret_key);
        call.header(KEY_HEADER, key).json(body.to_string()).send(&self.client).await
    }

    /// A call of the browser about a session.
    pub(crate) fn call(&self, session: &Opened, call: BrowserCall<'_>) -> Call {
        let method = if call.method() == "POST" { Method::POST } else { Method::GET };
        Call::new(method, self.url(&call.path(&session.id))).bearer(&session.secret)
    }

    pub(crate) async fn read(&self, session: &Opened) -> Checked<Session> {
        self.call(session, BrowserCall::Read).send(&self.client).await?.read()
    }

    /// Starts a payment by a code on a desktop.
    pub(crate) async fn start(
        &self,
        session: &Opened,
        method: PaymentMethod,
        key: &str,
    ) -> Checked<Answer> {
        let body = json!({ "payment_method": method, "environment": "desktop", "flow": "qr_code" });
        self.start_with(session, key, &body).await
    }

    pub(crate) async fn start_with(
        &self,
        session: &Opened,
        key: &str,
        body: &Value,
    ) -> Checked<Answer> {
        let call = self.call(session, BrowserCall::Start).header(KEY_HEADER, key);
        call.json(body.to_string()).send(&self.client).await
    }

    /// Calls about a payment: refresh, check, cancel.
    pub(crate) async fn on_payment(
        &self,
        session: &Opened,
        call: BrowserCall<'_>,
    ) -> Checked<Answer> {
        self.call(session, call).json("{}").send(&self.client).await
    }

    /// Pays a code as the shopper's phone does.
    ///
    /// # Errors
    /// There is no way to pay, or it failed.
    pub(crate) async fn approve(&self, code: &str, method: PaymentMethod) -> Checked {
        if let Some(sandbox) = &self.sandbox {
            let body = json!({ "code": code, "wallet": method });
            let call = Call::new(Method::POST, format!("{sandbox}/sandbox/approve"));
            let answer = call.json(body.to_string()).send(&self.client).await?;
            return if answer.status < 300 {
                Ok(())
            } else {
                Err(broken(format!("the sandbox does not pay {code}: {}", answer.text())))
            };
        }
        let Some(command) = &self.approve else {
            let why = "needs a payment: give --sandbox or --approve";
            return Err(Failure::NotChecked(why.to_owned()));
        };
        let variables = [("CODE", code), ("PAYMENT_METHOD", method.as_str())];
        run("--approve", command, &variables).await.map(|_| ())
    }
}

/// [`contract::IDEMPOTENCY_KEY_HEADER`], in lower case as the HTTP client requires it.
pub(crate) const KEY_HEADER: &str = "idempotency-key";

/// Returns a random text.
///
/// # Errors
/// The system has no randomness.
pub(crate) fn random_text() -> Checked<String> {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::NotChecked(format!("no randomness: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn open_by_command(command: &str, order_id: &str, life_s: u32) -> Checked<String> {
    let (amount, life) = (AMOUNT_FEN.to_string(), life_s.to_string());
    let variables = [
        ("ORDER_ID", order_id),
        ("AMOUNT", &amount),
        ("DESCRIPTION", DESCRIPTION),
        ("EXPIRES_IN_S", &life),
    ];
    let output = run("--open-session", command, &variables).await?;
    let json: Option<Value> = serde_json::from_str(&output).ok();
    let member = json.as_ref().and_then(|json| json.get("client_secret")).and_then(Value::as_str);
    Ok(member.unwrap_or(output.trim()).to_owned())
}

/// Runs a shell command and returns what it printed.
async fn run(name: &str, command: &str, variables: &[(&str, &str)]) -> Checked<String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| Failure::NotChecked(format!("{name} cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(broken(format!("{name} failed ({}): {}", output.status, said.trim())))
}
