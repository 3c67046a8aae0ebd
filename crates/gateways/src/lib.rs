//! Alipay and WeChat Pay clients: sign, send, verify, decrypt.
//!
//! Signing, verifying and parsing are pure functions of their input, a time and a nonce;
//! only `http` touches a socket and only the two clients read the clock.
//! This crate does not depend on sessions or databases, and is usable alone.
//! "gateways.md A5" cites a section of `docs/gateways.md`, the reference of both platforms' rules.

pub mod alipay;
pub mod wechat_pay;

mod bill;
mod certificate;
mod china_time;
mod config_error;
mod downloads;
mod error;
mod gzip;
mod http;
mod keys;
mod money;
mod notification_error;
mod order;
mod outbound;
mod refund;
mod secret;
mod trade;
mod url_text;
mod zip;

#[cfg(test)]
mod published_test_vectors;
#[cfg(test)]
mod test_certificates;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod test_server;

pub use bill::{Bill, BillError, BillKind, BillLine, UnreadableRow};
pub use certificate::CertificateDates;
pub use config_error::{ConfigError, ConfigWarning};
pub use error::{AnswerKind, Gateway, GatewayError};
pub use money::{Fen, MoneyError};
pub use notification_error::{NotificationError, SignatureError};
pub use order::Order;
pub use outbound::{chain, tls_config};
pub use refund::{DepositBack, DepositBackState, Refund, RefundOrder, RefundState};
pub use secret::Secret;
pub use trade::{Trade, TradeState};
