//! Opening a session, for the merchant's own servers.

use contract::{CreateSession, Currency, PaymentMethod, SessionStatus};

use super::Cashier;
use crate::address;
use crate::db::idempotency::{self, Known, MERCHANT, Request};
use crate::db::sessions::{self, SessionRow};
use crate::error::Error;
use crate::keys::{new_id, sha256};

impl Cashier {
    /// Opens a session; the same request opens the same one. Answers its id.
    pub(crate) async fn create(&self, key: &str, body: &CreateSession) -> Result<String, Error> {
        let request = Request::new(MERCHANT, key, body);
        let session = self.draft_session(body)?;
        let (row, now) = (session.clone(), self.clock.now());
        let known = self
            .db
            .write(move |transaction| {
                let known = idempotency::find(transaction, &request)?;
                if known == Known::New {
                    sessions::insert(transaction, &row)?;
                    idempotency::remember(transaction, &request, &row.id, now)?;
                }
                Ok(known)
            })
            .await?;
        match known {
            Known::New => {
                tracing::info!(session.id = %session.id, amount = session.amount.value, "a session was opened");
                Ok(session.id)
            }
            Known::Done(session_id) => Ok(session_id),
            Known::OtherBody => Err(Error::IdempotencyReused),
        }
    }

    fn draft_session(&self, body: &CreateSession) -> Result<SessionRow, Error> {
        check_text("order_id", &body.order_id, 64)?;
        // gateways.md A3.1: the description is 127 characters at most; it is on the bill.
        check_text("description", &body.description, 127)?;
        if body.amount.currency != Currency::CNY {
            return Err(refuse("amount", "must be in CNY"));
        }
        if !(1..=MAX_FEN).contains(&body.amount.value) {
            return Err(refuse("amount", "must be 1 to 10000000000 fen"));
        }
        let expires_in_s = body.expires_in_s.unwrap_or(self.settings.session_default_expiry_s);
        if !crate::EXPIRY_RANGE_S.contains(&expires_in_s) {
            return Err(refuse("expires_in_s", "must be 60 to 604800"));
        }
        if body.return_url.as_deref().is_some_and(|url| address::origin(url).is_none()) {
            return Err(refuse("return_url", "must be an absolute http or https address"));
        }
        let payment_methods = self.choose_methods(body.payment_methods.as_deref())?;
        let id = new_id("cs_")?;
        let now = self.clock.now();
        Ok(SessionRow {
            secret_hash: sha256(self.keys.client_secret(&id).expose().as_bytes()).to_vec(),
            id,
            status: SessionStatus::Open,
            revision: 1,
            order_id: body.order_id.clone(),
            amount: body.amount,
            description: body.description.clone(),
            payment_methods,
            return_url: body.return_url.clone(),
            created_at: now,
            expires_at: now.plus_ms(i64::from(expires_in_s) * 1_000),
        })
    }

    fn choose_methods(&self, asked: Option<&[PaymentMethod]>) -> Result<Vec<PaymentMethod>, Error> {
        let Some(asked) = asked else { return Ok(self.wallets.offered()) };
        let is_repeated = |(index, method)| asked.iter().take(index).any(|other| other == method);
        if asked.is_empty() || asked.iter().enumerate().any(is_repeated) {
            return Err(refuse("payment_methods", "must name each method once, and at least one"));
        }
        if asked.iter().any(|method| !self.wallets.is_configured(*method)) {
            return Err(refuse(
                "payment_methods",
                "names a method that is unknown or not configured",
            ));
        }
        Ok(asked.to_vec())
    }
}

fn check_text(name: &'static str, text: &str, max: usize) -> Result<(), Error> {
    let is_good = (1..=max).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control);
    if is_good {
        Ok(())
    } else {
        Err(refuse(
            name,
            &format!("must be 1 to {max} characters, not blank, no control characters"),
        ))
    }
}

fn refuse(name: &'static str, reason: &str) -> Error {
    Error::Parameter { name, reason: reason.to_owned() }
}

/// Alipay's limit (gateways.md B5.1): 100,000,000.00 yuan.
const MAX_FEN: i64 = 10_000_000_000;
