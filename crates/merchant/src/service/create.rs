//! Opens a session, for the merchant's own servers.

use std::collections::BTreeMap;

use contract::{ClientSecret, CreateSession, Currency, PaymentMethod, SessionStatus};

use super::Backend;
use super::execute::Execution;
use crate::address;
use crate::config::Orders;
use crate::db::idempotency::{self, Known, MERCHANT, Request};
use crate::db::sessions::{self, SessionRow};
use crate::error::Error;
use crate::keys::{new_id, sha256};
use crate::rules::{self, Open, OpenSession, OrderState, Procedure, Refusal, Request as Wanted};

/// The outcome of a request to open a session in the database.
enum Opened {
    Made,
    Known(Known),
    /// The open session of the order is the answer.
    Found(String),
    /// This session of the order must end first.
    Replace(String),
    Refused(Refusal),
}

impl Backend {
    /// Opens a session and returns its id. The same request returns the same session, and so does
    /// another request for an order that has an open session of the same amount.
    pub(crate) async fn create(&self, key: &str, body: &CreateSession) -> Result<String, Error> {
        let request = Request::new(MERCHANT, key, body);
        for _ in 0..MAX_REPLACEMENTS {
            let session = self.draft_session(body)?;
            let id = session.id.clone();
            match self.open_session(request.clone(), session).await? {
                Opened::Made => {
                    let amount = body.amount.value;
                    tracing::info!(session.id = %id, amount, "a session was opened");
                    return Ok(id);
                }
                Opened::Known(Known::Done(id)) | Opened::Found(id) => return Ok(id),
                Opened::Known(_) => return Err(Error::IdempotencyReused),
                Opened::Refused(refusal) => return Err(refusal.into()),
                Opened::Replace(id) => self.replace(&id).await?,
            }
        }
        // Another request for the order was faster each time.
        Err(Error::InProgress)
    }

    /// Returns the secret that opens a session, for the merchant's own servers.
    pub(crate) async fn client_secret(&self, session_id: &str) -> Result<ClientSecret, Error> {
        let session = self.session(session_id).await?;
        self.keys
            .stored_client_secret(session_id, &session.secret_hash)
            .ok_or(Error::ClientSecretLost)
    }

    /// Writes the session if its order may have one, in the transaction that decides it.
    async fn open_session(&self, request: Request, session: SessionRow) -> Result<Opened, Error> {
        let (now, keys) = (self.clock.now(), self.keys.clone());
        let opened = self.db.write(move |transaction| {
            let known = idempotency::find(transaction, &request)?;
            if known != Known::New {
                return Ok(Opened::Known(known));
            }
            let (is_paid, open) = sessions::of_order(transaction, &session)?;
            let order = OrderState {
                is_paid,
                open: open.as_ref().map(|open| OpenSession {
                    is_same_amount: open.amount == session.amount,
                    is_secret_known: keys
                        .stored_client_secret(&open.id, &open.secret_hash)
                        .is_some(),
                    left_ms: open.expires_at.since_ms(now),
                }),
            };
            Ok(match (rules::open(order), open) {
                (Open::Refuse(refusal), _) => Opened::Refused(refusal),
                (Open::Replace, Some(open)) => Opened::Replace(open.id),
                (Open::Return, Some(open)) => {
                    idempotency::remember(transaction, &request, &open.id, now)?;
                    Opened::Found(open.id)
                }
                (Open::Make | Open::Return | Open::Replace, _) => {
                    sessions::insert(transaction, &session)?;
                    idempotency::remember(transaction, &request, &session.id, now)?;
                    Opened::Made
                }
            })
        });
        Ok(opened.await?)
    }

    /// Ends the open session of an order that gets another one.
    async fn replace(&self, session_id: &str) -> Result<(), Error> {
        let _lock = self.locks.lock(session_id).await?;
        let active = self.active(session_id).await?.map(|payment| payment.id);
        let execution = Execution::of(session_id, active.as_deref());
        let stored = self.stored(&execution).await?;
        let progress = Procedure::begin(Wanted::Replace, self.situation(&stored));
        self.execute(execution, stored, progress).await
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
        if body.return_url.as_deref().is_some_and(|url| {
            address::origin(url).is_none() && !self.settings.is_app_return_url(url)
        }) {
            return Err(refuse(
                "return_url",
                "must be an absolute http or https address, or one of server.allowed_return_urls",
            ));
        }
        check_metadata(&body.metadata)?;
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
            one_per_order: self.settings.orders == Orders::OnePayment,
            metadata: body.metadata.clone(),
            created_at: now,
            expires_at: now.plus_ms(i64::from(expires_in_s) * 1_000),
        })
    }

    fn choose_methods(&self, asked: Option<&[PaymentMethod]>) -> Result<Vec<PaymentMethod>, Error> {
        let Some(asked) = asked else { return Ok(self.gateways.offered()) };
        let is_repeated = |(index, method)| asked.iter().take(index).any(|other| other == method);
        if asked.is_empty() || asked.iter().enumerate().any(is_repeated) {
            return Err(refuse("payment_methods", "must name each method once, and at least one"));
        }
        if asked.iter().any(|method| !self.gateways.is_configured(*method)) {
            return Err(refuse(
                "payment_methods",
                "names a method that is unknown or not configured",
            ));
        }
        Ok(asked.to_vec())
    }
}

fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), Error> {
    let is_good = metadata.len() <= 20
        && metadata.iter().all(|(name, text)| {
            (1..=40).contains(&name.chars().count())
                && text.chars().count() <= 500
                && !name.chars().chain(text.chars()).any(char::is_control)
        });
    if is_good {
        Ok(())
    } else {
        Err(refuse(
            "metadata",
            "must be at most 20 texts of 500 characters by names of 40, no control characters",
        ))
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
/// Sessions of an order that one request ends before it gives up.
const MAX_REPLACEMENTS: u32 = 3;
