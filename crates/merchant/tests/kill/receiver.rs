//! The merchant's system that receives the webhooks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http_body_util::BodyExt as _;
use ring::hmac;
use tokio::net::TcpListener;

use crate::process::WEBHOOK_SECRET;

/// The accepted events by id; the ids are in the order of their first arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) bodies: BTreeMap<String, String>,
    pub(crate) order: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    taken: Arc<Mutex<Taken>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let receiver = Self { url, taken: Arc::default() };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub(crate) fn taken(&self) -> Taken {
        self.taken.lock().unwrap().clone()
    }
}

async fn take(State(receiver): State<Receiver>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return StatusCode::BAD_REQUEST };
    let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
    let header = |name: &str| head.headers[name].to_str().unwrap().to_owned();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let key = STANDARD.decode(WEBHOOK_SECRET.trim_start_matches("whsec_")).unwrap();
    let tag = STANDARD.decode(header("webhook-signature").trim_start_matches("v1,")).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    if hmac::verify(&key, format!("{id}.{timestamp}.{body}").as_bytes(), &tag).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let mut taken = receiver.taken.lock().unwrap();
    match taken.bodies.insert(id.clone(), body.clone()) {
        Some(before) => assert_eq!(before, body, "a repeated event is the same"),
        None => taken.order.push(id),
    }
    StatusCode::NO_CONTENT
}
