//! The check of pushes across instances: a shopper waits at every instance, one gets the
//! notification, and all must be told before the stream's heartbeat would tell them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use contract::{EVENT_SESSION_UPDATED, EventStreamParser, Session, SessionCreated, SessionStatus};
use http::Method;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::task::JoinSet;

use crate::backend::{Backend, SECRET_KEY};
use crate::error::RunError;
use crate::net::Answer;
use crate::world::World;

/// Prefix of the order numbers of this check; no other shopper comes to them.
pub(crate) const ORDER_PREFIX: &str = "push-";

/// The result of the check.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    /// Streams that were told in time.
    pub(crate) told: u32,
    /// The longest time between the first and the last push of one session.
    pub(crate) slowest: Duration,
    /// One text for each stream that was not told in time.
    pub(crate) differences: Vec<String>,
}

/// Pays sessions that wait at every instance; in the second half the instances have just lost their
/// connections to the database.
pub(crate) async fn check(world: &Arc<World>, backend: &Backend) -> Result<Pushes, RunError> {
    let instances: Vec<String> = backend.instances.iter().map(|it| it.url()).collect();
    let mut pushes = Pushes::default();
    for has_cut in [false, true] {
        let mut waiting = Vec::new();
        for number in 0..SESSIONS {
            let order_id = format!("{ORDER_PREFIX}{}-{has_cut}-{number}", world.seed);
            waiting.push(wait(world, &instances, &order_id).await?);
        }
        if has_cut {
            backend.cut_connections(1_000);
        }
        let mut paying = JoinSet::new();
        for waiting in waiting {
            paying.spawn(pay(Arc::clone(world), waiting));
        }
        while let Some(paid) = paying.join_next().await {
            let moments = paid.map_err(|error| RunError::new("a waiting task failed", error))??;
            pushes.add(has_cut, &moments);
        }
    }
    Ok(pushes)
}

impl Pushes {
    fn add(&mut self, has_cut: bool, moments: &[Option<Instant>]) {
        let first = moments.iter().flatten().min();
        for (instance, moment) in moments.iter().enumerate() {
            match (moment, first) {
                (Some(moment), Some(first)) if *moment - *first < TELL_TIMEOUT => {
                    self.told += 1;
                    self.slowest = self.slowest.max(*moment - *first);
                }
                _ => self.differences.push(format!(
                    "a shopper who waited at instance {instance} was not told in time that it is \
                     paid (connections cut before: {has_cut})"
                )),
            }
        }
    }
}

/// A session with a stream at every instance.
struct Waiting {
    code: String,
    streams: Vec<Incoming>,
}

/// Opens a session at one instance, starts its payment at the next, and waits at all.
async fn wait(world: &World, instances: &[String], order_id: &str) -> Result<Waiting, RunError> {
    let at = |turn: usize| instances.get(turn % instances.len().max(1)).map_or("", String::as_str);
    let body = json!({
        "order_id": order_id, "amount": { "value": 100, "currency": "CNY" }, "description": order_id,
    });
    let url = format!("{}/v1/checkout/sessions", at(0));
    let created: SessionCreated = read(post(world, &url, SECRET_KEY, order_id, &body).await?)?;
    let secret = created.client_secret.unwrap_or_default();
    let path = format!("/v1/checkout/sessions/{}", created.session.id);
    let body = json!({ "payment_method": "wechat_pay", "environment": "desktop" });
    let url = format!("{}{path}/payments", at(1));
    let started: serde_json::Value = read(post(world, &url, &secret, order_id, &body).await?)?;
    let code = started.pointer("/payment/next_action/data").and_then(serde_json::Value::as_str);
    let code = code.ok_or_else(|| RunError::plain(format!("no code to pay: {started}")))?;
    let mut streams = Vec::new();
    for instance in instances {
        let authorization = format!("Bearer {secret}");
        let headers = [("authorization", authorization.as_str()), ("accept", "text/event-stream")];
        let url = format!("{instance}{path}/events");
        let response = world.net.send(Method::GET, &url, &headers, Bytes::new()).await;
        let response =
            response.map_err(|_| RunError::plain(format!("{instance} streams no events")))?;
        streams.push(response.into_body());
    }
    Ok(Waiting { code: code.to_owned(), streams })
}

/// Pays, and returns the moment of the push on each stream; `None` if there was none in time.
async fn pay(world: Arc<World>, waiting: Waiting) -> Result<Vec<Option<Instant>>, RunError> {
    let mut telling = JoinSet::new();
    for (instance, stream) in waiting.streams.into_iter().enumerate() {
        let told =
            async move { (instance, tokio::time::timeout(WAIT_TIMEOUT, told(stream)).await) };
        telling.spawn(told);
    }
    crate::phone::pay(&world, &waiting.code, "waiting")
        .await
        .ok_or_else(|| RunError::plain("the wallet refuses to pay".to_owned()))?;
    let mut all = telling.join_all().await;
    all.sort_by_key(|(instance, _)| *instance);
    Ok(all.into_iter().map(|(_, told)| told.ok().flatten()).collect())
}

/// Returns when the stream has told that the session is complete; `None` if it ends before.
async fn told(mut stream: Incoming) -> Option<Instant> {
    let mut parser = EventStreamParser::default();
    while let Some(Ok(frame)) = stream.frame().await {
        let Ok(bytes) = frame.into_data() else { continue };
        let mut messages = parser.push(&bytes).ok()?.into_iter();
        let is_complete = messages.any(|message| {
            message.name == EVENT_SESSION_UPDATED
                && serde_json::from_str::<Session>(&message.data)
                    .is_ok_and(|session| session.status == SessionStatus::Complete)
        });
        if is_complete {
            return Some(Instant::now());
        }
    }
    None
}

/// Posts until the answer is a success or the fault of the call.
async fn post(
    world: &World,
    url: &str,
    key: &str,
    idempotency_key: &str,
    body: &serde_json::Value,
) -> Result<Answer, RunError> {
    let authorization = format!("Bearer {key}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", idempotency_key),
    ];
    let begun = Instant::now();
    loop {
        let body = Bytes::from(body.to_string());
        let answer = world.net.call(Method::POST, url, &headers, body).await;
        match answer {
            Ok(answer) if answer.status.is_success() => return Ok(answer),
            answer if begun.elapsed() > WAIT_TIMEOUT => {
                return Err(RunError::plain(format!("{url} answers {answer:?}")));
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, RunError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| RunError::new("an answer cannot be read", error))
}

/// Sessions of each half.
const SESSIONS: u32 = 10;
/// Limit of the time between the first and the last push of one session: half of the 15 seconds of
/// a heartbeat, which would send a missed state as well.
const TELL_TIMEOUT: Duration = Duration::from_millis(7_500);
const WAIT_TIMEOUT: Duration = Duration::from_secs(60);
