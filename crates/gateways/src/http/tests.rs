//! Outgoing connections: the proxies of the environment, and the calls that never use one.
//!
//! The environment belongs to the whole process, so each case runs this binary again with its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use http::Method;
use reqwest::Request;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Transport;
use crate::test_server::{Reaction, Server};
use crate::{Gateway, GatewayError};

/// Names the address that the child process calls.
const ADDRESS: &str = "GATEWAYS_TEST_ADDRESS";
/// Names its timeout in milliseconds, if it should not wait for an address that never answers.
const SHORT_TIMEOUT: &str = "GATEWAYS_TEST_SHORT_TIMEOUT_MS";
/// An address that needs no name lookup (RFC 5737) and never answers.
const REMOTE: &str = "https://192.0.2.1/v3/certificates";

/// A proxy that notes the first line of each request, and refuses it.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (seen, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let count = stream.read(&mut head).unwrap();
            let text = String::from_utf8_lossy(&head[..count]).into_owned();
            // Recorded before the answer, so that a caller with an answer finds it.
            if seen.send(text.lines().next().unwrap_or_default().to_owned()).is_err() {
                return;
            }
            let _refused = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (address, received)
}

/// Calls `address` in a process with these variables, and returns what it prints.
fn call(address: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http::tests::child", "--nocapture"]).env(ADDRESS, address);
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = child.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Does nothing unless another test starts it with an address.
#[tokio::test]
async fn child() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let transport = Transport::new(Gateway::WechatPay, "wechat_pay.base_url").unwrap();
    let short = std::env::var(SHORT_TIMEOUT).ok().map(|text| text.parse().unwrap());
    let transport = transport.with_timeout(Duration::from_millis(short.unwrap_or(60_000)));
    let request = Request::new(Method::GET, address.parse().unwrap());
    let said = match transport.send(request).await {
        Ok(reply) => format!("answered {}", reply.status),
        Err(GatewayError::Unreachable { cause, .. }) => format!("unreachable: {cause}"),
        Err(error) => format!("failed: {error}"),
    };
    writeln!(std::io::stdout(), "{said}").unwrap();
}

#[test]
fn b13_gateways_are_called_by_way_of_the_proxy_and_what_it_refuses_was_not_sent() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (proxy, seen) = proxy();
        let said = call(REMOTE, &[(variable, &proxy)]);
        assert!(said.contains("unreachable"), "{variable}: {said}");
        assert_eq!(seen.recv().unwrap(), "CONNECT 192.0.2.1:443 HTTP/1.1", "{variable}");
    }
}

#[test]
fn b13_hosts_of_no_proxy_are_called_directly() {
    let (proxy, seen) = proxy();
    let direct =
        [("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "192.0.2.0/24"), (SHORT_TIMEOUT, "300")];
    let said = call(REMOTE, &direct);
    assert!(!said.contains("answered"), "{said}");
    assert!(seen.try_recv().is_err(), "the proxy was asked");
}

/// A server with TLS on this machine, and the PEM of its certificate.
fn https_server() -> (String, String) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = own.cert.pem();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust the certificate disconnects here.
            if stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
                let _sent =
                    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
                let _flushed = stream.flush();
            }
        }
    });
    (address, pem)
}

#[test]
fn b13_a_configured_authority_is_trusted_and_another_gets_nothing() {
    let (address, pem) = https_server();
    let path = std::env::temp_dir().join(format!("gateways-{}.pem", std::process::id()));
    std::fs::write(&path, pem).unwrap();
    let said = call(&address, &[("SSL_CERT_FILE", path.to_str().unwrap())]);
    assert!(said.contains("answered 204"), "{said}");
    let said = call(&address, &[]);
    assert!(said.contains("unreachable") && said.contains("UnknownIssuer"), "{said}");
    std::fs::remove_file(path).unwrap();
}

/// Plain http is for this machine, and no proxy may see it.
#[test]
fn b13_this_machine_is_never_called_by_way_of_a_proxy() {
    let server =
        Server::start(|_| Reaction::Answer { status: 204, headers: Vec::new(), body: Vec::new() });
    let (proxy, seen) = proxy();
    let all = [("HTTP_PROXY", proxy.as_str()), ("ALL_PROXY", &proxy), ("HTTPS_PROXY", &proxy)];
    assert!(call(&server.url, &all).contains("answered 204"));
    assert!(seen.try_recv().is_err(), "the proxy was asked");
}
