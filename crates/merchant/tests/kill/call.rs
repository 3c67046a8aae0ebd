//! HTTP calls that return every failure as a value.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

pub(crate) async fn get(url: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    call(Method::GET, url, headers, String::new()).await
}

pub(crate) async fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> Option<Answer> {
    call(Method::POST, url, headers, body.to_string()).await
}

/// Returns `None` without a complete answer: the call may have been executed or not.
pub(crate) async fn call(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Option<Answer> {
    let mut request = Request::builder().method(method).uri(url);
    request = request.header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
    let exchange = async {
        let (head, body) = client.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status.as_u16(), body })
    };
    tokio::time::timeout(Duration::from_secs(15), exchange).await.ok().flatten()
}
