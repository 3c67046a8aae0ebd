//! Starts a payment.

use std::net::IpAddr;

use contract::{PaymentStatus, StartPayment, Timestamp};

use super::Backend;
use super::execute::{Execution, Stored};
use crate::address;
use crate::db::idempotency::{self, Known, Request};
use crate::db::payments::{self, PaymentRow};
use crate::db::sessions::SessionRow;
use crate::error::Error;
use crate::keys::{PAYMENT_PREFIX, new_id, new_out_trade_no};
use crate::limits::Limited;
use crate::rules::{self, Key, Procedure, Product, Request as Wanted, Step};

impl Backend {
    /// Starts a payment, or continues the one that `request` or the shopper already started.
    /// `client_ip` is the address of the shopper's browser.
    pub(crate) async fn start(
        &self,
        request: Request,
        body: StartPayment,
        client_ip: Option<IpAddr>,
    ) -> Result<(), Error> {
        let session_id = request.scope.clone();
        let _lock = self.locks.lock(&session_id).await?;
        let (known, active, count) = self.known_and_active(&request).await?;
        let session = self.session(&session_id).await?;
        let (key, payment) = match known {
            Known::OtherBody => (Key::OtherBody, active),
            Known::New => (Key::New, active),
            Known::Done(payment_id) => {
                (Key::Made, Some(self.payment_of(&session_id, &payment_id).await?))
            }
        };
        // A payment made with another product cannot be paid in the shopper's present environment:
        // it is closed like one of the other wallet. The same number cannot be ordered with another
        // product (gateways.md A3.2).
        let chosen = self.choose_product(&session, &body);
        let is_same_method = match (&payment, &chosen) {
            (Some(payment), Ok(product)) => payment.product == *product,
            _ => false,
        };
        let mut execution =
            Execution::of(&session_id, payment.as_ref().map(|payment| payment.id.as_str()));
        let stored = Stored { session, payment };
        let wanted = Wanted::Start { key, is_same_method };
        let progress = Procedure::begin(wanted, self.situation(&stored));
        if let Step::Refuse(refusal) = progress.step {
            return Err(refusal.into());
        }
        if key == Key::New {
            // An impossible start must not close the existing payment.
            let product = chosen?;
            if !is_same_method && count >= MAX_PAYMENTS_PER_SESSION {
                tracing::warn!(session.id = %session_id, "a session of {count} payments starts no more; open a new one for its order");
                return Err(Error::MethodUnavailable);
            }
            let return_url = self.check_return_url(&stored.session, body.return_url)?;
            let draft = self.draft(&stored.session, product, client_ip, return_url)?;
            execution = execution.with_draft(draft, request);
        }
        self.limits.take(Limited::Start, &session_id, self.clock.uptime())?;
        if progress.step != Step::Done {
            self.limits.take(Limited::Order, &session_id, self.clock.uptime())?;
        }
        self.execute(execution, stored, progress).await
    }

    async fn known_and_active(
        &self,
        request: &Request,
    ) -> Result<(Known, Option<PaymentRow>, u32), Error> {
        let request = request.clone();
        let found = self
            .db
            .read(move |connection| {
                let active = payments::active(connection, &request.scope)?;
                let count = payments::count(connection, &request.scope)?;
                Ok((idempotency::find(connection, &request)?, active, count))
            })
            .await?;
        Ok(found)
    }

    fn draft(
        &self,
        session: &SessionRow,
        product: Product,
        client_ip: Option<IpAddr>,
        return_url: Option<String>,
    ) -> Result<PaymentRow, Error> {
        let now = self.clock.now();
        let payment_method = product.method();
        let identity = self.gateways.identity(payment_method).ok_or(Error::MethodUnavailable)?;
        Ok(PaymentRow {
            id: new_id(PAYMENT_PREFIX)?,
            session_id: session.id.clone(),
            out_trade_no: new_out_trade_no()?,
            payment_method,
            product,
            amount: session.amount,
            identity: Some(identity.clone()),
            reference: Some(session.order_id.clone()),
            order_expires_at: order_expiry(session.expires_at, now),
            notify_url: format!(
                "{}/v1/notifications/{payment_method}",
                self.settings.notify_url_base
            ),
            return_url,
            payer_client_ip: client_ip.filter(|_| product == Product::H5).map(|ip| ip.to_string()),
            payer: None,
            status: PaymentStatus::Processing,
            failure_code: None,
            action: None,
            action_expires_at: None,
            transaction_id: None,
            paid_at: None,
            is_settled: false,
            is_close_wanted: false,
            checks: 0,
            created_at: now,
        })
    }

    fn choose_product(&self, session: &SessionRow, body: &StartPayment) -> Result<Product, Error> {
        let method = body.payment_method;
        if !session.payment_methods.contains(&method) || !self.gateways.is_configured(method) {
            return Err(Error::MethodUnavailable);
        }
        rules::product(method, body.environment, body.flow, self.gateways.products())
            .ok_or(Error::FlowUnavailable)
    }

    /// Checks that the return address is a page that may call us, or one that the merchant named.
    fn check_return_url(
        &self,
        session: &SessionRow,
        return_url: Option<String>,
    ) -> Result<Option<String>, Error> {
        let Some(url) = return_url else { return Ok(None) };
        let refuse =
            |reason: &str| Error::Parameter { name: "return_url", reason: reason.to_owned() };
        if url.len() > address::MAX_LENGTH {
            return Err(refuse(&format!("must be at most {} bytes long", address::MAX_LENGTH)));
        }
        if self.settings.is_app_return_url(&url) {
            return Ok(Some(url));
        }
        let origin = address::origin(&url).ok_or_else(|| {
            refuse(
                "must be an absolute http or https address, or one of server.allowed_return_urls",
            )
        })?;
        if self.is_return_origin(&origin, session.return_url.as_deref()) {
            Ok(Some(url))
        } else {
            Err(refuse(
                "leads to an origin that is neither in server.allowed_origins nor the session's own return_url",
            ))
        }
    }

    /// True if shoppers may be redirected to `origin`: it may call us, or is that of the session's
    /// own return URL or of the hosted page.
    pub(super) fn is_return_origin(&self, origin: &str, return_url: Option<&str>) -> bool {
        self.settings.allowed_origins.iter().any(|allowed| allowed == origin)
            || return_url.and_then(address::origin).as_deref() == Some(origin)
            || address::origin(&self.settings.public_url).as_deref() == Some(origin)
    }
}

/// More than a shopper needs; each is read with its session.
const MAX_PAYMENTS_PER_SESSION: u32 = 50;

/// Returns the time until which the gateway takes money: the session's end, but never less than the
/// minute that both gateways require, in whole seconds and never changed (gateways.md D row 19).
fn order_expiry(session_expires_at: Timestamp, now: Timestamp) -> Timestamp {
    let expiry = session_expires_at.max(now.plus_ms(61_000));
    Timestamp::from_unix_ms(expiry.unix_ms().div_euclid(1_000) * 1_000)
}
