//! Plain HTTP on loopback.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A client with a connection pool, as in a browser.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer that was read completely.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The error of a call without a complete answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost;

impl Net {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// The head of an answer; its body is read later.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Incoming>, Lost> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|_| Lost)?;
        self.client.request(request).await.map_err(|_| Lost)
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Lost> {
        let (head, body) = self.send(method, url, headers, body).await?.into_parts();
        let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Answer, Lost> {
        self.call(Method::GET, url, &[], Bytes::new()).await
    }

    /// Posts JSON without credentials, as the sandbox's own API requires.
    pub(crate) async fn post_json(
        &self,
        url: &str,
        body: &serde_json::Value,
    ) -> Result<Answer, Lost> {
        let json = [("content-type", "application/json")];
        self.call(Method::POST, url, &json, Bytes::from(body.to_string())).await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// True if the media type is this one, with any parameters.
pub(crate) fn has_type(headers: &HeaderMap, media_type: &str) -> bool {
    checkout::has_media_type(header(headers, "content-type"), media_type)
}
