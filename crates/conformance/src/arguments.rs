//! The command line.

use std::path::PathBuf;

use clap::{ArgGroup, Parser};

/// Checks a backend against the merchant API of OpenCashier, rule by rule.
#[derive(Debug, Parser)]
#[command(name = "opencashier-conformance", version)]
#[command(group(ArgGroup::new("opening").required(true).args(["open_session", "secret_key"])))]
pub(crate) struct Arguments {
    /// The address under which the merchant API answers, `/v1` excluded.
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: String,
    /// A command that opens a session and prints its client secret, or JSON with `client_secret`.
    ///
    /// The command's environment has `ORDER_ID`, `AMOUNT` (an integer in fen), `DESCRIPTION` and
    /// `EXPIRES_IN_S`.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) open_session: Option<String>,
    /// The secret key of a backend that opens sessions by `POST /v1/checkout/sessions`.
    #[arg(long, value_name = "SK", env = "OPENCASHIER_SECRET_KEY", hide_env_values = true)]
    pub(crate) secret_key: Option<String>,
    /// The gateway sandbox that the backend calls: codes are paid there. Without it, or `--approve`,
    /// rules that need a payment are left out.
    #[arg(long, value_name = "URL")]
    pub(crate) sandbox: Option<String>,
    /// A command that pays a code. Its environment has `CODE` and `PAYMENT_METHOD`.
    #[arg(long, value_name = "COMMAND", conflicts_with = "sandbox")]
    pub(crate) approve: Option<String>,
    /// An origin that the backend allows to embed the widget.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,
    /// Includes the rules that take more than ten seconds: heartbeats and expiry.
    #[arg(long)]
    pub(crate) slow: bool,
    /// Writes the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Checks only the rules whose names begin with one of these; all of them if absent.
    #[arg(value_name = "RULE")]
    pub(crate) rules: Vec<String>,
}
