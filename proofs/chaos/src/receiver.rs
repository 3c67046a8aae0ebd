//! The merchant's system that receives the webhooks, and fails during some periods.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{WebhookEvent, WebhookType};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use ring::hmac;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::dice::Dice;
use crate::error::RunError;
use crate::world::{Count, World};

/// The key that signs the webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The receiver and the events that it has accepted.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    speed: u64,
    behavior: Mutex<Behavior>,
    is_recovered: watch::Sender<bool>,
    received: Mutex<Received>,
}

/// The events that arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    /// Bodies by event id. An event counts if it was answered with a 2xx, or with an error after it
    /// was read.
    pub(crate) bodies: BTreeMap<String, String>,
    /// Invalid events: badly signed, or repeated with another body.
    pub(crate) errors: Vec<String>,
}

/// The behavior of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    Accepts,
    /// Answers 500, and the event is lost.
    Fails,
    /// Answers 500, although the event was accepted.
    FailsAfter,
    /// Answers 400 to refunds and failures, as a program without a branch for them does.
    Refuses,
    /// Answers 204, late by some milliseconds.
    Slow {
        ms: u64,
    },
    /// No answer.
    Hangs,
}

/// A period with one behavior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    behavior: Behavior,
    lasts_ms: u64,
}

impl Stretch {
    /// Returns the period with this ordinal.
    pub(crate) fn drawn(seed: u64, ordinal: u64) -> Self {
        let mut dice = Dice::new(&[seed, STRETCHES, ordinal]);
        let lasts_ms = dice.range(2_000, 20_000);
        let behaviors = [
            (46, Behavior::Accepts),
            (12, Behavior::Fails),
            (8, Behavior::FailsAfter),
            (10, Behavior::Refuses),
            (12, Behavior::Slow { ms: dice.range(500, 90_000) }),
            (12, Behavior::Hangs),
        ];
        Self { behavior: dice.pick(&behaviors).unwrap_or(Behavior::Accepts), lasts_ms }
    }
}

impl Behavior {
    /// Returns its name in the report.
    const fn name(self) -> &'static str {
        match self {
            Self::Accepts => "receiver well",
            Self::Fails => "receiver fails",
            Self::FailsAfter => "receiver fails after accepting",
            Self::Refuses => "receiver refuses some events",
            Self::Slow { .. } => "receiver slow",
            Self::Hangs => "receiver hangs",
        }
    }
}

impl Receiver {
    /// Listens on a free port of the loopback address.
    pub(crate) async fn start(speed: u64) -> Result<Arc<Self>, RunError> {
        let failed = |error| RunError::new("the receiver of webhooks cannot listen", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let url = format!("http://{}/hooks", listener.local_addr().map_err(failed)?);
        let receiver = Arc::new(Self {
            url,
            speed: speed.max(1),
            behavior: Mutex::new(Behavior::Accepts),
            is_recovered: watch::channel(false).0,
            received: Mutex::default(),
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&receiver));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    /// Applies one period after the other, until it is dropped.
    pub(crate) async fn change(self: Arc<Self>, world: Arc<World>) {
        for ordinal in 0.. {
            let stretch = Stretch::drawn(world.seed, ordinal);
            self.set(stretch.behavior);
            world.count(Count::Fault, stretch.behavior.name());
            world.clock.sleep(stretch.lasts_ms).await;
        }
    }

    /// Accepts everything from now on, and answers the waiting calls.
    pub(crate) fn recover(&self) {
        self.set(Behavior::Accepts);
        self.is_recovered.send_replace(true);
    }

    fn set(&self, behavior: Behavior) {
        *self.behavior.lock().unwrap_or_else(PoisonError::into_inner) = behavior;
    }

    fn behavior(&self) -> Behavior {
        *self.behavior.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, unless the receiver recovers first.
    async fn wait(&self, duration: Duration) {
        let mut is_recovered = self.is_recovered.subscribe();
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            _ = is_recovered.wait_for(|is_recovered| *is_recovered) => {}
        }
    }

    pub(crate) fn received(&self) -> Received {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Verifies an event and stores it.
    fn keep(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let mut received = self.lock();
        let body = String::from_utf8_lossy(body).into_owned();
        if !is_signed(headers, &body) {
            received.errors.push(format!("an event is not signed: {body}"));
            return StatusCode::UNAUTHORIZED;
        }
        let id = crate::net::header(headers, "webhook-id").unwrap_or_default().to_owned();
        let known = received.bodies.insert(id.clone(), body.clone());
        if known.is_some_and(|known| known != body) {
            received.errors.push(format!("{id} was repeated with another body: {body}"));
        }
        StatusCode::NO_CONTENT
    }
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return StatusCode::BAD_REQUEST };
    let body = body.to_bytes();
    let behavior = receiver.behavior();
    match behavior {
        Behavior::Fails => return StatusCode::INTERNAL_SERVER_ERROR,
        Behavior::Refuses if is_rare(&body) => return StatusCode::BAD_REQUEST,
        Behavior::Hangs => {
            receiver.wait(HANG).await;
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        Behavior::Slow { ms } => receiver.wait(Duration::from_millis(ms / receiver.speed)).await,
        Behavior::Accepts | Behavior::FailsAfter | Behavior::Refuses => {}
    }
    let status = receiver.keep(&head.headers, &body);
    if behavior == Behavior::FailsAfter { StatusCode::INTERNAL_SERVER_ERROR } else { status }
}

/// True for events that a simple receiver does not handle.
fn is_rare(body: &[u8]) -> bool {
    let event: Option<WebhookEvent<serde_json::Value>> = serde_json::from_slice(body).ok();
    let kind = event.map_or(WebhookType::Unknown, |event| event.kind);
    !matches!(kind, WebhookType::SessionCompleted | WebhookType::SessionExpired)
}

/// True if the signature is valid by Standard Webhooks.
fn is_signed(headers: &HeaderMap, body: &str) -> bool {
    let header = |name| crate::net::header(headers, name).unwrap_or_default();
    let key = STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).unwrap_or_default();
    let tag = STANDARD.decode(header("webhook-signature").trim_start_matches("v1,"));
    let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    tag.is_ok_and(|tag| hmac::verify(&key, signed.as_bytes(), &tag).is_ok())
}

/// Longer than the backend waits for an answer.
const HANG: Duration = Duration::from_secs(20);
/// Seed of these random numbers.
const STRETCHES: u64 = 9;
