//! Calls as a browser makes them, with completely read answers.

use std::net::IpAddr;
use std::time::Duration;

use checkout::PROBLEM_MEDIA_TYPE;
use contract::Problem;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};

use crate::failure::{Checked, broken, expect, expect_equal};

/// Limit of a call. Backends call a gateway meanwhile.
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_SHOWN_CHARACTERS: usize = 200;

/// Builds the client for a backend. Its authorities are those of the system.
///
/// # Errors
/// Says why TLS cannot be set up.
pub(crate) fn client(api_base: &str) -> Result<Client, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none());
    // A proxy would see the secrets of a backend on this machine, in plain http.
    let builder = if is_on_this_machine(api_base) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| error.to_string())
}

/// True if the address's host is this machine.
fn is_on_this_machine(api_base: &str) -> bool {
    let url = Url::parse(api_base).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

/// A request that is about to be sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: HeaderMap::new(), body: Vec::new() }
    }

    /// Adds a header; one that is invalid in HTTP is left out.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }

    pub(crate) fn bearer(self, secret: &str) -> Self {
        self.header("authorization", &format!("Bearer {secret}"))
    }

    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        let with_type = self.header("content-type", "application/json");
        Self { body: body.into(), ..with_type }
    }

    /// The request as `reqwest` sends it.
    pub(crate) fn request(self, client: &Client) -> reqwest::RequestBuilder {
        client.request(self.method, self.url).headers(self.headers).body(self.body)
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Errors
    /// There is no complete answer.
    pub(crate) async fn send(self, client: &Client) -> Checked<Answer> {
        let name = format!("{} {}", self.method, self.url);
        let lost = |error: reqwest::Error| broken(format!("{name} was not answered: {error}"));
        let answer = self.request(client).timeout(TIMEOUT).send().await.map_err(lost)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.map_err(lost)?.to_vec();
        Ok(Answer { name, status, headers, body })
    }
}

/// An answer that was read completely.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The request, for messages.
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header; empty if it is absent or no text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The media type, without parameters.
    pub(crate) fn media_type(&self) -> String {
        let whole = self.header(CONTENT_TYPE.as_str());
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The beginning of the body, for messages.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(MAX_SHOWN_CHARACTERS).collect()
    }

    /// Reads a success.
    ///
    /// # Errors
    /// It is a refusal, or its body is invalid.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Checked<T> {
        expect((200..300).contains(&self.status), || {
            format!("{} answers {}: {}", self.name, self.status, self.text())
        })?;
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        contract::read(&mut json)
            .map_err(|error| broken(format!("{} answers with a wrong body: {error}", self.name)))
    }

    /// Reads a refusal, which must be a complete problem document with this status.
    ///
    /// # Errors
    /// The fault of the document.
    pub(crate) fn problem(&self, status: u16) -> Checked<Problem> {
        let name = &self.name;
        expect(self.status == status, || {
            format!("{name} answers {}, must be {status}: {}", self.status, self.text())
        })?;
        let media_type = self.media_type();
        expect(media_type == PROBLEM_MEDIA_TYPE, || {
            format!(
                "{name}: the error's media type is {media_type:?}, must be application/problem+json"
            )
        })?;
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        let problem: Problem = contract::read(&mut json)
            .map_err(|error| broken(format!("{name}: the problem document is wrong: {error}")))?;
        expect_equal(&format!("{name}: `status` of the problem"), problem.status, status)?;
        expect(problem.error_type() != contract::ErrorType::Unknown, || {
            format!(
                "{name}: `type` is {:?}, must be urn:opencashier:problem: and an error type",
                problem.kind
            )
        })?;
        expect(!problem.code.is_empty() && !problem.request_id.is_empty(), || {
            format!("{name}: `code` and `request_id` of the problem must not be empty")
        })?;
        Ok(problem)
    }

    /// Reads a refusal with this status and code.
    ///
    /// # Errors
    /// As [`Answer::problem`], or it is another code.
    pub(crate) fn refusal(&self, status: u16, code: &str) -> Checked {
        let problem = self.problem(status)?;
        expect_equal(&format!("{}: `code` of the problem", self.name), problem.code.as_str(), code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_this_machine_are_called_without_a_proxy() {
        for local in ["http://127.0.0.1:8080/api", "http://LOCALHOST/api", "https://[::1]:8080"] {
            assert!(is_on_this_machine(local), "{local}");
        }
        for foreign in
            ["http://127.0.0.1.shop.example/", "http://localhost.shop.example", "not an address"]
        {
            assert!(!is_on_this_machine(foreign), "{foreign}");
        }
    }
}
