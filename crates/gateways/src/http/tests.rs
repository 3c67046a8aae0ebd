//! The way out: proxies of the environment, and what never takes one.
//!
//! The environment belongs to the whole process, so each case runs this binary again with its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use http::Method;
use reqwest::Request;

use super::Transport;
use crate::test_server::{Reaction, Server};
use crate::{Gateway, GatewayError};

/// Names the address that the child process calls.
const ADDRESS: &str = "GATEWAYS_TEST_ADDRESS";
/// Nobody's: an address that is not asked for a name (RFC 5737), and does not answer.
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
            let _refused = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            if seen.send(text.lines().next().unwrap_or_default().to_owned()).is_err() {
                return;
            }
        }
    });
    (address, received)
}

/// Calls `address` in a process with these variables, and returns what it prints.
fn call(address: &str, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "http::tests::child", "--nocapture"]).env(ADDRESS, address);
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
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
    let transport = transport.with_timeout(Duration::from_millis(300));
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
    let said = call(REMOTE, &[("HTTPS_PROXY", &proxy), ("NO_PROXY", "192.0.2.0/24")]);
    assert!(!said.contains("answered"), "{said}");
    assert!(seen.try_recv().is_err(), "the proxy was asked");
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
